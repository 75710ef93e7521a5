"""What the sandbox's page is told and what it can do."""

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.sandbox import Sandbox

from .conftest import App
from .test_bolt import BUTTON, HOME, MODAL


class Page:
    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession, me: str) -> None:
        self.url, self.session, self.me = sandbox.url, session, sandbox.workspace.user(me).id

    async def get(self, what: str, **query: str) -> Any:
        async with self.session.get(f"{self.url}/client/{what}", params={"as": self.me, **query}) as answer:
            return await answer.json()

    async def do(self, what: str, **said: Any) -> Any:
        async with self.session.post(f"{self.url}/client/{what}", json={"as": self.me, **said}) as answer:
            return await answer.json()


@pytest.fixture
async def page(sandbox: Sandbox) -> Any:
    async with aiohttp.ClientSession() as session:
        yield Page(sandbox, session, "ana")


async def test_state_shows_only_what_a_person_may_see(sandbox: Sandbox, page: Page) -> None:
    state = await page.get("state")
    assert {c["name"] for c in state["channels"] if not c["is_im"]} == {"general", "secret", "quiet"}
    assert state["app"]["dm_channel"] in {c["id"] for c in state["channels"]}
    assert [state["users"][u]["name"] for u in state["people"]] == ["ana", "ben", "mia"]
    assert state["commands"][0] == {
        "command": "/kudos",
        "description": "Thank someone",
        "usage_hint": "@ana for …",
    }
    assert state["steps"][0]["inputs"][0]["is_required"] is True
    page.me = sandbox.workspace.user("ben").id
    state = await page.get("state")
    assert {c["name"] for c in state["channels"] if not c["is_im"]} == {"general", "quiet"}
    assert (await page.get("history", channel=sandbox.workspace.channel("secret").id))["ok"] is False


async def test_an_app_is_invited_as_its_messages_ask_for(sandbox: Sandbox, page: Page) -> None:
    leads = sandbox.add_channel("leads", members=["ana"], is_private=True, app_in=False)
    bot = sandbox.workspace.users[sandbox.app.bot_user_id]
    assert "/invite" in {known["command"] for known in (await page.get("state"))["commands"]}

    said = await page.do("message", channel=leads, text=f"/invite @{bot.name} @ben")
    assert said == {"ok": True, "command": True, "failed": None}
    assert {bot.id, sandbox.workspace.user("ben").id} <= set(sandbox.workspace.channel(leads).members)
    again = await page.do("message", channel=leads, text="/invite @ben")
    assert again["ok"]
    for text, place in (("/invite", leads), ("/invite @ben", sandbox.dm("ana"))):
        refused = await page.do("message", channel=place, text=text)
        assert refused["error"] == "Type /invite and a name after @, in a channel that you are in."
    page.me = sandbox.workspace.user("mia").id
    assert not (await page.do("message", channel=leads, text="/invite @mia"))["ok"]
    assert sandbox.workspace.user("mia").id not in sandbox.workspace.channel(leads).members


async def test_what_is_written_is_pushed_and_remembered(sandbox: Sandbox, page: Page) -> None:
    general = sandbox.workspace.channel("general").id
    async with page.session.ws_connect(f"{page.url}/client/live?as={page.me}") as live:
        said = await page.do("message", channel=general, text="Hello @ben")
        pushed = await live.receive_json(timeout=2)
        assert (pushed["type"], pushed["channel"], pushed["message"]["ts"]) == (
            "message",
            general,
            said["ts"],
        )
        await page.do("react", channel=general, ts=said["ts"], name="tada", on=True)
        assert (await live.receive_json(timeout=2))["message"]["reactions"][0]["count"] == 1
        await page.do("edit", channel=general, ts=said["ts"], text="Hello")
        assert (await live.receive_json(timeout=2))["message"]["text"] == "Hello"
        reply = await page.do("message", channel=general, text="Me", thread_ts=said["ts"])
        await live.receive_json(timeout=2)
        assert (await live.receive_json(timeout=2))["message"]["reply_count"] == 1
        thread = await page.get("history", channel=general, thread_ts=said["ts"])
        assert [m["ts"] for m in thread["messages"]] == [said["ts"], reply["ts"]]
        history = await page.get("history", channel=general)
        assert [m["ts"] for m in history["messages"]] == [said["ts"]]
        await page.do("delete", channel=general, ts=reply["ts"])
        assert (await live.receive_json(timeout=2))["message"]["reply_count"] == 0
        assert await live.receive_json(timeout=2) == {
            "type": "message_deleted",
            "channel": general,
            "ts": reply["ts"],
        }


