"""In and out: sign-in, sign-out, the start page, the theme, and the console's own files."""

from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.console.access import Anyone, GuardedRoute, address_of, anybody, desk_of
from pipeline.console.render import THEMES, page, tabs_for
from pipeline.desk.sessions import TooManySignIns, sign_in, sign_out
from pipeline.errors import NotFound, Refused

router = APIRouter(route_class=GuardedRoute)

_KINDS = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
_FILES = {
    entry.name: (entry.read_bytes(), _KINDS[entry.name.rpartition(".")[2]])
    for entry in files("pipeline.console").joinpath("static").iterdir()
    if entry.name.rpartition(".")[2] in _KINDS
}


@router.get("/")
def home(request: Request, who: Anyone) -> Response:
    """The first page this person may open."""
    tabs = tabs_for(who)
    if tabs:
        return RedirectResponse(tabs[0].href, 303)
    sentence = "Your role works at the command line; see nightlight --help for what it may do."
    return page(request, "message.html", who, heading="Nothing here for your role", sentence=sentence)


@router.get("/login", dependencies=anybody())
def login_form(request: Request, ended: bool = False, to: str = "/") -> Response:
    """The sign-in form. to: the page to open afterwards."""
    return page(request, "login.html", None, problem="", ended=ended, to=_own_page(to))


@router.post("/login", dependencies=anybody())
def login(
    request: Request,
    user: Annotated[str, Form()] = "",
    pass_: Annotated[str, Form(alias="pass")] = "",
    to: Annotated[str, Form()] = "/",
) -> Response:
    """Sign in; the answer doesn't tell whether the name or the password is wrong."""
    desk = desk_of(request)
    options = desk.options
    old = request.cookies.get(options.cookie, "")
    try:
        token, _ = sign_in(desk.record, user, pass_, address_of(request), desk.clock.now(), old)
    except Refused as error:
        status = 429 if isinstance(error, TooManySignIns) else 403
        return page(request, "login.html", None, status, problem=str(error), ended=False, to=_own_page(to))
    answer = RedirectResponse(_own_page(to), 303)
    answer.set_cookie(options.cookie, token, path="/", secure=options.secure_cookies, httponly=True, samesite="lax")
    return answer


@router.post("/logout")
def logout(request: Request, who: Anyone) -> Response:
    """Sign out; the browser is told to forget what it holds."""
    desk = desk_of(request)
    sign_out(desk.record, who, desk.clock.now())
    answer = RedirectResponse("/login?ended=1", 303)
    answer.delete_cookie(
        desk.options.cookie, path="/", secure=desk.options.secure_cookies, httponly=True, samesite="lax"
    )
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.post("/theme")
def set_theme(
    request: Request,
    who: Anyone,
    theme: Annotated[str, Form()],
    back: Annotated[str, Form()] = "/",
) -> Response:
    """Remember a theme in this browser and go back to one of our own pages."""
    answer = RedirectResponse(_own_page(back), 303)
    answer.set_cookie(
        "theme",
        theme if theme in THEMES else "auto",
        max_age=365 * 86_400,
        path="/",
        httponly=True,
        secure=desk_of(request).options.secure_cookies,
        samesite="lax",
    )
    return answer


def _own_page(address: str) -> str:
    """The address if it leads to one of our own pages, else the start page."""
    own = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if own else "/"


@router.get("/static/{name}", dependencies=anybody())
def static(name: str) -> Response:
    """A style sheet or picture of the console."""
    if name not in _FILES:
        raise NotFound("There is no such file; go to the start page")
    body, kind = _FILES[name]
    return Response(body, media_type=kind)
