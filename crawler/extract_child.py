"""The extraction child: reads pages in a process that may be killed, under limits of memory and CPU.

Speaks frames on stdin and stdout: four bytes of length, big-endian, then the content. A request is a frame of JSON
{url, content_type, captured_at, engine, timezone} and a frame of the page's bytes; the answer is a frame of JSON,
{"page": …} or {"error": "misconfigured" | "corrupt", "reason": …}. Ends when stdin does.
"""

import json
import os
import resource
import struct
import sys
from datetime import datetime
from typing import Any, BinaryIO

from crawler.engines.engine import Context
from crawler.errors import Misconfigured
from crawler.page_json import to_wire
from crawler.reading import read_page

LENGTH = struct.Struct(">I")
MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 10


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    while True:
        asked = _frame(requests)
        body = _frame(requests)
        if asked is None or body is None:
            return
        _allow_cpu()
        answer = json.dumps(_answer(json.loads(asked), body)).encode("ascii")
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _frame(requests: BinaryIO) -> bytes | None:
    head = requests.read(LENGTH.size)
    return requests.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _answer(asked: dict[str, str], body: bytes) -> dict[str, Any]:
    ctx = Context(asked["url"], datetime.fromisoformat(asked["captured_at"]), timezone=asked["timezone"])
    try:
        return {"page": to_wire(read_page(body, asked["content_type"], ctx, asked["engine"]))}
    except Misconfigured as error:
        return {"error": "misconfigured", "reason": str(error)}
    except MemoryError:
        os._exit(1)  # no state can be trusted; the parent starts another child
    except Exception as error:  # the error's text may hold the page's: only its class leaves here
        return {"error": "corrupt", "reason": type(error).__name__}


def _allow_cpu() -> None:
    """CPU_SECONDS more for the next page; the kernel ends a process that takes longer."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    ceiling = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, ceiling))


def main() -> None:
    """Run on stdin and stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
