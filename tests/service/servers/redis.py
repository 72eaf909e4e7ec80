"""Redis for tests. Every write is in the append-only file before it is answered, so a kill loses none."""

from typing import ClassVar
from urllib.parse import urlsplit

from redis import Redis, RedisError

from tests.service.servers.server import Server, free_port

_DATABASES = 1024


class RedisServer(Server):
    """url: redis://127.0.0.1:PORT."""

    name: ClassVar[str] = "Redis"
    variable: ClassVar[str] = "NIGHTLIGHT_TEST_REDIS_URL"
    package: ClassVar[str] = "redis-server"
    _used = 0

    def prepare(self) -> None:
        """Choose the port."""
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}"

    def commands(self) -> list[list[str]]:
        """One process."""
        options = {"port": self._port, "bind": "127.0.0.1", "databases": _DATABASES, "save": "", "appendonly": "yes"}
        return [
            [
                self.program("redis-server"),
                *(word for name, value in options.items() for word in (f"--{name}", str(value))),
            ]
        ]

    def answers(self) -> bool:
        """PONG."""
        try:
            with Redis.from_url(self.url) as client:
                return bool(client.ping())
        except RedisError:
            return False

    def new_database(self) -> str:
        """Gives the URL of a database that is empty; 0 is left alone."""
        for number in range(self._used + 1, _DATABASES):
            url = urlsplit(self.url)._replace(path=f"/{number}").geturl()
            with Redis.from_url(url) as client:
                if client.dbsize() == 0:
                    self._used = number
                    return url
        raise RuntimeError(f"{self.name} has no empty database left")

    def drop_database(self, url: str) -> None:
        """Empty it."""
        with Redis.from_url(url) as client:
            client.flushdb()
