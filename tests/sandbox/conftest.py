"""A sandbox with a small cast, and a real Bolt app that answers it over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.sandbox import Sandbox

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Mutual", "description": "Give and take"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "bot_user": {"display_name": "Mutual", "always_online": True},
        "shortcuts": [
            {
                "name": "Give kudos",
                "type": "global",
                "callback_id": "give_kudos",
                "description": "Thank someone",
            },
            {
                "name": "Thank author",
                "type": "message",
                "callback_id": "thank_author",
                "description": "Thank",
            },
        ],
        "slash_commands": [
            {
                "command": "/kudos",
                "description": "Thank someone",
                "usage_hint": "@ana for …",
                "should_escape": True,
            },
            {"command": "/raw", "description": "As typed", "should_escape": False},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "app_mentions:read",
                "channels:history",
                "channels:read",
                "chat:write",
                "commands",
                "files:write",
                "groups:read",
                "im:history",
                "im:read",
                "im:write",
                "reactions:read",
                "team:read",
                "usergroups:read",
                "users:read",
            ],
            "bot_optional": ["groups:history"],
        }
    },
    "settings": {
        "event_subscriptions": {
            "request_url": "https://example.com/slack/events",
            "bot_events": [
                "app_home_opened",
                "app_mention",
                "app_uninstalled",
                "channel_archive",
                "channel_left",
                "function_executed",
                "member_joined_channel",
                "message.channels",
                "message.groups",
                "message.im",
                "reaction_added",
                "reaction_removed",
                "subteam_updated",
                "team_join",
                "tokens_revoked",
                "user_change",
            ],
        },
        "interactivity": {"is_enabled": True, "request_url": "https://example.com/slack/events"},
    },
    "functions": {
        "give_kudos": {
            "title": "Give kudos",
            "description": "Thank someone",
            "input_parameters": {
                "who": {"type": "slack#/types/user_id", "title": "Who", "is_required": True}
            },
            "output_parameters": {"ts": {"type": "string"}},
        }
    },
}


@dataclass
class App:
    """The Slack app under test: it answers what it is told to answer, and remembers what it was sent."""

    url: str = ""
    answers: list[Any] = field(default_factory=list)  # the next answers; then 200 for ever
    received: list[tuple[dict[str, str], str]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        self.received.append(({k.lower(): v for k, v in request.headers.items()}, text))
        verifier = SignatureVerifier(SECRET)
        if not verifier.is_valid_request(text, dict(request.headers.items())):
            return web.Response(status=401)
        answer = self.answers.pop(0) if self.answers else 200
        if callable(answer):
            answer = await answer(request, text)
        if isinstance(answer, web.StreamResponse):
            return answer
        if isinstance(answer, int):
            return web.Response(status=answer)
        if isinstance(answer, dict):
            return web.json_response(answer)
        return web.Response(text=answer)


@pytest.fixture
async def app() -> AsyncIterator[App]:
    app = App()
    site = web.Application()
    site.router.add_post("/slack/events", app.handle)
    runner = web.AppRunner(site, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    app.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield app
    await runner.cleanup()


@pytest.fixture
async def sandbox(app: App) -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(MANIFEST, SECRET, app_url=app.url, timeout=0.3)
    ana, ben = sandbox.add_user("ana", real_name="Ana Ferreira"), sandbox.add_user("ben")
    sandbox.add_user("mia", is_admin=True)
    sandbox.add_channel("general", [ana, ben, "mia"], is_general=True)
    sandbox.add_channel("secret", [ana, "mia"], is_private=True, app_in=False)
    sandbox.add_channel("quiet", [ana], app_in=False)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=sandbox.bot_token, base_url=f"{sandbox.url}/api/", session=session)
