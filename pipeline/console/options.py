"""What the console is told when it is made."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from crawler.mandate import Officer
from pipeline.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """How the console is reached and whose mandates it believes.

    base_url: address people use, without a slash at the end. allowed_hosts: names or addresses, no ports.
    secure_cookies: reached over TLS; without it the console listens and answers on loopback only.
    Raises: Misconfigured for plain cookies on a name or address that isn't this machine's.
    """

    base_url: str
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    secure_cookies: bool = False
    listens_on: str = "127.0.0.1"
    officers: Mapping[str, Officer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        outside = [host for host in (self.listens_on, *self.allowed_hosts) if not _is_this_machine(host)]
        if outside and not self.secure_cookies:
            raise Misconfigured(
                f"The console would answer to {outside[0]!r} without TLS; set secure_cookies and put TLS in front of it"
            )

    @property
    def cookie(self) -> str:
        """Name of the session cookie; `__Host-` ties it to this host, path / and TLS (RFC 6265bis)."""
        return "__Host-nightlight" if self.secure_cookies else "nightlight"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
