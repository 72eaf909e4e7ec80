"""Elasticsearch for tests: one node on loopback with security on; `tests/service/install` fetches it once, by Maven.

The build has what an index needs; it has no percolator, no ILM, no data streams (see pom.xml for where it is from).
"""

import base64
import hashlib
import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import httpx

from tests.service.servers.server import NotRun, Server, free_port, give_away, without_root

VERSION = "9.4.3"
_SERVER_JAR_SHA256 = "dc16e94ec5b48015db1f92917f927409439c21571daf5c53ebd9f4d9cd0c47e7"
_HERE = Path(__file__).resolve().parent
_INSTALLED = _HERE.parents[2] / f".venv/elasticsearch-{VERSION}"
_USER = "admin"
_WHAT = "tests with Elasticsearch"

_SETTINGS = """\
cluster.name: test
node.name: test
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: 0
path.data: "{folder}/data"
path.logs: "{folder}/logs"
path.repo: ["{folder}/snapshots"]
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: true
"""
# One serial collector and one compiler: half the start-up time of the official flags.
_JVM = """\
-Xms1g
-Xmx1g
-XX:+UseSerialGC
-XX:-AlwaysPreTouch
-XX:TieredStopAtLevel=1
-XX:+ExitOnOutOfMemoryError
--add-modules=jdk.incubator.vector
-Djava.io.tmpdir={folder}/tmp
"""


class ElasticsearchServer(Server):
    """url: http://USER:PASSWORD@127.0.0.1:PORT, of a superuser, who makes users, roles and API keys."""

    name: ClassVar[str] = "Elasticsearch"
    variable: ClassVar[str] = "NIGHTLIGHT_TEST_ELASTICSEARCH_URL"
    refuses_root: ClassVar[bool] = True

    @property
    def address(self) -> str:
        """The URL without user and password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}:{parts.port}"

    @property
    def user(self) -> str:
        """The superuser, or "" where security is off."""
        return urlsplit(self.url).username or ""

    @property
    def password(self) -> str:
        """Of the superuser."""
        return urlsplit(self.url).password or ""

    def prepare(self) -> None:
        """Write the node's configuration."""
        self._jdk = find_jdk()
        if not _INSTALLED.exists():
            raise NotRun(_WHAT, f"there is no {_INSTALLED.name} in .venv", "tests/service/install")
        port, password = free_port(), secrets.token_hex(8)
        self.url = f"http://{_USER}:{password}@127.0.0.1:{port}"
        for name in ("config", "data", "logs", "snapshots", "tmp"):
            (self.folder / name).mkdir()
        config = self.folder / "config"
        shutil.copy(_INSTALLED / "config/log4j2.properties", config)
        (config / "elasticsearch.yml").write_text(_SETTINGS.format(port=port, folder=self.folder))
        (config / "jvm.options").write_text(_JVM.format(folder=self.folder))
        (config / "users").write_text(f"{_USER}:{hashed(password)}\n")
        (config / "users_roles").write_text(f"superuser:{_USER}\n")
        give_away(self.folder)

    def commands(self) -> list[list[str]]:
        """The launcher, as the official start script calls it; it starts the node and waits for it."""
        java = f"{self._jdk}/bin/java"
        places = {
            "PATH": os.defpath,
            "HOME": self.folder,
            "JAVA": java,
            "JAVA_TYPE": "ES_JAVA_HOME",
            "ES_HOME": _INSTALLED,
            "ES_PATH_CONF": self.folder / "config",
            "ES_TMPDIR": self.folder / "tmp",
            "ES_DISTRIBUTION_TYPE": "zip",
        }
        environment = [
            "env",
            "--ignore-environment",
            f"--chdir={_INSTALLED}",
            *(f"{name}={value}" for name, value in places.items()),
        ]
        flags = ["-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        launcher = ["-cp", f"{_INSTALLED}/lib/tools/server-launcher/*"]
        main = "org.elasticsearch.server.launcher.ServerLauncher"
        return [[*without_root(), *environment, java, *flags, *launcher, main]]

    def answers(self) -> bool:
        """The cluster has its shards."""
        try:
            health = httpx.get(
                f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=10s", timeout=20, trust_env=False
            )
        except httpx.TransportError:
            return False
        return health.status_code == 200


def hashed(password: str) -> str:
    """As the file realm stores it."""
    salt = os.urandom(32)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 10000, 32)
    return "{PBKDF2}10000$" + "$".join(base64.b64encode(part).decode() for part in (salt, key))


def find_jdk() -> Path:
    """A full JDK, 21 or newer: the server asks for a module that a plain JRE hasn't. Raises: NotRun."""
    named = [Path(os.environ[name]) for name in ("ES_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    for home in [*named, *sorted(Path("/usr/lib/jvm").glob("*"))]:
        release = home / "release"
        text = release.read_text() if release.is_file() and (home / "bin/java").exists() else ""
        version = re.search(r'^JAVA_VERSION="(\d+)', text, re.M)
        if version and int(version[1]) >= 21 and "jdk.jdi" in text:
            return home
    because = "there is no JDK 21 or newer under /usr/lib/jvm or in JAVA_HOME"
    raise NotRun(_WHAT, because, "apt-get install openjdk-21-jdk-headless, or a JDK from adoptium.net and JAVA_HOME")


def missing() -> list[str]:
    """What `install` and the server need and isn't there: maven, jdk (in this order)."""
    maven = [] if _INSTALLED.exists() or shutil.which("mvn") else ["maven"]
    try:
        find_jdk()
    except NotRun:
        return [*maven, "jdk"]
    return maven


def install() -> None:
    """Fetch the server into the project's .venv, once: 950 MB over the network, 160 MB kept."""
    if _INSTALLED.exists():
        return
    new = _INSTALLED.with_name("elasticsearch-new")
    shutil.rmtree(new, ignore_errors=True)
    maven = ["mvn", "-q", "-B", "-ntp", f"-Dmaven.repo.local={new}/repository", f"-Ddest={new}"]
    subprocess.run([*maven, "-f", str(_HERE / "pom.xml"), "process-resources"], check=True, stdout=sys.stderr)
    jar = new / f"elasticsearch/lib/elasticsearch-{VERSION}.jar"
    if hashlib.sha256(jar.read_bytes()).hexdigest() != _SERVER_JAR_SHA256:
        raise RuntimeError(f"{jar.name} isn't the file that was checked for this project; look at pom.xml")
    (new / "elasticsearch").rename(_INSTALLED)
    shutil.rmtree(new)


if __name__ == "__main__":
    if sys.argv[1:] == ["missing"]:
        sys.stdout.writelines(f"{name}\n" for name in missing())
    elif sys.argv[1:] == ["install"]:
        install()
