"""Where webhooks may go."""

import pytest

from pipeline.domain.delivery import Endpoint
from pipeline.domain.peers import check_peer
from pipeline.errors import Refused

NAMED = "https://cases.example/hook"


def allowed(address: str, url: str = NAMED, private: bool = False, own_machine: bool = False) -> bool:
    try:
        check_peer(Endpoint("e", "E", url, "s", private_network=private), address, own_machine)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1"]
)
def test_private_addresses_are_for_endpoints_that_were_added_as_private(address: str) -> None:
    assert not allowed(address)
    assert allowed(address, private=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public_addresses_are_for_every_endpoint(address: str) -> None:
    assert allowed(address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",
        "::",
        "224.0.0.1",
    ],
)
def test_where_no_case_system_is_nothing_goes(address: str) -> None:
    assert not allowed(address, private=True, own_machine=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.9.9.9"])
def test_this_machine_is_for_demos_and_only_where_the_endpoint_names_it(address: str) -> None:
    assert not allowed(address, private=True, own_machine=True)
    assert not allowed(address, "http://127.0.0.1/hook", private=True)
    assert allowed(address, "http://127.0.0.1/hook", own_machine=True)
    assert allowed(address, "http://localhost/hook", own_machine=True)
