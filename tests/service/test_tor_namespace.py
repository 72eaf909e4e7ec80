"""For an onion source nothing leaves but to the SOCKS port: no other connection, no datagram, no name looked up."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.fakes.onion import ONION
from tests.fakes.socks import REMOTE_NAME
from tests.service.servers.server import PATH, NotRun
from tests.service.tor_namespace_probe import PLANTED_NAME, PLANTED_TCP, PLANTED_UDP, REDIRECTS

ROOT = Path(__file__).resolve().parents[2]
WHAT = "the network proof"
WAYS = (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"])


def in_a_namespace() -> list[str]:
    """A command prefix for a network namespace of its own, in which we may set up loopback. Raises: NotRun."""
    for program, package in (("unshare", "util-linux"), ("ip", "iproute2")):
        if not shutil.which(program, path=PATH):
            raise NotRun(WHAT, f"there is no program {program}", f"apt-get install {package}")
    for way in WAYS:
        if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
            return list(way)
    raise NotRun(WHAT, "the kernel gives no network namespace", "sysctl kernel.unprivileged_userns_clone=1")


def probed() -> dict[str, Any]:
    done = subprocess.run(
        [*in_a_namespace(), sys.executable, str(Path(__file__).with_name("tor_namespace_probe.py"))],
        env={**os.environ, "PATH": PATH, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_crawl_connects_to_the_socks_port_and_nowhere_else_and_looks_no_name_up() -> None:
    report = probed()
    packets = [(protocol, (host, port)) for protocol, host, port in report["packets"]]
    planted = packets.index(("tcp", PLANTED_TCP))
    assert ("udp", PLANTED_UDP) in packets[planted:], "the probe sees what goes elsewhere, whoever sends it"
    assert report["names"] == [PLANTED_NAME], "the probe sees a name that is looked up, and there was no other"
    assert set(packets[:planted]) == {("tcp", ("127.0.0.1", report["socks_port"]))}
    assert report["through_socks"] == [["forum", REMOTE_NAME, ONION, 80]]

    asked = report["asked"]
    assert planted == len(asked) + 1, "one of Tor's failures met a retry"
    assert asked[:4] == ["GET /robots.txt", "GET /login", "POST /login", "GET /"]
    assert asked.count("GET /viewforum.php?f=1") == 2, "the board's failure met a retry"
    threads = {f"GET /viewtopic.php?t={number}" for number in (*REDIRECTS, 7)} | {"GET /viewtopic.php?t=7&start=1"}
    assert sorted(asked[6:]) == sorted(threads), "a redirect within the source is followed; no icon, no sitemap"
    assert report["refused"] == len(REDIRECTS) - 1, "the others lead away"