async def test_others_ephemeral_messages_are_not_pushed(sandbox: Sandbox, page: Page, app: App) -> None:
    general = sandbox.workspace.channel("general").id
    app.answers = ["Only for you"]
    ben = sandbox.workspace.user("ben").id
    async with (
        page.session.ws_connect(f"{page.url}/client/live?as={page.me}") as mine,
        page.session.ws_connect(f"{page.url}/client/live?as={ben}") as other,
    ):
        await page.do("message", channel=general, text="/kudos @ben")
        assert (await mine.receive_json(timeout=2))["message"]["is_ephemeral"] is True
        await page.do("message", channel=general, text="all")
        assert (await other.receive_json(timeout=2))["message"]["text"] == "all"


async def test_a_command_that_fails_is_a_toast_in_slacks_words(
    sandbox: Sandbox, page: Page, app: App
) -> None:
    general = sandbox.workspace.channel("general").id
    app.answers = [500]
    async with page.session.ws_connect(f"{page.url}/client/live?as={page.me}") as live:
        await page.do("message", channel=general, text="/kudos @ben")
        assert await live.receive_json(timeout=2) == {
            "type": "toast",
            "text": "/kudos failed with the error “dispatch_failed”",
        }
        answer = await page.do("message", channel=general, text="/nonsense")
        assert answer == {"ok": False, "error": "/nonsense is not a valid command."}


async def test_modals_and_home_work_from_the_page(
    sandbox: Sandbox, page: Page, app: App, client: AsyncWebClient
) -> None:
    await client.views_publish(user_id=page.me, view=HOME)
    home = (await page.get("state"))["home"]
    done = await page.do(
        "action",
        container={"type": "view", "view_id": home["id"]},
        block_id="actions",
        action_id="settings",
        action={"type": "button"},
        state={"values": {}},
    )
    assert done["ok"]
    trigger = sent(app)["trigger_id"]
    async with page.session.ws_connect(f"{page.url}/client/live?as={page.me}") as live:
        await client.views_open(trigger_id=trigger, view=MODAL)
        pushed = await live.receive_json(timeout=2)
        [modal] = pushed["stack"]
        values = {"who": {"people": {"type": "multi_users_select", "selected_users": ["U1"]}}}
        refused = await page.do("submit", view_id=modal["id"], values=values)
        assert refused["errors"] == {"note": "Please complete this required field."}
        values["note"] = {"text": {"type": "plain_text_input", "value": "Great demo"}}
        assert (await page.do("submit", view_id=modal["id"], values=values)) == {"ok": True}
        assert (await live.receive_json(timeout=2))["stack"] == []
    assert sent(app)["view"]["state"]["values"]["note"]["text"]["value"] == "Great demo"


async def test_a_button_of_a_message_works_from_the_page(
    sandbox: Sandbox, page: Page, app: App, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel=page.me, text="Hi", blocks=BUTTON)
    done = await page.do(
        "action",
        container={"type": "message", "channel": posted["channel"], "ts": posted["ts"]},
        block_id="b",
        action_id="undo",
        action={"type": "button", "value": "7"},
        state={"values": {}},
    )
    assert done == {"ok": True}
    assert sent(app)["actions"][0]["value"] == "7"


async def test_time_can_be_moved_from_the_page(sandbox: Sandbox, page: Page) -> None:
    before = sandbox.clock.now()
    moved = await page.do("clock", advance=7 * 86400)
    assert 7 * 86400 <= moved["now"] - before < 7 * 86400 + 5
    assert (await page.get("state"))["controls"]["clock"]["offset"] == pytest.approx(7 * 86400, abs=1)


