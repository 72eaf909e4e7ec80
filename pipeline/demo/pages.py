"""The demo forum's pages: addresses in, HTML out, in the shape of phpBB 3.3 with its default style."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.demo.markup import to_html
from pipeline.demo.posts.loader import DemoBoard, DemoPost, DemoThread

POSTS_PER_PAGE = 10
THREADS_PER_PAGE = 8
SIGNATURES = (
    "Measure twice, swear once.",
    "Sent from a machine that should have been recycled.",
    "[b]Read the rules[/b] before you post · https://rules.tallow-lane.test/",
)
_ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Pages:
    """Renders the forum's pages.

    sid: a session id of 32 hex digits, which some links carry as a forum adds it for visitors without cookies.
    """

    def __init__(self, boards: Sequence[DemoBoard], sid: str) -> None:
        self.boards = boards
        self._sid = sid
        self._board_by_id = {board.board_id: board for board in boards}
        self._place = {thread.thread_id: (board, thread) for board in boards for thread in board.threads}
        self._thread_of = {
            post.post_id: (thread.thread_id, place)
            for board in boards
            for thread in board.threads
            for place, post in enumerate(thread.posts)
        }
        self._members = _members(boards)
        self._templates = _environment()

    def page(self, address: str) -> str | None:
        """The page at a path with its query, or None where the forum has none."""
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        start = int(query["start"]) if query.get("start", "").isascii() and query.get("start", "").isdigit() else 0
        if parts.path in ("/", "/index.php"):
            return self._render("index.html", boards=self.boards)
        if parts.path == "/viewforum.php":
            return self._board(query.get("f", ""), start)
        if parts.path == "/viewtopic.php":
            thread_id, place = self._thread_of.get(query.get("p", ""), (query.get("t", ""), start))
            return self._thread(thread_id, place)
        if parts.path == "/memberlist.php":
            return self._render("memberlist.html")
        return None

    def _board(self, board_id: str, start: int) -> str | None:
        board = self._board_by_id.get(board_id)
        if board is None:
            return None
        threads = sorted(board.threads, key=lambda thread: thread.posts[-1].posted_at, reverse=True)
        pages = _pages(len(threads), THREADS_PER_PAGE)
        first = _page_start(start, pages)
        shown = threads[first : first + THREADS_PER_PAGE]
        return self._render("viewforum.html", board=board, threads=shown, pages=pages, first=first)

    def _thread(self, thread_id: str, place: int) -> str | None:
        if thread_id not in self._place:
            return None
        board, thread = self._place[thread_id]
        pages = _pages(len(thread.posts), POSTS_PER_PAGE)
        first = _page_start(place, pages)
        shown = thread.posts[first : first + POSTS_PER_PAGE]
        return self._render("viewtopic.html", board=board, thread=thread, posts=shown, pages=pages, first=first)

    def _render(self, template: str, **values: object) -> str:
        return self._templates.get_template(template).render(
            sid=self._sid, members=self._members, signature=_signature, **values
        )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.demo"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {
        "markup": lambda text: Markup(to_html(text)),  # noqa: S704 - `to_html` escapes every word
        "shown": _shown,
        "thread_pages": _thread_pages,
    }
    return environment


def _pages(count: int, size: int) -> list[int]:
    """Where each page starts."""
    return list(range(0, count, size))


def _thread_pages(thread: DemoThread) -> list[int]:
    return _pages(len(thread.posts), POSTS_PER_PAGE)


def _page_start(place: int, pages: list[int]) -> int:
    """The start of the page that holds this place; the last page if it lies behind the end."""
    return max(start for start in pages if start <= place)


def _members(boards: Sequence[DemoBoard]) -> dict[str, int]:
    """Each author's number, in the order of their first posts; 2 is the first person, as in phpBB."""
    posts: list[DemoPost] = [post for board in boards for thread in board.threads for post in thread.posts]
    authors = dict.fromkeys(post.author for post in sorted(posts, key=lambda post: int(post.post_id)))
    return {author: number for number, author in enumerate(authors, start=2)}


def _signature(member: int) -> str:
    """A third of the members has a signature."""
    return SIGNATURES[member // 3 % len(SIGNATURES)] if member % 3 == 0 else ""


def _shown(at: datetime) -> str:
    """A time as phpBB shows it in English, such as "Fri Oct 02, 2026 2:05 pm"."""
    day, month = _ENGLISH_DAYS[at.weekday()], _ENGLISH_MONTHS[at.month - 1]
    half = "am" if at.hour < 12 else "pm"
    return f"{day} {month} {at.day:02}, {at.year} {at.hour % 12 or 12}:{at.minute:02} {half}"
