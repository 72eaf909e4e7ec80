"""A private Tor network on loopback, with v3 onion services before local servers: eight processes, nothing leaves.

The directory authorities are our own and every socket, outgoing ones too, is bound to 127.0.0.1: from there the kernel
reaches no other machine. What the SOCKS port shows: a connection by IP address is refused (SafeSocks); another SOCKS
user gets another circuit; failures have Tor's extended reply codes; `clearnet.test:PORT` leaves by an exit relay and
reaches 127.0.0.1:PORT.
"""

import re
import secrets
import signal
from os import kill
from pathlib import Path
from typing import ClassVar

import httpx
from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from python_socks.sync import Proxy

from tests.service.servers.server import Server, free_port, is_free, run, wait_until

_AUTHORITIES = ("authority0", "authority1", "authority2")
_RELAYS = ("relay0", "relay1", "relay2")
_REACHED = (1, 5)
"""Reply codes that come from the service itself: its local server doesn't listen."""

_COMMON = """\
TestingTorNetwork 1
DataDirectory {folder}
PidFile {folder}/pid
Log notice file {folder}/notice.log
Nickname {name}
Address 127.0.0.1
OutboundBindAddress 127.0.0.1
UseDefaultFallbackDirs 0
AssumeReachable 1
ServerDNSDetectHijacking 0
ServerDNSTestAddresses
ServerDNSResolvConfFile {root}/resolv.conf
ServerDNSAllowBrokenConfig 1
PathsNeededToBuildCircuits 0.25
TestingDirAuthVoteExit *
TestingDirAuthVoteGuard *
TestingDirAuthVoteHSDir *
TestingMinExitFlagThreshold 0
V3AuthNIntervalsValid 2
ShutdownWaitLength 0
MaxMemInQueues 256 MB
NumCPUs 1
"""
_RELAY = """\
SocksPort 0
ORPort 127.0.0.1:{port} IPv4Only
DirPort 127.0.0.1:{directory}
ExtendAllowPrivateAddresses 1
ExitPolicyRejectPrivate 0
"""
# A policy of loopback addresses alone would be summed up as "no exit".
_EXIT = "ExitRelay 1\nExitPolicy accept *:*\n"
# Without AuthDirMaxServersPerAddr 0 only four relays of one address are kept, and every third connection hangs.
_AUTHORITY = """\
ExitRelay 0
ExitPolicy reject *:*
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
ContactInfo none
TestingV3AuthInitialVotingInterval 10
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
V3AuthVotingInterval 10
V3AuthVoteDelay 2
V3AuthDistDelay 2
TestingAuthDirTimeToLearnReachability 0
AuthDirMaxServersPerAddr 0
"""
_CLIENT = """\
SocksPort 127.0.0.1:{socks} IsolateSOCKSAuth ExtendedErrors
SocksPolicy accept 127.0.0.1
SocksPolicy reject *
SafeSocks 1
ControlPort 127.0.0.1:{control}
CookieAuthentication 1
CookieAuthFile {root}/control.cookie
ClientRejectInternalAddresses 0
ClientDNSRejectInternalAddresses 0
MapAddress clearnet.test 127.0.0.1
"""
_SERVICE = """\
HiddenServiceDir {root}/services/{folder}
HiddenServicePort {onion_port} 127.0.0.1:{port}
"""


