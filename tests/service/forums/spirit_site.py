"""A Spirit project and its content; imports Django late, when its settings are there.

The private board of the content is the list of private topics, seen by the first two members only.
"""

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import content

SETTINGS_MODULE = "board.settings.local"

_SETTINGS = """
from .base import *
import os
SECRET_KEY = "loopback-test-only"
DEBUG = False
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(BASE_DIR, "db.sqlite3")}}
CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "st_rate_limit")
}
ST_SITE_URL = "http://127.0.0.1/"
ST_TASK_MANAGER = None
ST_UPLOAD_FILE_ENABLED = False
ST_UPLOAD_IMAGE_ENABLED = False
ST_RATELIMIT_ENABLE = False
TIME_ZONE = "UTC"
USE_TZ = True
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
HAYSTACK_SIGNAL_PROCESSOR = "haystack.signals.BaseSignalProcessor"
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING_CONFIG = None
"""
_MAY_SEE_PRIVATE = content.MEMBERS[:2]


def make_project(folder: Path) -> None:
    """Start a project from Spirit's own template and write its settings."""
    import spirit

    template = Path(spirit.__file__).parent / "extra/project_template"
    start = [sys.executable, "-m", "django", "startproject", "--template", str(template), "board", str(folder)]
    subprocess.run(start, check=True)
    (folder / "board/settings/local.py").write_text(_SETTINGS, encoding="utf-8")


def seed(boards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fill the database; returns the ground truth of every thread."""
    from djconfig.models import Config
    from spirit.category.models import Category
    from spirit.core.conf import settings

    Config.objects.update_or_create(key="comments_per_page", defaults={"value": str(content.POSTS_PER_PAGE)})
    users = {name: _member(name, number) for number, name in enumerate(content.MEMBERS)}
    threads = []
    for board in boards:
        if board["private"]:
            category = Category.objects.get(pk=settings.ST_TOPIC_PRIVATE_CATEGORY_PK)
        else:
            category = Category.objects.create(title=board["name"], description="")
        threads += [_thread(board, category, thread, users) for thread in board["threads"]]
    return threads


def _member(name: str, number: int) -> Any:
    from django.contrib.auth import get_user_model

    people = get_user_model().objects
    user = people.create_user(username=name, email=f"u{number}@example.test", password=content.PASSWORD)
    user.st.is_verified = True
    user.st.save()
    return user


def _thread(board: dict[str, Any], category: Any, thread: dict[str, Any], users: dict[str, Any]) -> dict[str, Any]:
    from spirit.topic.models import Topic
    from spirit.topic.private.models import TopicPrivate

    times = [datetime.fromisoformat(post["time"]) for post in thread["posts"]]
    facts = {"last_active": times[-1], "comment_count": len(times)}
    starter = users[thread["posts"][0]["author"]]
    topic = Topic.objects.create(user=starter, category=category, title=thread["title"], date=times[0], **facts)
    for name in _MAY_SEE_PRIVATE if board["private"] else ():
        TopicPrivate.objects.create(user=users[name], topic=topic)
    posts = [content.truth(post, _comment(topic, post, users)) for post in thread["posts"]]
    Topic.objects.filter(pk=topic.pk).update(**facts)
    return {
        "id": str(topic.pk),
        "url": topic.get_absolute_url(),
        "title": thread["title"],
        "board": board["name"],
        "board_id": str(category.pk),
        "private": board["private"],
        "posts": posts,
    }


def _comment(topic: Any, post: dict[str, Any], users: dict[str, Any]) -> int:
    from spirit.comment.forms import CommentForm
    from spirit.comment.models import Comment

    form = CommentForm(user=users[post["author"]], topic=topic, data={"comment": content.markdown(post)})
    if not form.is_valid():
        raise ValueError(form.errors)
    comment = form.save()
    at = datetime.fromisoformat(post["time"])
    Comment.objects.filter(pk=comment.pk).update(date=at, modified_count=int(post["edited"]))
    return int(comment.pk)
