"""Saves thread pages as machina and spirit render them, with what was written beside them: tests/data/engines.

    python -m tests.service.forums.save

Each page becomes <name>.html and <name>.json; the posts come from what the forum was filled with, not from an engine.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.service.forums.launch import Forum, start

DATA = Path(__file__).resolve().parents[2] / "data" / "engines"
SOFTWARE = {"machina": "django-machina 1.3.1", "spirit": "django-spirit 0.14.3"}
_PER_PAGE = 10
_THREADS = 4


def main() -> None:
    """Start each forum, save its first threads, end it."""
    for name in SOFTWARE:
        with TemporaryDirectory() as folder:
            forum = start(name, Path(folder))
            try:
                save(forum, DATA / name)
            finally:
                forum.stop()


def save(forum: Forum, folder: Path) -> None:
    """Every page of the forum's first public threads."""
    folder.mkdir(parents=True, exist_ok=True)
    public = [thread for thread in forum.expected["threads"] if not thread["private"]]
    with forum.client() as client:
        for thread in public[:_THREADS]:
            pages = -(-len(thread["posts"]) // _PER_PAGE)
            for page in range(1, pages + 1):
                answer = client.get(thread["url"], params={"page": page} if page > 1 else None)
                stem = folder / f"thread{thread['id']}_page{page}"
                stem.with_suffix(".html").write_bytes(answer.content)
                truth = _truth(forum.name, thread, page, pages, str(answer.url))
                text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
                stem.with_suffix(".json").write_text(text, encoding="utf-8")


def _truth(engine: str, thread: dict[str, Any], page: int, pages: int, url: str) -> dict[str, Any]:
    posts = thread["posts"][(page - 1) * _PER_PAGE : page * _PER_PAGE]
    return {
        "engine": engine,
        "software": f"{SOFTWARE[engine]}, rendered by the software itself",
        "url": url,
        "captured_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "kind": "thread",
        "thread": {"id": thread["id"], "title": thread["title"]},
        "page": page,
        "pages": pages,
        "posts": [_post(post) for post in posts],
    }


def _post(post: dict[str, Any]) -> dict[str, Any]:
    at = datetime.fromisoformat(post["time"]).astimezone(UTC).replace(second=0)
    return {
        "id": post["id"],
        "author": post["author"],
        "published_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "precision": "minute",
        "text": post["text"],
        "edited": post["edited"],
        "quotes": [{"author": quote["author"], "ref": "", "text": quote["text"]} for quote in post["quotes"]],
    }


if __name__ == "__main__":
    main()