async def test_another_sites_form_cannot_act(sandbox: Sandbox, page: Page) -> None:
    async with page.session.post(f"{page.url}/client/message", data=b'{"as": "U1"}') as answer:
        assert answer.status == 415


def sent(app: App) -> Any:
    """The last payload that the app was sent."""
    from urllib.parse import parse_qs

    return json.loads(parse_qs(app.received[-1][1])["payload"][0])


async def test_a_guest_sees_only_their_channels(sandbox: Sandbox, page: Page) -> None:
    sandbox.add_channel("guests", [sandbox.add_user("eva", is_restricted=True)])
    page.me = sandbox.workspace.user("eva").id
    state = await page.get("state")
    assert [c["name"] for c in state["channels"] if not c["is_im"]] == ["guests"]


async def test_unread_messages_are_counted_until_read(sandbox: Sandbox, page: Page) -> None:
    general = sandbox.workspace.channel("general").id

    async def unread() -> int:
        channels = (await page.get("state"))["channels"]
        return int(next(c["unread"] for c in channels if c["id"] == general))

    await sandbox.say("ben", general, "one")
    await sandbox.say("ana", general, "my own")
    await sandbox.say("ben", general, "two")
    assert await unread() == 1, "what came before my own message I have seen"
    await page.get("history", channel=general)
    assert await unread() == 0


async def test_shortcuts_and_steps_start_from_the_page(sandbox: Sandbox, page: Page, app: App) -> None:
    general = sandbox.workspace.channel("general").id
    ts = await sandbox.say("ben", general, "Look at this")
    assert (await page.do("shortcut", callback_id="give_kudos"))["ok"]
    assert sent(app)["type"] == "shortcut"
    assert (await page.do("shortcut", callback_id="thank_author", channel=general, ts=ts))["ok"]
    assert (sent(app)["type"], sent(app)["message_ts"]) == ("message_action", ts)
    assert (await page.do("shortcut", callback_id="unknown"))["error"] == "unknown_shortcut"
    step = await page.do("step", callback_id="give_kudos", inputs={"who": "U1"}, channel=general)
    assert (step["ok"], step["outcome"]) == (True, None)


async def test_administrators_can_change_the_workspace(sandbox: Sandbox, page: Page, app: App) -> None:
    async def op(which: str, /, **said: Any) -> Any:
        answer = await page.do("admin", op=which, **said)
        assert answer["ok"], answer
        return answer

    cy = (await op("add_user", name="cy", title="New"))["user"]
    room = (await op("add_channel", name="room", members=[page.me]))["channel"]
    await op("join_channel", user=cy, channel=room)
    assert cy in sandbox.workspace.channels[room].members
    await op("leave_channel", user=cy, channel=room)
    await op("remove_app", channel=room)
    await op("invite_app", channel=room)
    await op("rename", channel=room, name="attic")
    await op("archive", channel=room)
    assert (await page.do("message", channel=room, text="x"))["error"] == "is_archived"
    group = sandbox.add_usergroup("harbour", ["ana"])
    await op("usergroup", group=group, users=[page.me, cy])
    await op("change_user", user=cy, status_emoji=":palm_tree:")
    await op("deactivate", user=cy)
    assert cy not in (await page.get("state"))["people"]
    assert sandbox.workspace.usergroups[group].users == [page.me]
    await op("reactivate", user=cy)
    await op("rate_limits", on=True)
    assert (await page.get("state"))["controls"]["rate_limits"] is True
    await op("duplicates", copies=2)
    await op("uninstall")
    await op("revoke_tokens")
    await op("reinstall")
    assert (await page.do("admin", op="nonsense"))["ok"] is False


async def test_the_deactivated_can_do_nothing(sandbox: Sandbox, page: Page) -> None:
    await sandbox.deactivate("ana")
    general = sandbox.workspace.channel("general").id
    assert (await page.do("message", channel=general, text="x"))["error"] == "account_inactive"
    assert (await page.do("home", tab="home"))["error"] == "account_inactive"
