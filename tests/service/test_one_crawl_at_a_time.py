"""Whoever starts it: a source is never crawled twice at the same time."""

import fcntl
import subprocess
import sys
import time
from pathlib import Path

from pipeline.demo.forum import DemoForum
from pipeline.demo.run import SOURCE, furnish
from pipeline.domain.signing import new_secret


def test_a_crawl_waits_for_another_of_the_same_source(tmp_path: Path) -> None:
    forum = DemoForum()
    app = furnish(tmp_path, forum.start(), "http://127.0.0.1:9/hook", new_secret())
    command = [sys.executable, "-m", "pipeline.crawl_job", SOURCE, "--home", str(tmp_path)]
    try:
        with (tmp_path / f"crawl-{SOURCE}.lock").open("w") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            assert child.stderr
            said = b""
            while b"waits for its end" not in said:
                line = child.stderr.readline()
                assert line, "it ended instead of waiting"
                said += line
            time.sleep(1)
            assert child.poll() is None
            assert forum.counts().pages == 0
        assert child.wait(120) == 0
        assert forum.counts().pages > 0
    finally:
        app.close()
        forum.stop()