class TorNetwork(Server):
    """url: socks5h://127.0.0.1:PORT. control_port, cookie: of the client's control port."""

    name: ClassVar[str] = "Tor"
    variable: ClassVar[str] = ""
    package: ClassVar[str] = "tor"

    def prepare(self) -> None:
        """Make the authorities' keys and every node's configuration."""
        names = (*_AUTHORITIES, *_RELAYS)
        first = free_port(2 + 2 * len(names))
        self._socks, self.control_port = first, first + 1
        self.url = f"socks5h://127.0.0.1:{self._socks}"
        self.cookie = self.folder / "control.cookie"
        self._ports = {name: first + 2 + 2 * place for place, name in enumerate(names)}
        self._services: dict[tuple[int, int], str] = {}
        (self.folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        (self.folder / "services").mkdir(mode=0o700)
        self._trusted = "".join(self._authority(name) for name in _AUTHORITIES)
        for name in names:
            port = self._ports[name]
            self._configure(name, _RELAY.format(port=port, directory=port + 1), _role(name))
        self._configure("client", _CLIENT.format(socks=self._socks, control=self.control_port, root=self.folder))
        self._configure("onion", "SocksPort 0\n")

    def commands(self) -> list[list[str]]:
        """The relays at once; client and onion services when the consensus names every relay.

        A service that started earlier would publish its descriptor nowhere and try again an hour later.
        """
        waiting = ["sh", "-c", 'until [ -e settled ]; do sleep 0.1; done; exec "$@"', "sh"]
        early = [self._tor(name) for name in self._ports]
        return early + [[*waiting, *self._tor(name)] for name in ("client", "onion")]

    def answers(self) -> bool:
        """Does the consensus name every relay as an onion directory?"""
        url = f"http://127.0.0.1:{self._ports[_AUTHORITIES[0]] + 1}/tor/status-vote/current/consensus"
        try:
            consensus = httpx.get(url, timeout=5, trust_env=False).text
        except httpx.TransportError:
            return False
        return len(re.findall(r"^s .*\bHSDir\b", consensus, re.M)) == len(self._ports)

    def start(self) -> None:
        """Start the network; returns when every onion service it has can be reached."""
        settled = self.folder / "settled"
        settled.unlink(missing_ok=True)
        super().start()
        settled.touch()
        wait_until(lambda: not is_free(self._socks), "Tor's SOCKS port is open", self._check)
        for (_, onion_port), host in self._services.items():
            self._wait_for(host, onion_port)

    def onion(self, port: int, onion_port: int = 80) -> str:
        """The host name of an onion service before the local server on this port; it can be reached."""
        if (port, onion_port) not in self._services:
            wait_until((self.folder / "onion/pid").exists, "the tor process with the onion services runs")
            self._services[port, onion_port] = host = self._add_service(port, onion_port)
            self._wait_for(host, onion_port)
        return self._services[port, onion_port]

    def _add_service(self, port: int, onion_port: int) -> str:
        folder = f"{port}-{onion_port}"
        with (self.folder / "onion/torrc").open("a") as torrc:
            torrc.write(_SERVICE.format(root=self.folder, folder=folder, onion_port=onion_port, port=port))
        kill(int((self.folder / "onion/pid").read_text()), signal.SIGHUP)
        hostname = self.folder / "services" / folder / "hostname"
        wait_until(lambda: hostname.exists() and hostname.read_text().endswith("\n"), "tor made an onion address")
        return hostname.read_text().strip()

    def _wait_for(self, host: str, port: int) -> None:
        wait_until(lambda: self._reached(host, port), f"{host} can be reached", self._check)

    def _reached(self, host: str, port: int) -> bool:
        proxy = Proxy.from_url(f"socks5://{secrets.token_hex(6)}:x@127.0.0.1:{self._socks}", rdns=True)
        try:
            proxy.connect(host, port, timeout=15).close()
        except ProxyError as error:
            return error.error_code in _REACHED
        except (ProxyConnectionError, ProxyTimeoutError, OSError):
            return False
        return True

    def _tor(self, name: str) -> list[str]:
        torrc = str(self.folder / name / "torrc")
        return [self.program("tor"), "--quiet", "--defaults-torrc", "/dev/null", "-f", torrc]

    def _configure(self, name: str, *parts: str) -> None:
        folder = self.folder / name
        folder.mkdir(mode=0o700, exist_ok=True)
        common = _COMMON.format(folder=folder, name=name, root=self.folder)
        (folder / "torrc").write_text("".join((common, self._trusted, *parts)))

    def _authority(self, name: str) -> str:
        """Make its keys; gives the line by which the others trust it."""
        folder, port = self.folder / name, self._ports[name]
        keys = folder / "keys"
        keys.mkdir(parents=True, mode=0o700)
        folder.chmod(0o700)
        self._make_certificate(keys, port + 1)
        certificate = (keys / "authority_certificate").read_text()
        identity = re.search(r"^fingerprint ([0-9A-F]{40})", certificate, re.M)
        assert identity is not None
        line = f"orport={port} no-v2 v3ident={identity[1]} 127.0.0.1:{port + 1}"
        return f"DirAuthority {name} {line} {self._fingerprint(folder, name, line)}\n"

    def _make_certificate(self, keys: Path, directory_port: int) -> None:
        names = {"-i": "authority_identity_key", "-s": "authority_signing_key", "-c": "authority_certificate"}
        where = [word for pair in names.items() for word in pair]
        command = [self.program("tor-gencert"), "--create-identity-key", "--passphrase-fd", "0", "-m", "12"]
        run([*command, "-a", f"127.0.0.1:{directory_port}", *where], keys, said="loopback-test\n")

    def _fingerprint(self, folder: Path, name: str, line: str) -> str:
        """Let tor make the relay's own keys, and say their fingerprint, without going on the air."""
        options = {
            "--DataDirectory": str(folder),
            "--ORPort": f"127.0.0.1:{self._ports[name]}",
            "--SocksPort": "0",
            "--Nickname": name,
            "--DirAuthority": f"{name} {line} {'F' * 40}",
            "--TestingTorNetwork": "1",
            "--Address": "127.0.0.1",
            "--ContactInfo": "none",
        }
        command = [self.program("tor"), "--hush", "--ignore-missing-torrc", "-f", "/dev/null", "--list-fingerprint"]
        words = [word for pair in options.items() for word in pair]
        said = run([*command, *words], folder)
        return said.splitlines()[-1].split(maxsplit=1)[1].replace(" ", "")


def _role(name: str) -> str:
    return _AUTHORITY if name in _AUTHORITIES else _EXIT
