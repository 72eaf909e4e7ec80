"""Where a webhook may go: judged by the address at the other end, whatever name led there (pure)."""

import ipaddress
from urllib.parse import urlsplit

from pipeline.domain.delivery import Endpoint
from pipeline.errors import Refused

_METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")))
"""Where clouds hand credentials to their machines, besides 169.254.169.254, which is link-local."""


def check_peer(endpoint: Endpoint, address: str, own_machine: bool) -> None:
    """Go on only if events for this endpoint may be sent to this IP address.

    own_machine: the instance is a demo or a test, whose endpoints may be on this machine. Raises: Refused.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_loopback:
        if own_machine and is_this_machine(urlsplit(endpoint.url).hostname or ""):
            return
        raise Refused("The address leads to this machine, which only a demo may do (local_endpoints); correct it")
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip in _METADATA:
        raise Refused("The address leads where no case system is (link-local, metadata or multicast); correct it")
    if not ip.is_global and not endpoint.private_network:
        raise Refused("The address is private; if the case system is there, add the endpoint with --private-network")


def is_this_machine(host: str) -> bool:
    """Does the host, as it is written, mean this machine?"""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_address(host: str) -> bool:
    """Is the host an IP address and no name?"""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
