"""The record on PostgreSQL: writers take turns, commits are durable, and no error repeats a stored word.

docs/decisions/0008-writers-take-turns.md says why.
"""

from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, ExecutionContext, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from pipeline.adapters.record.database import BESIDE, BUSY, BUSY_S, NO_TABLES, Database
from pipeline.adapters.record.tables import assessments, pages, revisions, threads
from pipeline.errors import Misconfigured

OLDEST = 15
"""The oldest major version that the tests run on."""
_LOCK = int.from_bytes(b"night")
"""The advisory lock of those who write; PostgreSQL keeps its numbers apart by database."""
_TURN = "nightlight_turn"
_HUNG_S = 10
"""A writer that says nothing for so long has hung or lost its network; it is ended before others give up waiting."""
_WRITERS, _READERS, _MORE_READERS = 4, 4, 12
"""Connections of one process, at most: opened when needed."""
_CONNECT = {
    "application_name": "nightlight",
    "client_encoding": "UTF8",
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A server that vanished is noticed within half a minute; libpq's own defaults wait for hours."""
_IS_PRIVATE = """
    SELECT ssl OR inet_server_addr() IS NULL OR inet_client_addr() = inet_server_addr()
    FROM pg_stat_ssl WHERE pid = pg_backend_pid()
"""
"""Encrypted, or within this machine?"""
_MAKE_ANOTHER = "make one with: createdb --encoding=UTF8 --template=template0 NAME"
_GONE = "{where} doesn't answer; start PostgreSQL, or correct record_url"
_SIGN_IN = "{where} doesn't let us in; correct the user in record_url or the password in record_password_file"
_SENTENCES = {
    "08": _GONE,
    "25006": "{where} can't be written; let record_url name the primary server, not a copy of it",
    "25P03": BUSY,
    "28": _SIGN_IN,
    "3D000": f"{{where}} doesn't exist; {_MAKE_ANOTHER}",
    "40": BUSY,
    "42501": "{where} doesn't let us do that; make our user the owner of the database",
    "42P01": NO_TABLES,
    "53100": "The disk of {where} is full; free some space there, nothing that was accepted is lost",
    "53200": "{where} has no memory left; give its server more",
    "53300": "{where} has no connection left; raise max_connections or run fewer workers",
    "55P03": BUSY,
    "57014": BUSY,
    "57": "{where} is being started or stopped; try again",
    "58": "{where} has trouble with its disk; see the log of PostgreSQL",
    "TLS": "{where} can't be reached as its sslmode asks; see the certificates that record_url names",
    "XX": "{where} may be damaged; see the log of PostgreSQL, and restore it from your backup if it says so",
}
"""By SQLSTATE or its class: what is wrong and what to do."""
_CONNECTING = {
    "certificate": "TLS",
    "SSL": "TLS",
    "password": "28",
    'role "': "28",
    "pg_hba.conf": "28",
    "does not exist": "3D000",
    "too many clients": "53300",
    "connection slots": "53300",
    "starting up": "57",
    "shutting down": "57",
}
"""While we connect, libpq says only in words what is wrong; TLS is a state of our own."""


class PostgresDatabase(Database):
    """url: postgresql://USER@HOST:PORT/DATABASE, options of libpq after a question mark.

    password: empty leaves it to the URL and to libpq (PGPASSFILE, certificates, the user of a local socket).
    Raises: ModuleNotFoundError: psycopg is in the extra `servers`.
    """

    def __init__(self, url: str, password: str = "") -> None:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        parsed = parsed.set(password=password) if password else parsed
        super().__init__(_where(parsed), _writer(parsed), _reader(parsed))

    def check(self, connection: Connection) -> None:
        """A version that is tried, and UTF-8. Raises: Misconfigured."""
        version, encoding = _shown(connection, "server_version"), _shown(connection, "server_encoding")
        if int(version.split(".")[0]) < OLDEST:
            raise Misconfigured(f"PostgreSQL {version} is too old; use {OLDEST} or newer")
        if encoding != "UTF8":
            raise Misconfigured(f"{self.where} is encoded in {encoding}, which can't hold every text; {_MAKE_ANOTHER}")

    def health(self, connection: Connection) -> str:
        """Version and place. Raises: Misconfigured: commits don't reach the disk, or words cross a network in clear."""
        for name in ("fsync", "full_page_writes"):
            if _shown(connection, name) == "off":
                raise Misconfigured(f"{self.where} runs with {name} off: a power cut can destroy it; set {name} to on")
        if not connection.exec_driver_sql(_IS_PRIVATE).scalar_one():
            raise Misconfigured(
                f"The connection to {self.where} isn't encrypted; end record_url with ?sslmode=verify-full"
            )
        return f"version {_shown(connection, 'server_version')}, {self.where}"

    def _forget(self) -> None:
        """Let other rows take the room of erased ones; autovacuum would wait until a fifth of a table has changed."""
        with self.writing.connect().execution_options(isolation_level="AUTOCOMMIT", **{BESIDE: True}) as connection:
            for table in (revisions, assessments, threads, pages):
                connection.exec_driver_sql(f"VACUUM {table.name}")

    def _sentence(self, error: DBAPIError) -> str:
        trouble = isinstance(error, OperationalError | InterfaceError | InternalError)
        state = getattr(error.orig, "sqlstate", None) or (_connecting(str(error.orig)) if trouble else "")
        found = _SENTENCES.get(state) or _SENTENCES.get(state[:2])
        if found or not trouble:
            return found or ""
        return f"{{where}} can't be used now ({type(error.orig).__name__}); see the log of PostgreSQL"


def _shown(connection: Connection, setting: str) -> str:
    """A setting of the server, without what its packager added to it."""
    return str(connection.exec_driver_sql(f"SHOW {setting}").scalar_one()).split()[0]


def _connecting(said: str) -> str:
    return next((state for words, state in _CONNECTING.items() if words in said), "08")


def _where(url: URL) -> str:
    place = f"{url.host}:{url.port or 5432}" if url.host else "this machine"
    return f"PostgreSQL database {url.database} at {place}"


def _writer(url: URL) -> Engine:
    """READ COMMITTED, so that what follows the wait for our turn sees what was written before it."""
    engine = _engine(
        url,
        {
            "synchronous_commit": "on",
            "lock_timeout": f"{BUSY_S}s",
            "idle_in_transaction_session_timeout": f"{_HUNG_S}s",
        },
        isolation_level="READ COMMITTED",
        pool_size=_WRITERS,
        max_overflow=0,
    )

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.info[_TURN] = False

    @event.listens_for(engine, "before_cursor_execute")
    def on_execute(
        connection: Connection, _cursor: object, _sql: str, _values: object, context: ExecutionContext, _many: bool
    ) -> None:
        if not connection.info[_TURN] and not context.execution_options.get(BESIDE):
            connection.info[_TURN] = True
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    return engine


def _reader(url: URL) -> Engine:
    return _engine(
        url,
        {},
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
        pool_size=_READERS,
        max_overflow=_MORE_READERS - _READERS,
    )


def _engine(url: URL, session: dict[str, str], **more: Any) -> Engine:  # noqa: ANN401 - as create_engine's
    """session: settings of the server that hold for our connections, whatever its own are."""
    asked = " ".join(f"-c {name}={value}" for name, value in session.items())
    options = f"{url.query.get('options', '')} {asked}".strip()
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_timeout=BUSY_S,
        connect_args=_CONNECT | {"options": options},
        **more,
    )
    event.listen(engine, "handle_error", _keep_quiet)
    return engine


def _keep_quiet(context: ExceptionContext) -> None:
    """PostgreSQL's details repeat the row that was refused; keep only its first sentence."""
    diagnosis = getattr(context.original_exception, "diag", None)
    if diagnosis and diagnosis.message_primary and context.sqlalchemy_exception:
        context.original_exception.args = (diagnosis.message_primary,)
        context.sqlalchemy_exception.args = (diagnosis.message_primary,)
