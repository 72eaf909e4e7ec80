"""Column types that are alike in every database: what is stored, compared and sorted doesn't hang on which it is."""

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, TypeDecorator
from sqlalchemy import Integer as PlainInteger
from sqlalchemy import Text as PlainText
from sqlalchemy.types import TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL (PostgreSQL) and lone surrogates (no UTF-8) can be in no text column."""

Integer = BigInteger().with_variant(PlainInteger(), "sqlite")
"""64 bits; SQLite's INTEGER has them too, and only such a column counts by itself there."""


class Instant(TypeDecorator[datetime]):
    """An aware time as whole microseconds since 1970 UTC, exact and sortable. Raises: ValueError for a naive one."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times in the record are aware; give it a time zone")
        return (value - _EPOCH) // _TICK

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else _EPOCH + value * _TICK


class Text(TypeDecorator[str]):
    """Any text, stored and sought as `storable`; sorted by code point, whatever the server's locale is."""

    impl = PlainText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """SQLite sorts so by itself."""
        return PlainText(collation="C") if dialect.name == "postgresql" else PlainText()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text with what no database takes shown as U+FFFD; as long as before."""
    return _UNSTORABLE.sub("�", text)
