"""Pages for people in a browser: what Mutual is, how to install it, privacy and support. Nothing is loaded from elsewhere."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Message, Send

from slackapp.domain.scopes import OPTIONAL, REQUIRED
from slackapp.listeners.installing import LIFETIME, Installer, NotInstalled

COOKIE = "mutual_install"
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, undefined=StrictUndefined
)

#: No script, no frame, nothing from another place; the address a browser came from is told to nobody.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def guarded(send: Send) -> Send:
    """Every answer to a browser carries HEADERS."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


def _page(name: str, status: int = 200, **facts: Any) -> HTMLResponse:
    return HTMLResponse(_TEMPLATES.get_template(name).render(**facts), status_code=status)


def _installer(request: Request) -> Installer | None:
    found: Installer | None = request.state.doors.installer
    return found


async def landing(request: Request) -> Response:
    return _page(
        "landing.html", installs=_installer(request) is not None, required=REQUIRED, optional=OPTIONAL
    )


async def privacy(request: Request) -> Response:
    doors = request.state.doors
    return _page("privacy.html", kept=doors.retention, contact=doors.contact)


async def support(request: Request) -> Response:
    return _page("support.html", contact=request.state.doors.contact)


async def install(request: Request) -> Response:
    installer = _installer(request)
    if installer is None:
        return _page(
            "message.html",
            404,
            title="Not here",
            says="This Mutual serves one workspace, and is installed there already.",
        )
    state, address = await installer.begin()
    page = _page("install.html", address=address, required=REQUIRED, optional=OPTIONAL)
    page.headers["Cache-Control"] = "no-store"
    page.set_cookie(
        COOKIE,
        state,
        max_age=int(LIFETIME.total_seconds()),
        path="/slack",
        httponly=True,
        secure=installer.public_url.startswith("https:"),
        samesite="lax",  # it must come along when Slack sends the browser back
    )
    return page


async def oauth_redirect(request: Request) -> Response:
    installer = _installer(request)
    if installer is None:
        return _page(
            "message.html",
            404,
            title="Not here",
            says="This Mutual serves one workspace, and is installed there already.",
        )
    try:
        welcome = await installer.finish(request.query_params, request.cookies.get(COOKIE, ""))
    except NotInstalled as why:
        page = _page("message.html", 400, title="Not installed", says=str(why), again=True)
    else:
        page = _page("welcome.html", welcome=welcome)
    page.headers["Cache-Control"] = "no-store"
    page.delete_cookie(COOKIE, path="/slack")
    return page


ROUTES = (
    Route("/", landing),
    Route("/privacy", privacy),
    Route("/support", support),
    Route("/slack/install", install),
    Route("/slack/oauth_redirect", oauth_redirect),
)
