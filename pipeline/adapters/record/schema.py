"""Bring the schema of the record up to date. Alembic is slow to load, so only when there is something to do."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from pipeline.errors import Misconfigured

_MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = max(file.stem.split("_")[0] for file in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
"""The newest revision; their files are numbered."""


def is_current(connection: Connection) -> bool:
    """Is the database at the newest revision?"""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD)


def move(connection: Connection, revision: str) -> None:
    """Run the migrations up to "head" or back to "base" in the transaction of this connection.

    Raises: Misconfigured when the record is newer than this program.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        (command.downgrade if revision == "base" else command.upgrade)(config, revision)
    except CommandError as error:
        raise Misconfigured(
            "The record was made by a newer Nightlight; use that version, or restore a backup of this one's"
        ) from error
