"""The Web API refuses, limits and pages as Slack's does."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.sandbox import Sandbox

from .conftest import MANIFEST, SECRET, App


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def raw(sandbox: Sandbox, method: str, **request: Any) -> tuple[aiohttp.ClientResponse, Any]:
    async with aiohttp.ClientSession() as session:
        verb = request.pop("verb", "POST")
        async with session.request(verb, f"{sandbox.url}/api/{method}", **request) as response:
            return response, await response.json()


# -- who may call


async def test_a_token_comes_in_the_header_or_in_a_form_but_not_in_json(sandbox: Sandbox) -> None:
    token = sandbox.bot_token
    bearer = {"Authorization": f"Bearer {token}"}
    for request in (
        {"headers": bearer},
        {"headers": bearer, "verb": "GET"},
        {"headers": bearer, "json": {}},
        {"data": {"token": token}},
        {"params": {"token": token}, "verb": "GET"},
    ):
        assert (await raw(sandbox, "auth.test", **request))[1]["ok"], request
    assert (await raw(sandbox, "auth.test", json={"token": token}))[1] == {"ok": False, "error": "not_authed"}
    wrong = {"Authorization": "Bearer xoxb-wrong"}
    assert (await raw(sandbox, "auth.test", headers=wrong))[1]["error"] == "invalid_auth"


async def test_refusals_come_with_status_200(sandbox: Sandbox) -> None:
    response, body = await raw(sandbox, "no.such", headers={"Authorization": f"Bearer {sandbox.bot_token}"})
    assert (response.status, body["error"]) == (200, "unknown_method")
    headers = {"Authorization": f"Bearer {sandbox.bot_token}", "Content-Type": "application/json"}
    assert (await raw(sandbox, "auth.test", headers=headers, data="{broken"))[1]["error"] == "invalid_json"
    assert (await raw(sandbox, "auth.test", headers=headers, data="[]"))[1]["error"] == "json_not_object"


async def test_a_token_ends_with_the_installation(sandbox: Sandbox, client: AsyncWebClient) -> None:
    who = await client.auth_test()
    assert (who["user_id"], who["bot_id"], who["team_id"]) == (
        sandbox.bot_user_id,
        sandbox.bot_id,
        sandbox.team_id,
    )
    await sandbox.revoke_tokens()
    assert await refusal(client.auth_test()) == "token_revoked"
    await sandbox.uninstall()
    assert await refusal(client.auth_test()) == "account_inactive"
    sandbox.reinstall()
    assert (await client.auth_test())["ok"]


async def test_a_missing_scope_says_what_is_needed_and_provided(app: App) -> None:
    sandbox = Sandbox({"oauth_config": {"scopes": {"bot": ["commands"]}}}, SECRET)
    await sandbox.start()
    client = AsyncWebClient(token=sandbox.bot_token, base_url=f"{sandbox.url}/api/")
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C1", text="x")
    said = refused.value.response
    assert (said["error"], said["needed"], said["provided"]) == ("missing_scope", "chat:write", "commands")
    assert await refusal(client.users_list()) == "missing_scope"
    assert await refusal(client.usergroups_list()) == "missing_scope"
    assert await refusal(client.conversations_list()) == "missing_scope"
    assert await refusal(client.conversations_open(users=["U1"])) == "missing_scope"
    await sandbox.stop()


async def test_what_a_kind_of_channel_needs_depends_on_the_channel(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    dm = sandbox.dm("ana")
    assert (await client.conversations_info(channel=dm))["channel"]["user"] == sandbox.workspace.user(
        "ana"
    ).id
    private = sandbox.add_channel("private", ["ana"], is_private=True)
    assert (await client.conversations_info(channel=private))["channel"]["is_private"] is True
    assert await refusal(client.conversations_list(types="mpim")) == "missing_scope"
    assert await refusal(client.conversations_list(types="nonsense")) == "invalid_types"


# -- messages


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C000", "text": "x"}, "channel_not_found"),
        ({"channel": "U000", "text": "x"}, "channel_not_found"),
        ({"channel": "#secret", "text": "x"}, "channel_not_found"),
        ({"channel": "#quiet", "text": "x"}, "not_in_channel"),
        ({"channel": "#old", "text": "x"}, "is_archived"),
        ({"channel": "#general"}, "no_text"),
        ({"channel": "#general", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": "#general", "text": "x", "blocks": "{no json"}, "invalid_blocks_format"),
        ({"channel": "#general", "text": "x", "blocks": [{"type": "header"}]}, "invalid_blocks"),
        ({"channel": "#general", "markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"channel": "#general", "text": "x", "username": "Somebody"}, "missing_scope"),
        ({"channel": "#general", "text": "x", "metadata": {"event_type": "t"}}, "invalid_metadata_format"),
        (
            {
                "channel": "#general",
                "text": "x",
                "metadata": {"event_type": "t", "event_payload": {"a": "b" * 9000}},
            },
            "metadata_too_large",
        ),
        (
            {
                "channel": "#general",
                "text": "x",
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5,
            },
            "msg_blocks_too_long",
        ),
    ],
)
async def test_messages_that_slack_does_not_take(
    sandbox: Sandbox, client: AsyncWebClient, arguments: dict[str, Any], error: str
) -> None:
    old = sandbox.add_channel("old", ["ana"])
    await sandbox.archive(old)
    assert await refusal(client.api_call("chat.postMessage", json=arguments)) == error


async def test_refused_blocks_are_explained(sandbox: Sandbox, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="#general", text="x", blocks=[{"type": "section"}])
    said = refused.value.response
    assert said["errors"] == ["missing required field: text [json-pointer:/blocks/0]"]
    assert said["response_metadata"]["messages"] == [
        "[ERROR] missing required field: text [json-pointer:/blocks/0]"
    ]


async def test_a_message_to_a_person_opens_their_dm(sandbox: Sandbox, client: AsyncWebClient) -> None:
    ana = sandbox.workspace.user("ana").id
    posted = await client.chat_postMessage(channel=ana, text="Hello")
    assert posted["channel"] == sandbox.dm("ana")
    assert sandbox.messages(sandbox.dm("ana"))[0]["bot_id"] == sandbox.bot_id
    robot = sandbox.add_user("robot", is_bot=True)
    assert await refusal(client.chat_postMessage(channel=robot, text="x")) == "cannot_dm_bot"
    gone = sandbox.add_user("gone", deleted=True)
    assert (await client.chat_postMessage(channel=gone, text="x"))["ok"], "Slack takes it without a word"
    assert await refusal(client.conversations_open(users=[gone])) == "user_disabled"


async def test_a_messages_tab_that_is_off_takes_no_messages(app: App) -> None:
    sandbox = Sandbox({"oauth_config": {"scopes": {"bot": ["chat:write"]}}}, SECRET)
    ana = sandbox.add_user("ana")
    await sandbox.start()
    client = AsyncWebClient(token=sandbox.bot_token, base_url=f"{sandbox.url}/api/")
    assert await refusal(client.chat_postMessage(channel=ana, text="x")) == "messages_tab_disabled"
    home = {"type": "home", "blocks": []}
    assert await refusal(client.views_publish(user_id=ana, view=home)) == "not_enabled"
    await sandbox.stop()


async def test_a_long_text_is_cut_when_posted_and_refused_when_updated(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="#general", text="x" * 40_001)
    assert posted["warning"] == "message_truncated"
    assert len(sandbox.messages("general")[0]["text"]) == 40_000
    place = posted["channel"]
    too_long = client.chat_update(channel=place, ts=posted["ts"], text="x" * 4_001)
    assert await refusal(too_long) == "msg_too_long"
    changed = await client.chat_update(channel=place, ts=posted["ts"], text="y" * 4_000)
    assert changed["message"]["edited"]["user"] == sandbox.bot_user_id


async def test_an_update_replaces_text_and_blocks(sandbox: Sandbox, client: AsyncWebClient) -> None:
    divider = [{"type": "divider"}]
    posted = await client.chat_postMessage(channel="#general", text="x", blocks=divider)
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="y")
    [message] = sandbox.messages("general")
    assert message["text"] == "y"
    assert "blocks" not in message


async def test_only_ones_own_messages_can_be_changed(sandbox: Sandbox, client: AsyncWebClient) -> None:
    ts = await sandbox.say("ana", "general", "mine")
    place = sandbox.workspace.channel("general").id
    assert await refusal(client.chat_update(channel=place, ts=ts, text="x")) == "cant_update_message"
    assert await refusal(client.chat_delete(channel=place, ts=ts)) == "cant_delete_message"
    assert await refusal(client.chat_update(channel=place, ts="1.1", text="x")) == "message_not_found"
    posted = await client.chat_postMessage(channel=place, text="x")
    await client.chat_delete(channel=place, ts=posted["ts"])
    assert await refusal(client.chat_delete(channel=place, ts=posted["ts"])) == "message_not_found"


async def test_ephemeral_messages_need_both_in_the_channel(sandbox: Sandbox, client: AsyncWebClient) -> None:
    ana, ben = sandbox.workspace.user("ana").id, sandbox.workspace.user("ben").id
    general = sandbox.workspace.channel("general").id
    sent = await client.chat_postEphemeral(channel=general, user=ana, text="psst")
    assert [m["ts"] for m in sandbox.ephemerals("ana", "general")] == [sent["message_ts"]]
    assert sandbox.messages("general") == []
    assert (
        await refusal(client.chat_update(channel=general, ts=sent["message_ts"], text="x"))
        == "message_not_found"
    )
    cy = sandbox.add_user("cy")
    assert (
        await refusal(client.chat_postEphemeral(channel=general, user=cy, text="x")) == "user_not_in_channel"
    )
    quiet = sandbox.workspace.channel("quiet").id
    assert await refusal(client.chat_postEphemeral(channel=quiet, user=ben, text="x")) == "not_in_channel"


async def test_a_reply_to_a_reply_joins_the_thread(sandbox: Sandbox, client: AsyncWebClient) -> None:
    ts = await sandbox.say("ana", "general", "Who can help?")
    reply = await sandbox.say("ben", "general", "I can", thread_ts=ts)
    await client.chat_postMessage(channel="#general", text="Noted", thread_ts=reply)
    assert [m["text"] for m in sandbox.messages("general", ts)] == ["Who can help?", "I can", "Noted"]


async def test_permalinks_lead_into_the_sandbox(sandbox: Sandbox, client: AsyncWebClient) -> None:
    ts = await sandbox.say("ana", "general", "Hello")
    general = sandbox.workspace.channel("general").id
    link = (await client.chat_getPermalink(channel=general, message_ts=ts))["permalink"]
    assert link == f"{sandbox.url}/archives/{general}/p{ts.replace('.', '')}"
    async with aiohttp.ClientSession() as session, session.get(link, allow_redirects=False) as response:
        assert response.headers["Location"] == f"/?channel={general}&ts={ts}"
    gone = client.chat_getPermalink(channel=general, message_ts="1.1")
    assert await refusal(gone) == "message_not_found"


async def test_the_bots_own_messages_come_back_as_events(
    sandbox: Sandbox, client: AsyncWebClient, app: App
) -> None:
    await client.chat_postMessage(channel="#general", text="Hello")
    await sandbox.settle()
    assert '"bot_id"' in app.received[0][1]


async def test_the_bot_reacts_once(sandbox: Sandbox, client: AsyncWebClient) -> None:
    ts = await sandbox.say("ana", "general", "Hello")
    general = sandbox.workspace.channel("general").id
    add = client.reactions_add(channel=general, timestamp=ts, name="tada")
    assert await refusal(add) == "missing_scope"
    sandbox.app.granted |= {"reactions:write"}
    await client.reactions_add(channel=general, timestamp=ts, name="tada")
    again = client.reactions_add(channel=general, timestamp=ts, name="tada")
    assert await refusal(again) == "already_reacted"
    got = await client.reactions_get(channel=general, timestamp=ts)
    assert got["message"]["reactions"] == [{"name": "tada", "users": [sandbox.bot_user_id], "count": 1}]


# -- response_url


async def url_of(sandbox: Sandbox, app: App) -> str:
    from urllib.parse import parse_qsl

    await sandbox.command("ana", "general", "/kudos")
    return dict(parse_qsl(app.received[-1][1]))["response_url"]


async def respond(url: str, **said: Any) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.post(url, json=said) as response:
        return response.status, await response.json()


async def test_a_response_url_works_five_times(sandbox: Sandbox, app: App) -> None:
    url = await url_of(sandbox, app)
    for number in range(5):
        assert await respond(url, text=str(number)) == (200, {"ok": True})
    assert await respond(url, text="6") == (404, {"ok": False, "error": "used_url"})
    assert len(sandbox.ephemerals("ana")) == 5


async def test_a_response_url_works_for_thirty_minutes(sandbox: Sandbox, app: App) -> None:
    url = await url_of(sandbox, app)
    sandbox.clock.advance(29 * 60)
    assert (await respond(url, text="in time"))[0] == 200
    sandbox.clock.advance(2 * 60)
    assert await respond(url, text="late") == (404, {"ok": False, "error": "expired_url"})


async def test_a_response_may_be_for_all_and_must_say_something(sandbox: Sandbox, app: App) -> None:
    url = await url_of(sandbox, app)
    await respond(url, text="Hello all", response_type="in_channel")
    assert [m["text"] for m in sandbox.messages("general")] == ["Hello all"]
    assert (await respond(url))[1]["error"] == "no_text"
    status, body = await respond(url, blocks=[{"type": "nonsense"}])
    assert (status, body["error"]) == (400, "invalid_blocks")


async def test_a_buttons_response_replaces_or_deletes_its_message(
    sandbox: Sandbox, app: App, client: AsyncWebClient
) -> None:
    from .test_bolt import BUTTON
    from .test_browser import sent

    ana, general = sandbox.workspace.user("ana").id, sandbox.workspace.channel("general").id
    await client.chat_postEphemeral(channel=general, user=ana, text="first", blocks=BUTTON)
    [shown] = sandbox.ephemerals("ana")
    await sandbox.press("ana", shown, "undo")
    payload = sent(app)
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    await respond(payload["response_url"], text="second", replace_original=True)
    assert [(m["text"], m["ts"]) for m in sandbox.ephemerals("ana")] == [("second", shown["ts"])]
    await respond(payload["response_url"], text="beside", replace_original=False)
    assert len(sandbox.ephemerals("ana")) == 2
    await respond(payload["response_url"], delete_original=True)
    assert [m["text"] for m in sandbox.ephemerals("ana")] == ["beside"]


# -- lists


async def everything(call: Any, key: str, **arguments: Any) -> list[Any]:
    found, cursor = [], ""
    while True:
        answer = await call(cursor=cursor, **arguments)
        found += answer[key]
        cursor = answer["response_metadata"]["next_cursor"]
        if not cursor:
            return found


async def test_lists_come_in_pages(sandbox: Sandbox, client: AsyncWebClient) -> None:
    for number in range(25):
        sandbox.add_user(f"person{number}")
        sandbox.add_channel(f"room{number}", [f"person{number}"])
    members = await everything(client.users_list, "members", limit=10)
    assert len({m["id"] for m in members}) == len(members) == 30  # 25, the cast of 3, the bot and Slackbot
    channels = await everything(client.conversations_list, "channels", limit=7)
    assert {c["name"] for c in channels} >= {"general", "quiet", "room24"}
    assert "secret" not in {c["name"] for c in channels}
    general = sandbox.workspace.channel("general").id
    people = await everything(client.conversations_members, "members", channel=general, limit=1)
    assert len(people) == 4
    assert await refusal(client.users_list(cursor="nonsense")) == "invalid_cursor"
    assert await refusal(client.conversations_list(limit=1000)) == "invalid_limit"
    assert await refusal(client.conversations_members(channel=general, limit=0)) == "invalid_limit"


async def test_people_come_with_what_the_app_must_look_at(sandbox: Sandbox, client: AsyncWebClient) -> None:
    rita = sandbox.add_user("rita", team_id="T0NORTHWIND")
    eva = sandbox.add_user("eva", is_restricted=True)
    gone = sandbox.add_user("gone", deleted=True)
    users = {u["id"]: u for u in (await client.users_list())["members"]}
    assert users[rita]["is_stranger"] is True
    assert users[eva]["is_restricted"] is True
    assert users[gone]["deleted"] is True
    assert "tz" not in users[gone]
    assert users["USLACKBOT"]["is_bot"] is False, "as Slack has it"
    assert "email" not in users[eva]["profile"], "without users:read.email"
    assert users[eva]["tz"] == "Europe/Berlin"
    assert users[eva]["tz_offset"] in (3600, 7200)
    assert await refusal(client.users_info(user="U000")) == "user_not_found"


async def test_groups_and_their_people(sandbox: Sandbox, client: AsyncWebClient) -> None:
    group = sandbox.add_usergroup("harbour", ["ana", "ben"])
    [found] = (await client.usergroups_list(include_users=True))["usergroups"]
    assert (found["id"], found["handle"], found["user_count"]) == (group, "harbour", 2)
    assert len((await client.usergroups_users_list(usergroup=group))["users"]) == 2
    assert await refusal(client.usergroups_users_list(usergroup="S000")) == "no_such_subteam"


async def test_channels_of_others_are_not_there(sandbox: Sandbox, client: AsyncWebClient) -> None:
    secret = sandbox.workspace.channel("secret").id
    assert await refusal(client.conversations_info(channel=secret)) == "channel_not_found"
    assert await refusal(client.conversations_members(channel=secret)) == "channel_not_found"


async def test_team_and_dm(sandbox: Sandbox, client: AsyncWebClient) -> None:
    assert (await client.team_info())["team"]["id"] == sandbox.team_id
    ana = sandbox.workspace.user("ana").id
    assert (await client.conversations_open(users=ana))["channel"]["id"] == sandbox.dm("ana")
    assert await refusal(client.conversations_open(users=["U000"])) == "user_not_found"


# -- files


async def test_a_file_is_uploaded_in_three_steps(sandbox: Sandbox, client: AsyncWebClient) -> None:
    content = b"\x89PNG and more"
    ticket = await client.files_getUploadURLExternal(filename="chart.png", length=len(content))
    image = {"type": "image", "alt_text": "chart", "slack_file": {"id": ticket["file_id"]}}
    early = client.chat_postMessage(channel="#general", text="x", blocks=[image])
    assert await refusal(early) == "invalid_blocks"
    files = [{"id": ticket["file_id"], "title": "Chart"}]
    assert await refusal(client.files_completeUploadExternal(files=files)) == "file_not_found"
    async with aiohttp.ClientSession() as session:
        async with session.post(ticket["upload_url"], data=b"short") as response:
            assert response.status == 500
        async with session.post(ticket["upload_url"], data=content) as response:
            assert await response.text() == f"OK - {len(content)}"
        done = await client.files_completeUploadExternal(files=files)
        async with session.get(done["files"][0]["url_private"]) as response:
            assert (await response.read(), response.content_type) == (content, "image/png")
    assert done["files"][0]["mimetype"] == ""
    # Slack looks at the file first, and says no until it has.
    assert (
        await refusal(client.chat_postMessage(channel="#general", text="x", blocks=[image]))
        == "invalid_blocks"
    )
    sandbox.clock.advance(1)
    assert (await client.chat_postMessage(channel="#general", text="x", blocks=[image]))["ok"]


async def test_an_app_deletes_its_own_files_and_no_others(sandbox: Sandbox, client: AsyncWebClient) -> None:
    mine = (await client.files_upload_v2(filename="chart.png", content=b"\x89PNG"))["file"]["id"]
    theirs = sandbox.put_file("cat.png", b"\x89PNG").id

    assert (await client.files_delete(file=mine))["ok"]
    assert await refusal(client.files_delete(file=mine)) == "file_not_found"
    assert await refusal(client.files_delete(file=theirs)) == "cant_delete_file"


async def test_the_sdk_can_upload_a_file_into_a_channel(sandbox: Sandbox, client: AsyncWebClient) -> None:
    general = sandbox.workspace.channel("general").id
    await client.files_upload_v2(
        filename="my data.csv", content="a,b", channel=general, initial_comment="Here"
    )
    [message] = sandbox.messages("general")
    assert (message["text"], message["files"][0]["name"]) == ("Here", "my data.csv")


# -- workflow steps


async def test_a_step_ends_once_and_its_token_with_it(
    sandbox: Sandbox, app: App, client: AsyncWebClient
) -> None:
    import json

    run = await sandbox.run_step("ana", "give_kudos", {"who": "U1"})
    event = json.loads(app.received[-1][1])["event"]
    assert (event["function"]["callback_id"], event["inputs"]) == ("give_kudos", {"who": "U1"})
    inside = AsyncWebClient(token=event["bot_access_token"], base_url=f"{sandbox.url}/api/")
    assert (await inside.auth_test())["ok"]
    done = {"function_execution_id": run.id}
    assert (
        await refusal(client.functions_completeSuccess(**done, outputs={"x": 1}))
        == "parameter_validation_failed"
    )
    await client.functions_completeSuccess(**done, outputs={"ts": "1"})
    assert run.outcome == "success"
    again = client.functions_completeError(**done, error="late")
    assert await refusal(again) == "execution_not_in_running_state"
    assert await refusal(inside.auth_test()) == "token_expired"
    unknown = client.functions_completeError(function_execution_id="Fx0", error="x")
    assert await refusal(unknown) == "function_execution_not_found"


# -- rate limits


@pytest.fixture
async def limited() -> AsyncIterator[tuple[Sandbox, AsyncWebClient]]:
    sandbox = Sandbox(MANIFEST, SECRET, rate_limits=True)
    sandbox.add_channel("general", [sandbox.add_user("ana")])
    sandbox.add_channel("other", ["ana"])
    await sandbox.start()
    async with aiohttp.ClientSession() as session:
        yield (
            sandbox,
            AsyncWebClient(token=sandbox.bot_token, base_url=f"{sandbox.url}/api/", session=session),
        )
    await sandbox.stop()


async def test_calls_beyond_the_tier_are_limited_by_method(limited: tuple[Sandbox, AsyncWebClient]) -> None:
    sandbox, client = limited
    for _ in range(20):
        await client.users_list()
    with pytest.raises(SlackApiError) as refused:
        await client.users_list()
    response = refused.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    wait = int(response.headers["Retry-After"])
    assert 55 <= wait <= 60
    assert (await client.users_info(user=sandbox.workspace.user("ana").id))["ok"], (
        "another method is not touched"
    )
    sandbox.clock.advance(wait)
    assert (await client.users_list())["ok"]
    sandbox.rate_limits = False
    for _ in range(30):
        await client.users_list()


async def test_posting_is_about_one_a_second_in_a_channel(limited: tuple[Sandbox, AsyncWebClient]) -> None:
    sandbox, client = limited
    for _ in range(3):
        await client.chat_postMessage(channel="#general", text="x")
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="#general", text="x")
    assert refused.value.response.headers["Retry-After"] == "1"
    assert (await client.chat_postMessage(channel="#other", text="x"))["ok"]
    sandbox.clock.advance(1)
    assert (await client.chat_postMessage(channel="#general", text="x"))["ok"]


async def test_posting_is_also_limited_in_the_whole_workspace(
    limited: tuple[Sandbox, AsyncWebClient],
) -> None:
    sandbox, _ = limited
    refused = [
        number
        for number in range(400)
        if sandbox.rates.retry_after("chat.postMessage", f"C{number}") is not None
    ]
    assert refused[0] == 300


async def test_a_method_can_be_broken_for_a_test(sandbox: Sandbox, client: AsyncWebClient) -> None:
    from slackapp.sandbox import SlackError

    sandbox.api.broken["chat.postMessage"] = SlackError("internal_error")
    assert await refusal(client.chat_postMessage(channel="#general", text="x")) == "internal_error"
