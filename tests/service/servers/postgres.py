"""PostgreSQL for tests: a cluster of its own, with a password, on loopback only."""

import secrets
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from tests.service.servers.server import Server, free_port, give_away, run, without_root

_USER = "nightlight"


class PostgresServer(Server):
    """url: postgresql://USER:PASSWORD@127.0.0.1:PORT/postgres, of a superuser."""

    name: ClassVar[str] = "PostgreSQL"
    variable: ClassVar[str] = "NIGHTLIGHT_TEST_POSTGRES_URL"
    package: ClassVar[str] = "postgresql"
    refuses_root: ClassVar[bool] = True

    def program(self, name: str) -> str:
        """Of the newest version installed; Debian keeps them out of PATH."""
        found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
        return str(found[-1]) if found else super().program(name)

    def prepare(self) -> None:
        """Make the cluster."""
        self._port, password = free_port(), secrets.token_hex(8)
        self.url = f"postgresql://{_USER}:{password}@127.0.0.1:{self._port}/postgres"
        (self.folder / "password").write_text(password)
        give_away(self.folder)
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        account = [f"--username={_USER}", "--pwfile=password"]
        run([*without_root(), self.program("initdb"), "--pgdata=data", *account, *options], self.folder)

    def commands(self) -> list[list[str]]:
        """The postmaster, as durable as in production: that costs the tests nothing that can be measured."""
        options = {"port": self._port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [[*without_root(), self.program("postgres"), "-D", "data", *words]]

    def answers(self) -> bool:
        """A connection is accepted."""
        try:
            with psycopg.connect(self.url, connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def new_database(self) -> str:
        """Make an empty database; gives its URL."""
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop_database(self, url: str) -> None:
        """Drop it, whoever is connected."""
        name = urlsplit(url).path.removeprefix("/")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
