"""OAuth, several workspaces at one address, Socket Mode, and answers that get lost."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.sandbox import Sandbox, SlackError

from .conftest import MANIFEST, SECRET
from .test_web_api import refusal, respond

BACK = "http://127.0.0.1:1/slack/oauth_redirect"


def exchange(client: AsyncWebClient, **arguments: str) -> Any:
    # Not client.oauth_v2_access: it uses a class that aiohttp has deprecated.
    return client.api_call("oauth.v2.access", data=arguments)


async def follow(sandbox: Sandbox, answer: str, **query: str) -> dict[str, list[str]]:
    query = {
        "client_id": sandbox.app.client_id,
        "redirect_uri": BACK,
        "state": "s",
        "scope": "chat:write",
        **query,
    }
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{sandbox.url}/oauth/v2/authorize", params=query) as page:
            assert "chat:write" in await page.text()
        link = f"{sandbox.url}/oauth/v2/{answer}"
        async with session.get(link, params=query, allow_redirects=False) as response:
            return parse_qs(urlsplit(response.headers["Location"]).query)


async def test_a_code_becomes_a_token_once(sandbox: Sandbox, client: AsyncWebClient) -> None:
    said = await follow(sandbox, "allow")
    assert said["state"] == ["s"]
    known = {"client_id": sandbox.app.client_id, "client_secret": sandbox.app.client_secret}
    wrong = exchange(client, client_id=known["client_id"], client_secret="x", code="x")
    assert await refusal(wrong) == "bad_client_secret"
    assert await refusal(exchange(client, **known, code="x")) == "invalid_code"
    elsewhere = exchange(client, **known, code=said["code"][0], redirect_uri="http://127.0.0.1:2/")
    assert await refusal(elsewhere) == "bad_redirect_uri"
    got = await exchange(client, **known, code=said["code"][0], redirect_uri=BACK)
    assert (got["access_token"], got["scope"], got["team"]["id"]) == (
        sandbox.bot_token,
        "chat:write",
        sandbox.team_id,
    )
    again = exchange(client, **known, code=said["code"][0], redirect_uri=BACK)
    assert await refusal(again) == "code_already_used"
    assert await refusal(client.users_list()) == "missing_scope", "only what was consented to"


async def test_only_a_person_may_get_a_token(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.api.without_bot = True
    said = await follow(sandbox, "allow")
    known = {"client_id": sandbox.app.client_id, "client_secret": sandbox.app.client_secret}
    got = await exchange(client, **known, code=said["code"][0])
    assert not {"access_token", "token_type", "scope", "bot_user_id"} & set(got.data)
    assert (got["authed_user"]["token_type"], got["authed_user"]["scope"]) == ("user", "chat:write")
    assert got["team"]["id"] == sandbox.team_id


async def test_a_refusal_comes_back_too(sandbox: Sandbox) -> None:
    assert await follow(sandbox, "deny") == {"state": ["s"], "error": ["access_denied"]}


async def test_several_workspaces_live_at_one_address(sandbox: Sandbox) -> None:
    other = Sandbox(MANIFEST, SECRET, app_url=sandbox.app_url, team_name="Harbour")
    zed = other.add_user("zed")
    other.add_channel("general", [zed])
    await other.start(beside=sandbox)
    assert other.url == sandbox.url
    assert other.app_id == sandbox.app_id
    assert len({other.team_id, sandbox.team_id, other.bot_user_id, sandbox.bot_user_id}) == 4
    client = AsyncWebClient(token=other.bot_token, base_url=f"{other.url}/api/")
    assert (await client.auth_test())["team_id"] == other.team_id
    await client.chat_postMessage(channel=zed, text="Hello Zed")
    assert [m["text"] for m in other.messages(other.dm("zed"))] == ["Hello Zed"]
    await respond(other.workspace.issue_response_url(zed, other.dm("zed")), text="psst")
    assert [m["text"] for m in other.ephemerals("zed")] == ["psst"]
    said = await follow(sandbox, "allow", team=other.team_id)
    got = await exchange(
        client, client_id=other.app.client_id, client_secret=other.app.client_secret, code=said["code"][0]
    )
    assert got["team"]["name"] == "Harbour"
    await other.stop()


async def test_an_app_in_socket_mode_gets_everything_there(sandbox: Sandbox) -> None:
    client = AsyncWebClient(token=sandbox.bot_token, base_url=f"{sandbox.url}/api/")
    bolt = AsyncApp(client=client, signing_secret="not needed here")
    seen: list[Any] = []

    @bolt.command("/kudos")
    async def kudos(ack: Any, command: Any) -> None:
        await ack(f"Thanked {command['text']}")

    @bolt.event("message")
    async def said(event: Any) -> None:
        seen.append(event["text"])

    @bolt.event("app_mention")
    async def mentioned(event: Any) -> None:
        seen.append("mention")

    assert (
        await refusal(client.apps_connections_open(app_token=sandbox.bot_token)) == "not_allowed_token_type"
    )
    handler: Any = AsyncSocketModeHandler(
        bolt, app_token=sandbox.app_token, web_client=client, ping_interval=1
    )
    await handler.client.connect()
    await asyncio.wait_for(sandbox.sockets.opened.wait(), 3)
    sandbox.courier.timeout = 3
    answer = await sandbox.command("ana", "general", "/kudos", "everyone")
    assert (answer.status, answer.text) == (200, "Thanked everyone")
    await sandbox.say("ana", "general", "Hello")
    assert seen == ["Hello"]
    other = Sandbox(MANIFEST, SECRET, team_name="Harbour")
    other.add_channel("general", [other.add_user("zed")])
    await other.start(beside=sandbox)
    assert other.app_token == sandbox.app_token
    await other.command("zed", "general", "/kudos")
    assert other.deliveries[0].statuses == [200], "one connection serves every workspace"
    await other.stop()
    await handler.client.close()
    await handler.client.aiohttp_client_session.close()


async def test_a_call_may_fail_or_succeed_without_an_answer(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token=sandbox.bot_token, base_url=f"{sandbox.url}/api/", session=session, retry_handlers=[]
        )
        sandbox.api.lost["chat.postMessage"] = 1
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel="#general", text="sent")
        assert [m["text"] for m in sandbox.messages("general")] == ["sent"]
        assert (await client.chat_postMessage(channel="#general", text="again"))["ok"]
        sandbox.api.broken["chat.postMessage"] = SlackError("service_unavailable", status=503)
        call = client.chat_postMessage(channel="#general", text="x")
        assert await refusal(call) == "service_unavailable"
        sandbox.api.broken["chat.postMessage"] = SlackError("ratelimited", retry_after=7)
        for _ in range(2):
            call = client.chat_postMessage(channel="#general", text="x")
            assert await refusal(call) == "ratelimited"
