"""Installing the app by OAuth: the page where an administrator says yes, and the exchange of code for token."""

import base64
import binascii
import html
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from .elements import Json
from .errors import SlackError

if TYPE_CHECKING:
    from .sandbox import Sandbox

LIFETIME = 600


@dataclass
class Code:
    sandbox: "Sandbox"
    user: str
    redirect_uri: str
    scopes: frozenset[str]
    issued: float
    used: bool = False


class Consent:
    def __init__(self, workspaces: list["Sandbox"]) -> None:
        self.workspaces = workspaces
        self._codes: dict[str, Code] = {}

    async def ask(self, request: web.Request) -> web.Response:
        """Show what is asked for, in each workspace one may choose."""
        query = dict(request.query)
        app = self.workspaces[0].app
        if query.get("client_id") != app.client_id:
            return web.Response(status=400, text="Invalid client_id parameter")
        wanted = [scope for scope in query.get("scope", "").split(",") if scope]
        unknown = sorted(set(wanted) - app.required_scopes - app.optional_scopes)
        if unknown:
            return web.Response(status=400, text=f"Invalid permissions requested: {', '.join(unknown)}")
        links = "".join(
            f'<p><a class="allow" href="/oauth/v2/allow?{html.escape(urlencode({**query, "team": sandbox.team_id}))}">'
            f"Allow in {html.escape(sandbox.team_name)}</a></p>"
            for sandbox in self.workspaces
        )
        scopes = "".join(f"<li>{html.escape(scope)}</li>" for scope in wanted)
        page = (
            f"<!doctype html><html lang=en><title>Install {html.escape(app.name)}</title>"
            f"<h1>{html.escape(app.name)} asks for permission</h1><ul>{scopes}</ul>{links}"
            f'<p><a class="deny" href="/oauth/v2/deny?{html.escape(urlencode(query))}">Cancel</a></p>'
        )
        return web.Response(text=page, content_type="text/html")

    async def answer(self, request: web.Request) -> web.Response:
        """Send the browser back to the app, with a code or with a refusal."""
        query = dict(request.query)
        back = query.get("redirect_uri", "")
        if not back.startswith("http"):
            return web.Response(status=400, text="redirect_uri did not match any configured URIs")
        said = {"state": query.get("state", "")}
        if request.match_info["answer"] == "deny":
            said["error"] = "access_denied"
        else:
            sandbox = next(s for s in self.workspaces if s.team_id == query.get("team", s.team_id))
            said["code"] = self.allow(
                sandbox, back, frozenset(query.get("scope", "").split(",")), query.get("as", "")
            )
        raise web.HTTPFound(f"{back}{'&' if '?' in back else '?'}{urlencode(said)}")

    def allow(self, sandbox: "Sandbox", redirect_uri: str, scopes: frozenset[str], user: str) -> str:
        admins = (person.id for person in sandbox.workspace.users.values() if person.is_admin)
        code = f"{secrets.randbelow(10**12)}.{secrets.token_hex(20)}"
        who = user or next(admins, "USLACKBOT")
        self._codes[code] = Code(sandbox, who, redirect_uri, scopes, sandbox.clock.steady())
        return code

    def access(self, authorization: str, given: Json) -> Json:
        """Exchange a code for the bot's token, once."""
        client_id, client_secret = given.get("client_id"), given.get("client_secret")
        if authorization.startswith("Basic "):
            try:
                decoded = base64.b64decode(authorization.removeprefix("Basic ")).decode()
            except (binascii.Error, UnicodeDecodeError):
                raise SlackError("invalid_client_id") from None
            client_id, _, client_secret = decoded.partition(":")
        app = self.workspaces[0].app
        if client_id != app.client_id:
            raise SlackError("invalid_client_id")
        if client_secret != app.client_secret:
            raise SlackError("bad_client_secret")
        code = self._codes.get(str(given.get("code")))
        if not code or code.sandbox.clock.steady() - code.issued > LIFETIME:
            raise SlackError("invalid_code")
        if code.used:
            raise SlackError("code_already_used")
        if str(given.get("redirect_uri") or code.redirect_uri) != code.redirect_uri:
            raise SlackError("bad_redirect_uri")
        code.used = True
        sandbox = code.sandbox
        sandbox.reinstall()
        sandbox.app.granted = code.scopes
        return _granted(code)


def _granted(code: Code) -> Json:
    sandbox, scope = code.sandbox, ",".join(sorted(code.scopes))
    common = {
        "app_id": sandbox.app_id,
        "team": {"id": sandbox.team_id, "name": sandbox.team_name},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    if sandbox.api.without_bot:
        token = f"xoxp-sandbox-{secrets.token_hex(20)}"
        user = {"id": code.user, "scope": scope, "access_token": token, "token_type": "user"}
        return {**common, "authed_user": user}
    return {
        **common,
        "access_token": sandbox.bot_token,
        "token_type": "bot",
        "scope": scope,
        "bot_user_id": sandbox.bot_user_id,
        "authed_user": {"id": code.user},
    }
