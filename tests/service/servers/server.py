"""What every test server has in common: a folder, a port, a keeper; started, killed and started again."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import ClassVar, Self

import pytest

PATH = os.environ["PATH"] + ":/usr/sbin"
_NOBODY = 65534
_START_WITHIN_S = 180


class NotRun(pytest.skip.Exception):
    """A test can't run, because something can't be had; named at the end of the run, and fails it where CI=true."""

    def __init__(self, what: str, because: str, get: str) -> None:
        super().__init__(f"not run: {what}, because {because}, get it by {get}")


class Server:
    """One server for the run.

    folder: where everything it writes goes; removed by `stop`. url: of a server that runs already and is used instead;
    it can't be killed.
    """

    name: ClassVar[str]
    variable: ClassVar[str]
    """The environment variable that holds the URL of a server that runs already."""
    package: ClassVar[str]
    """The Debian package with its programs."""
    refuses_root: ClassVar[bool] = False

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.external = bool(url)
        self.url = url
        self._keeper: subprocess.Popen[bytes] | None = None

    @classmethod
    def for_run(cls, make_folder: Callable[[str], Path]) -> Self:
        """One for this run, not started; where the environment names one that runs already, that one."""
        name = cls.name.lower()
        if cls.refuses_root and gives_files_away():  # the folders of a test run are closed to nobody
            folder = Path(tempfile.mkdtemp(prefix=f"nightlight-{name}-"))
        else:
            folder = make_folder(name)
        return cls(folder, os.environ.get(cls.variable, ""))

    def prepare(self) -> None:
        """Find the programs, lay out the folder, choose the port and set the URL. Raises: NotRun."""
        raise NotImplementedError

    def program(self, name: str) -> str:
        """Where a program is. Raises: NotRun."""
        found = shutil.which(name, path=PATH)
        if found is None:
            raise NotRun(f"tests with {self.name}", f"there is no program {name}", f"apt-get install {self.package}")
        return found

    def commands(self) -> list[list[str]]:
        """The command lines of its processes, which stay in the foreground."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Does it serve requests?"""
        raise NotImplementedError

    def start(self) -> None:
        """Start it, on the data it had before; returns when it answers. Raises: NotRun, RuntimeError."""
        if self.external:
            if not self.answers():
                raise RuntimeError(f"{self.variable} names a {self.name} that doesn't answer; start it or unset that")
            return
        if not self.url:
            self.prepare()
        if self._keeper is None:
            self._keeper = keep(self.folder, self.commands())
        wait_until(self.answers, f"{self.name} answers", self._check)

    def kill(self) -> None:
        """Kill -9 all its processes, keep the data; returns when they are gone."""
        if self.external:
            raise NotRun(f"killing {self.name}", f"{self.variable} names one that isn't ours", f"unset {self.variable}")
        if self._keeper is not None:
            self._keeper.terminate()
            self._ended(self._keeper)

    def stop(self) -> None:
        """End it and remove its folder."""
        if self._keeper is not None:
            assert self._keeper.stdin is not None
            self._keeper.stdin.close()
            self._ended(self._keeper)
        shutil.rmtree(self.folder, ignore_errors=True)

    def pids(self) -> list[int]:
        """Its processes, without the keeper."""
        return descendants(self._keeper.pid) if self._keeper else []

    def resident_mib(self) -> float:
        """Memory of all its processes, shared pages counted once (PSS), in MiB."""
        return sum(map(_pss_kib, self.pids())) / 1024

    def _ended(self, keeper: "subprocess.Popen[bytes]") -> None:
        keeper.wait(timeout=60)
        if keeper.stdin is not None:
            keeper.stdin.close()
        self._keeper = None

    def _check(self) -> None:
        if self._keeper is not None and self._keeper.poll() is not None:
            self._ended(self._keeper)
            log = (self.folder / "console.log").read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"{self.name} ended by itself:\n{log[-3000:]}")


def run(command: Sequence[str], folder: Path, said: str = "") -> str:
    """Run a program to its end in the folder, give its output. said: its input. Raises: RuntimeError."""
    ended = subprocess.run(command, cwd=folder, input=said, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
    return ended.stdout


def keep(folder: Path, commands: Sequence[Sequence[str]]) -> "subprocess.Popen[bytes]":
    """Start the commands under a keeper (see keeper.py), which ends with them, with its pipe, or with SIGTERM."""
    keeper = subprocess.Popen(
        [sys.executable, "-I", str(Path(__file__).with_name("keeper.py")), str(folder)],
        stdin=subprocess.PIPE,
        env={"PATH": PATH, "HOME": str(folder), "LANG": "C.UTF-8"},
        start_new_session=True,
    )
    assert keeper.stdin is not None
    keeper.stdin.write(json.dumps(commands).encode() + b"\n")
    keeper.stdin.flush()
    return keeper


def wait_until(holds: Callable[[], bool], what: str, check: Callable[[], None] = lambda: None) -> None:
    """Return when it holds. check: raises when there is no use in waiting on. Raises: TimeoutError after 180 s."""
    deadline = time.monotonic() + _START_WITHIN_S
    while not holds():
        check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {_START_WITHIN_S} s in vain until {what}")
        time.sleep(0.1)


def _pss_kib(pid: int) -> int:
    try:
        words = Path(f"/proc/{pid}/smaps_rollup").read_text().split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return 0
    return int(words[words.index("Pss:") + 1])


def descendants(pid: int) -> list[int]:
    """Children, their children, and so on; none of a process that has ended."""
    children: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += map(int, (task / "children").read_text().split())
    return [one for child in children for one in (child, *descendants(child))]


def free_port(count: int = 1) -> int:
    """The first of `count` free loopback ports in a row.

    They lie below the range from which the kernel gives ports to clients, so none is taken while a killed server is
    away from it.
    """
    while True:
        first = random.randrange(15000, 32000 - count)
        if all(is_free(port) for port in range(first, first + count)):
            return first


def is_free(port: int) -> bool:
    """Does nobody listen on this loopback port?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@cache
def without_root() -> list[str]:
    """A command prefix for servers that refuse root.

    In a user namespace root is called nobody and files keep their owner, so folders closed to others work; the
    namespace for shared memory leaves nothing behind after a kill. Where the kernel forbids namespaces, root becomes
    nobody for good.
    """
    root = os.getuid() == 0
    user, group = (_NOBODY, _NOBODY) if root else (os.getuid(), os.getgid())
    namespace = ["unshare", "--user", f"--map-user={user}", f"--map-group={group}", "--ipc", "--"]
    if (
        shutil.which("unshare")
        and subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode == 0
    ):
        return namespace
    return ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--"] if root else []


def gives_files_away() -> bool:
    """Must the folder of a server belong to nobody, and be reachable for it?"""
    return without_root()[:1] == ["setpriv"]


def give_away(folder: Path) -> None:
    """Make nobody the owner of all in the folder, where a server needs that."""
    if gives_files_away():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)
