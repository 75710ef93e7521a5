"""The sandbox's HTTP server: Web API, response_urls, file uploads, and the page with its own endpoints."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .browser import Browser
from .consent import Consent
from .elements import Json
from .errors import SlackError
from .workspace import File

if TYPE_CHECKING:
    from .sandbox import Sandbox

PAGE = Path(__file__).with_name("page")


class Server:
    def __init__(self, sandbox: "Sandbox") -> None:
        self.sandbox = sandbox
        self.workspaces = [sandbox]  # the page shows the first; the Web API serves all
        self.browser = Browser(sandbox)
        self.consent = Consent(self.workspaces)
        self._runner: web.AppRunner | None = None

    def application(self) -> web.Application:
        app = web.Application(client_max_size=50 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self.api)
        app.router.add_get("/link/", self.link)
        app.router.add_get("/oauth/v2/authorize", self.consent.ask)
        app.router.add_get("/oauth/v2/{answer:allow|deny}", self.consent.answer)
        app.router.add_post("/response/{key:.+}", self.response)
        app.router.add_post("/upload/{file}", self.upload)
        app.router.add_get("/files/{file}/{name}", self.file)
        app.router.add_get("/archives/{channel}/{message}", self.archive)
        app.router.add_get("/", self.index)
        if PAGE.is_dir():
            app.router.add_static("/static/", PAGE)
        self.browser.add_routes(app.router)
        return app

    async def start(self, host: str, port: int) -> str:
        """Listen, and say at which address."""
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound = self._runner.addresses[0]
        return f"http://{bound[0]}:{bound[1]}"

    def share(self, other: "Sandbox") -> str:
        """Serve one more workspace at the same address."""
        self.workspaces.append(other)
        other.courier.sockets = self.sandbox.sockets
        return self.sandbox.workspace.url

    async def stop(self) -> None:
        await self.browser.stop()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    # -- Web API

    async def api(self, request: web.Request) -> web.Response:
        name, headers, sandbox = request.match_info["method"], {"X-Slack-Req-Id": "sandbox"}, self.sandbox
        status = 200
        try:
            given = await arguments(request)
            said = request.headers.get("Authorization", "")
            token = said.removeprefix("Bearer ").strip() if said.startswith("Bearer ") else None
            if token is None and request.content_type != "application/json":
                token = given.get("token")
            given.pop("token", None)
            sandbox = self.owner(token)
            headers["X-OAuth-Scopes"] = ",".join(sorted(sandbox.app.granted))
            if name == "oauth.v2.access":
                body = {"ok": True, **self.consent.access(request.headers.get("Authorization", ""), given)}
            else:
                body = {"ok": True, **sandbox.api.call(name, token, given)}
        except SlackError as refused:
            more = dict(refused.more)
            if "retry_after" in more:
                status, headers["Retry-After"] = 429, str(more.pop("retry_after"))
            status = more.pop("status", status)
            body = {"ok": False, "error": refused.code, **more}
        if sandbox.api.lost.get(name, 0) > 0 and request.transport:
            sandbox.api.lost[name] -= 1
            request.transport.abort()
        return answer(body, status=status, headers=headers)

    def owner(self, token: str | None) -> "Sandbox":
        """The workspace in which a token is valid, or was."""
        for sandbox in self.workspaces:
            jobs = (execution.token for execution in sandbox.workspace.executions.values())
            if token and (token in sandbox.app.tokens or token == sandbox.app.app_token or token in jobs):
                return sandbox
        return self.sandbox

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        return await self.sandbox.sockets.serve(request)

    # -- response_url and files

    async def response(self, request: web.Request) -> web.Response:
        key = request.match_info["key"]
        owner = next((s for s in self.workspaces if key.startswith(f"{s.team_id}/")), self.sandbox)
        try:
            owner.responses.use(key, json.loads(await request.text()))
        except ValueError:
            return answer({"ok": False, "error": "invalid_payload"}, status=400)
        except SlackError as refused:
            gone = refused.code in ("invalid_url", "used_url", "expired_url")
            body = {"ok": False, "error": refused.code, **refused.more}
            return answer(body, status=404 if gone else 500 if refused.code == "no_text" else 400)
        return answer({"ok": True})

    def found(self, file_id: str) -> File:
        for sandbox in self.workspaces:
            if file_id in sandbox.workspace.files:
                return sandbox.workspace.files[file_id]
        raise web.HTTPNotFound(text="file not found")

    async def upload(self, request: web.Request) -> web.Response:
        file = self.found(request.match_info["file"])
        content = await request.read()
        if request.content_type == "multipart/form-data":
            part = next((p for p in (await request.post()).values() if isinstance(p, web.FileField)), None)
            content = part.file.read() if part else b""
        if len(content) != file.length:
            return web.Response(status=500, text=f"expected {file.length} bytes, got {len(content)}")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def file(self, request: web.Request) -> web.Response:
        file = self.found(request.match_info["file"])
        kinds = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif"}
        kind = kinds.get(file.name.rpartition(".")[2].lower(), "application/octet-stream")
        if file.content is None:
            raise web.HTTPNotFound
        return web.Response(body=file.content, content_type=kind)

    # -- the page

    async def index(self, request: web.Request) -> web.StreamResponse:
        page = PAGE / "index.html"
        if not page.is_file():
            return web.Response(text="The sandbox is running; its page is not here yet.")
        return web.FileResponse(page, headers={"Cache-Control": "no-cache"})

    async def archive(self, request: web.Request) -> web.Response:
        """A permalink leads to the page at that message."""
        place, digits = request.match_info["channel"], request.match_info["message"].removeprefix("p")
        raise web.HTTPFound(f"/?channel={place}&ts={digits[:-6]}.{digits[-6:]}")


def answer(body: Json, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers=headers)


async def arguments(request: web.Request) -> Json:
    """The arguments of a call: query, then form or JSON."""
    given: dict[str, Any] = dict(request.query)
    if request.method != "POST":
        return given
    if request.content_type == "application/json":
        text = await request.text()
        try:
            parsed = json.loads(text) if text else {}
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(parsed, dict):
            raise SlackError("json_not_object")
        return {**given, **parsed}
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return {**given, **(await request.post())}
    return given
