"""Logging in with a declared account: the one form a crawl may send, once a crawl, never past a captcha."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from crawler.document import attribute
from crawler.errors import Misconfigured, Refused, Unavailable
from crawler.post import Account
from crawler.tokens import hostile

NEEDS_A_PERSON = "the login needs a person: log in by hand and check the account"

# possessive: a hostile page of two megabytes is gone through once, not once for every place it could begin at
_NAMING = re.compile(r"""\b(?:class|id|name|src|action)\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>"']*+)""", re.I)
_CAPTCHA = re.compile(r"captcha|turnstile|challenge-form|ddos|proof-of-work", re.I)


@dataclass(frozen=True, slots=True)
class Form:
    """A filled-in login form. body: application/x-www-form-urlencoded."""

    action: str
    body: bytes


def filled_form(html: str, url: str, account: Account, password: str) -> Form:
    """The login form of a page with the hidden fields it came with, filled in.

    Raises: Refused when a person must look (captcha, a field that nobody declared), Unavailable when there is no form.
    """
    form = _login_form(html)
    if form is None:
        raise Unavailable("The login page shows no login form; check login_url of the source")
    fields: list[tuple[str, str]] = []
    names: list[str] = []
    pressed: list[tuple[str, str]] = []
    for field in form.css("input[name]"):
        kind, name = attribute(field, "type").lower() or "text", attribute(field, "name")
        if kind == "hidden":
            fields.append((name, attribute(field, "value")))
        elif kind == "password":
            fields.append((name, password))
        elif kind in ("text", "email"):
            names.append(name)
        elif kind == "submit" and not pressed:
            pressed.append((name, attribute(field, "value")))
    if len(names) != 1 or form.css_first("img, canvas, iframe") is not None:
        raise Refused(f"The login form asks for more than name and password; {NEEDS_A_PERSON}")
    fields += [(names[0], account.user), *pressed]
    action = urljoin(url, attribute(form, "action") or url)
    return Form(action.partition("#")[0], urlencode(fields).encode())


def is_logged_in(html: str, marker: str) -> bool:
    """Does the page show what only members see? Raises: Misconfigured when the marker is no CSS selector."""
    if hostile(html):
        return False
    try:
        return LexborHTMLParser(html).css_first(marker) is not None
    except SelectolaxError as error:
        raise Misconfigured(f"logged_in_marker {marker!r} isn't a CSS selector; correct the source") from error


def is_captcha(html: str) -> bool:
    """Does the page ask whether a person is there? Such a question is never answered by a program."""
    return any(_CAPTCHA.search(named[1]) for named in _NAMING.finditer(html))


def read_password(home: Path, account: Account) -> str:
    """The password of a declared account. Raises: Misconfigured when its file is missing or empty."""
    path = home / account.secret_file
    try:
        password = path.read_text().strip("\r\n")
    except OSError:
        password = ""
    if not password:
        raise Misconfigured(f"The password file {path} is missing or empty; put the account's password there")
    return password


def _login_form(html: str) -> LexborNode | None:
    if hostile(html):
        raise Refused(f"The login page is built to break readers; {NEEDS_A_PERSON}")
    for form in LexborHTMLParser(html).css("form"):
        if form.css_first("input[type=password]") is not None:
            return form
    return None
