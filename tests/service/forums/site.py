"""Runs a Django forum on loopback for a test: makes it in a folder, fills it, serves it until it is ended.

    python site.py machina|spirit FOLDER

Prints one line of JSON {port} when it answers. FOLDER gets the project, an SQLite database and expected.json.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

sys.path.insert(0, str(Path(__file__).resolve().parent))
import content
import machina_site
import spirit_site

SITES = {"machina": machina_site, "spirit": spirit_site}


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # the base class names it so
        """Say nothing: requests are no news in a test."""


def main(name: str, folder: Path) -> None:
    """Make the forum if it isn't there, then serve it."""
    site = SITES[name]
    settings: str = site.SETTINGS_MODULE
    new = not (folder / "expected.json").exists()
    if new:
        folder.mkdir(parents=True, exist_ok=True)
        site.make_project(folder)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    import django
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    django.setup()
    if new:
        call_command("migrate", verbosity=0)
        _fill(site.seed, folder)
    with make_server("127.0.0.1", 0, get_wsgi_application(), _Server, _Quiet) as server:
        print(json.dumps({"port": server.server_port}), flush=True)  # noqa: T201
        server.serve_forever()


def _fill(seed: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], folder: Path) -> None:
    newest = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    threads = seed(content.build(newest))
    facts = {"members": content.MEMBERS, "password": content.PASSWORD, "threads": threads}
    (folder / "expected.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve())
