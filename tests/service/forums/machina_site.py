"""A django-machina project and its content; imports Django late, when its settings are there."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import content

SETTINGS_MODULE = "board_settings"

_SETTINGS = f"""
import os
from machina import MACHINA_MAIN_STATIC_DIR, MACHINA_MAIN_TEMPLATE_DIR
BASE_DIR = os.path.dirname(os.path.abspath(__file__))
SECRET_KEY = "loopback-test-only"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "board_urls"
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.messages", "django.contrib.staticfiles", "mptt", "haystack", "widget_tweaks", "machina",
    *("machina.apps." + app for app in (
        "forum", "forum_conversation", "forum_conversation.forum_attachments", "forum_conversation.forum_polls",
        "forum_feeds", "forum_moderation", "forum_search", "forum_tracking", "forum_member", "forum_permission")),
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "machina.apps.forum_permission.middleware.ForumPermissionMiddleware",
]
TEMPLATES = [{{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [os.path.join(BASE_DIR, "templates"), MACHINA_MAIN_TEMPLATE_DIR], "APP_DIRS": True,
    "OPTIONS": {{"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages", "django.template.context_processors.static",
        "machina.core.context_processors.metadata"]}},
}}]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(BASE_DIR, "db.sqlite3")}}}}
CACHES = {{
    name: {{"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}}
    for name in ("default", "machina_attachments")
}}
HAYSTACK_CONNECTIONS = {{"default": {{"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}}}
STATIC_URL = "/static/"
STATICFILES_DIRS = [MACHINA_MAIN_STATIC_DIR]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
TIME_ZONE = "UTC"
USE_TZ = True
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
MACHINA_FORUM_NAME = "Spokes"
MACHINA_TOPIC_POSTS_NUMBER_PER_PAGE = {content.POSTS_PER_PAGE}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""
_URLS = """
from django.contrib.auth import views
from django.urls import include, path
urlpatterns = [
    path("login/", views.LoginView.as_view(template_name="login.html"), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("", include("machina.urls")),
]
"""
_LOGIN = """<!DOCTYPE html><html><body><form method="post">{% csrf_token %}{{ form.as_p }}
<input type="hidden" name="next" value="{{ next }}"><button>Log in</button></form></body></html>"""


def make_project(folder: Path) -> None:
    """Write the project's files."""
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "board_settings.py").write_text(_SETTINGS, encoding="utf-8")
    (folder / "board_urls.py").write_text(_URLS, encoding="utf-8")
    (folder / "templates/login.html").write_text(_LOGIN, encoding="utf-8")


def seed(boards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fill the database; returns the ground truth of every thread."""
    from django.contrib.auth import get_user_model
    from machina.core.db.models import get_model

    people = get_user_model().objects
    users = {
        name: people.create_user(username=name, email=f"u{number}@example.test", password=content.PASSWORD)
        for number, name in enumerate(content.MEMBERS)
    }
    threads = []
    for board in boards:
        forum = _board(board)
        threads += [_thread(board, forum, thread, users) for thread in board["threads"]]
        get_model("forum", "Forum").objects.get(pk=forum.pk).update_trackers()
    return threads


def _board(board: dict[str, Any]) -> Any:
    from django.contrib.auth.models import AnonymousUser
    from machina.apps.forum_permission.shortcuts import ALL_AUTHENTICATED_USERS, assign_perm
    from machina.core.db.models import get_model

    model = get_model("forum", "Forum")
    forum = model.objects.create(name=board["name"], type=model.FORUM_POST)
    for permission in ("can_see_forum", "can_read_forum"):
        assign_perm(permission, ALL_AUTHENTICATED_USERS, forum)
        if not board["private"]:
            assign_perm(permission, AnonymousUser(), forum)
    may_write = ("can_start_new_topics", "can_reply_to_topics", "can_edit_own_posts", "can_post_without_approval")
    for permission in may_write:
        assign_perm(permission, ALL_AUTHENTICATED_USERS, forum)
    return forum


def _thread(board: dict[str, Any], forum: Any, thread: dict[str, Any], users: dict[str, Any]) -> dict[str, Any]:
    from machina.core.db.models import get_model

    model = get_model("forum_conversation", "Topic")
    topic = model.objects.create(
        forum=forum,
        subject=thread["title"],
        poster=users[thread["posts"][0]["author"]],
        type=model.TOPIC_POST,
        status=model.TOPIC_UNLOCKED,
        approved=True,
    )
    posts = [content.truth(post, _post(topic, post, users, place)) for place, post in enumerate(thread["posts"])]
    topic.refresh_from_db()
    times = [datetime.fromisoformat(post["time"]) for post in thread["posts"]]
    model.objects.filter(pk=topic.pk).update(created=times[0], updated=times[-1], last_post_on=times[-1])
    return {
        "id": str(topic.pk),
        "url": f"/forum/{forum.slug}-{forum.pk}/topic/{topic.slug}-{topic.pk}/",
        "title": thread["title"],
        "board": board["name"],
        "board_id": str(forum.pk),
        "private": board["private"],
        "posts": posts,
    }


def _post(topic: Any, post: dict[str, Any], users: dict[str, Any], place: int) -> int:
    from machina.core.db.models import get_model

    model = get_model("forum_conversation", "Post")
    author = users[post["author"]]
    made = model.objects.create(
        topic=topic,
        poster=author,
        subject=("Re: " if place else "") + topic.subject,
        content=content.markdown(post),
        approved=True,
    )
    at = datetime.fromisoformat(post["time"])
    later = {"updates_count": 1, "updated_by": author, "updated": at + timedelta(minutes=10)}
    model.objects.filter(pk=made.pk).update(created=at, **(later if post["edited"] else {"updated": at}))
    return int(made.pk)
