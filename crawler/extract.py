"""Bytes of a page → what it says, read in a killable child."""

import asyncio
import contextlib
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.detect import AUTO
from crawler.errors import Corrupt, Misconfigured, TooSlow
from crawler.extract_child import LENGTH
from crawler.page_json import from_wire, to_report
from crawler.post import Page, Source

WALL_SECONDS = 10.0
_MAX_ANSWER = 64 * 1024 * 1024
_CODE_ROOT = Path(__file__).resolve().parents[1]


class Extractor:
    """Reads pages one after another in a child process; a page that takes too long or breaks it costs only itself.

    wall_seconds: how long one page may take.
    """

    def __init__(self, wall_seconds: float = WALL_SECONDS) -> None:
        self._wall_seconds = wall_seconds
        self._child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def extract(self, body: bytes, *, url: str, content_type: str, source: Source, captured_at: datetime) -> Page:
        """What the page says.

        Raises: Corrupt for a page that can't be read within the limits, TooSlow when it took too long;
            Misconfigured for an unknown engine or zone.
        """
        asked = {
            "url": url,
            "content_type": content_type,
            "captured_at": captured_at.isoformat(),
            "engine": source.engine,
            "timezone": source.timezone,
        }
        async with self._turn:
            answer = await self._answer(json.dumps(asked).encode("ascii"), body)
        return _page(answer, source.id, captured_at)

    async def close(self) -> None:
        """End the child."""
        async with self._turn:
            await self._kill()

    async def _answer(self, asked: bytes, body: bytes) -> bytes:
        """The child's answer; whatever goes wrong ends the child, so that no late answer meets the next page."""
        complete = False
        try:
            async with asyncio.timeout(self._wall_seconds):
                answer = await self._exchange(asked, body)
            complete = True
        except TimeoutError:
            raise TooSlow(f"Reading the page took longer than {self._wall_seconds:g} s; it was given up.") from None
        except (OSError, asyncio.IncompleteReadError):
            raise Corrupt("Reading the page ended the reader (memory or CPU limit); it was given up.") from None
        finally:
            if not complete:
                await self._kill()
        return answer

    async def _exchange(self, asked: bytes, body: bytes) -> bytes:
        child = self._child or await self._start()
        assert child.stdin is not None  # noqa: S101  # both are pipes
        assert child.stdout is not None  # noqa: S101
        child.stdin.write(LENGTH.pack(len(asked)) + asked + LENGTH.pack(len(body)) + body)
        await child.stdin.drain()
        (length,) = LENGTH.unpack(await child.stdout.readexactly(LENGTH.size))
        if length > _MAX_ANSWER:
            raise OSError(length)
        return await child.stdout.readexactly(length)

    async def _start(self) -> asyncio.subprocess.Process:
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "crawler.extract_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # its words could be the page's
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": str(_CODE_ROOT), "PATH": os.defpath},
            start_new_session=True,
        )
        return self._child

    async def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _page(answer: bytes, source_id: str, captured_at: datetime) -> Page:
    try:
        told: dict[str, Any] = json.loads(answer)
        if "page" in told:
            return from_wire(told["page"], source_id, captured_at)
        error, reason = told["error"], told["reason"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # its words could be the page's: no cause is kept
        raise Corrupt("The reader's answer makes no sense; the page was given up.") from None
    if error == "misconfigured":
        raise Misconfigured(reason)
    raise Corrupt(f"The page could not be read ({reason}).")


def extract_file(
    path: Path, url: str, captured_at: datetime, engine: str = AUTO, timezone: str = "UTC"
) -> dict[str, Any]:
    """One saved page as the JSON of `nightlight extract`, read in the child as a crawl would.

    Raises: OSError if the file can't be read; Corrupt and Misconfigured as Extractor.extract.
    """
    source = Source("file", path.name, url, mandate_id="", engine=engine, timezone=timezone)

    async def read() -> Page:
        extractor = Extractor()
        try:
            return await extractor.extract(
                path.read_bytes(), url=url, content_type="", source=source, captured_at=captured_at
            )
        finally:
            await extractor.close()

    return to_report(asyncio.run(read()))
