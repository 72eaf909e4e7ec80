"""Workers reach a Redis that wants a password, over TLS; and nobody without the password or the right authority."""

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from redis import Redis, RedisError

from pipeline.adapters.celery_broker import CeleryBroker
from pipeline.errors import Unavailable
from pipeline.home import init_home
from tests.fakes.running import Running, until
from tests.service.servers.redis import RedisServer
from tests.service.servers.server import free_port

PASSWORD = "p/w @:"


class SecureRedis(RedisServer):
    """Redis behind TLS and a password. ca: its certificate, signed by itself."""

    variable = "NIGHTLIGHT_TEST_NONE"

    def prepare(self) -> None:
        """Choose the port, make the certificate."""
        self._port = free_port()
        self.url = f"rediss://127.0.0.1:{self._port}/1"
        self.ca = self.folder / "redis.pem"
        self.ca.write_bytes(certificate())

    def commands(self) -> list[list[str]]:
        """One process."""
        tls = {"port": 0, "tls-port": self._port, "tls-cert-file": self.ca, "tls-key-file": self.ca}
        options = tls | {"tls-auth-clients": "no", "requirepass": PASSWORD, "bind": "127.0.0.1", "save": ""}
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        return [[self.program("redis-server"), *words]]

    def client(self) -> Redis:
        """As its administrator."""
        return Redis("127.0.0.1", urlsplit(self.url).port or 0, 1, PASSWORD, ssl=True, ssl_ca_certs=str(self.ca))

    def answers(self) -> bool:
        """PONG."""
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False


def certificate() -> bytes:
    """Key and certificate of 127.0.0.1, PEM."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "redis for tests")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, None)
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + built.public_bytes(Encoding.PEM)


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[SecureRedis]:
    folder = tmp_path / "redis"
    folder.mkdir()
    server = SecureRedis(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_beat_and_worker_use_password_and_authority_and_name_no_password_when_redis_is_lost(
    tmp_path: Path, secure: SecureRedis
) -> None:
    home = tmp_path / "home"
    init_home(home)
    (home / "secrets/redis").write_text(PASSWORD)
    (home / "keys/redis.pem").write_bytes(secure.ca.read_bytes())
    settings = {"broker_password_file": "secrets/redis", "broker_ca_file": "keys/redis.pem"}
    with secure.client() as client, Running(home, secure.url, "beat", **settings) as beat:
        until(lambda: client.llen("nightlight.audit") > 0, beat)
        with Running(home, secure.url, "worker", "--queues", "audit", **settings) as worker:
            until(lambda: client.llen("nightlight.audit") == 0, beat, worker)
            secure.kill()
            until(lambda: has_said(beat, "beat.lost") and has_said(worker, "Connection"), beat, worker)
            assert (beat.end(), worker.end()) == (0, 0)
    said = "".join((*beat.said, *worker.said))
    assert not [password for password in (PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD)) if password in said]


def has_said(process: Running, words: str) -> bool:
    """Is it in its log?"""
    return any(words in line for line in process.said)


def test_a_wrong_password_or_authority_is_refused(secure: SecureRedis) -> None:
    assert "Redis" in CeleryBroker(secure.url, PASSWORD, secure.ca).check()
    with pytest.raises(Unavailable, match="AuthenticationError"):
        CeleryBroker(secure.url, "wrong", secure.ca).check()
    with pytest.raises(Unavailable, match="ConnectionError"):
        CeleryBroker(secure.url, PASSWORD).check()
