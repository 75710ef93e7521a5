"""The sandbox and a real Bolt app understand each other."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.sandbox import AppFailed, Sandbox, SlackError

from .conftest import MANIFEST, SECRET

HOME = {
    "type": "home",
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Hello*"}},
        {
            "type": "actions",
            "block_id": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": "settings",
                    "text": {"type": "plain_text", "text": "Settings"},
                }
            ],
        },
    ],
}
MODAL = {
    "type": "modal",
    "callback_id": "kudos",
    "title": {"type": "plain_text", "text": "Give kudos"},
    "submit": {"type": "plain_text", "text": "Give"},
    "notify_on_close": True,
    "private_metadata": "from the test",
    "blocks": [
        {
            "type": "input",
            "block_id": "who",
            "label": {"type": "plain_text", "text": "Who"},
            "element": {"type": "multi_users_select", "action_id": "people"},
        },
        {
            "type": "input",
            "block_id": "note",
            "label": {"type": "plain_text", "text": "What for"},
            "element": {"type": "plain_text_input", "action_id": "text", "max_length": 50},
        },
    ],
}


@pytest.fixture
async def bolt() -> AsyncIterator[tuple[Sandbox, list[Any]]]:
    sandbox = Sandbox(MANIFEST, SECRET)
    ana, ben = sandbox.add_user("ana"), sandbox.add_user("ben")
    sandbox.add_channel("general", [ana, ben])
    await sandbox.start()
    seen: list[Any] = []
    app = AsyncApp(
        signing_secret=SECRET,
        client=AsyncWebClient(token=sandbox.bot_token, base_url=f"{sandbox.url}/api/"),
        process_before_response=True,
    )

    @app.command("/kudos")
    async def kudos(ack: Any, command: Any, client: Any, respond: Any) -> None:
        if command["text"] == "modal":
            await client.views_open(trigger_id=command["trigger_id"], view=MODAL)
            await ack()
            return
        await ack(f"Thanked: {command['text']}")
        await client.chat_postMessage(channel=command["channel_id"], text="Kudos!", blocks=BUTTON)

    @app.action("undo")
    async def undo(ack: Any, body: Any, respond: Any) -> None:
        seen.append(body)
        await ack()
        await respond("Undone.", replace_original=True)

    @app.event("app_home_opened")
    async def home(event: Any, client: Any) -> None:
        seen.append(event)
        await client.views_publish(user_id=event["user"], view=HOME)

    @app.action("settings")
    async def settings(ack: Any, body: Any, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        await ack()

    @app.view("kudos")
    async def submitted(ack: Any, view: Any, client: Any) -> None:
        seen.append(view)
        text = view["state"]["values"]["note"]["text"]["value"]
        if text == "bad":
            await ack(response_action="errors", errors={"note": "Say more."})
        elif text == "fail":
            raise RuntimeError("as the test wants")
        else:
            await ack()

    @app.view_closed("kudos")
    async def closed(ack: Any, view: Any) -> None:
        seen.append("closed")
        await ack()

    @app.event("reaction_added")
    async def reacted(event: Any) -> None:
        seen.append(event)

    @app.event("message")
    async def said(event: Any) -> None:
        seen.append(event)

    @app.shortcut("thank_author")
    async def thank(ack: Any, shortcut: Any, respond: Any) -> None:
        seen.append(shortcut)
        await ack()
        await respond("Thanked.")

    @app.function("give_kudos")
    async def step(inputs: Any, complete: Any, fail: Any) -> None:
        if inputs["who"] == "nobody":
            await fail("Nobody to thank.")
        else:
            await complete({"ts": "1.2"})

    runner = web.AppRunner(app.web_app("/slack/events"))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sandbox.app_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield sandbox, seen
    await runner.cleanup()
    await sandbox.stop()


BUTTON = [
    {
        "type": "actions",
        "block_id": "b",
        "elements": [
            {
                "type": "button",
                "action_id": "undo",
                "value": "7",
                "text": {"type": "plain_text", "text": "Undo"},
            }
        ],
    }
]


async def test_a_command_is_answered_and_its_button_replaces_the_message(
    bolt: tuple[Sandbox, list[Any]],
) -> None:
    sandbox, seen = bolt
    answer = await sandbox.command("ana", "general", "/kudos", "@ben for the demo")
    ben = sandbox.workspace.user("ben").id
    assert (answer.status, answer.error, answer.text) == (200, None, f"Thanked: <@{ben}|ben> for the demo")
    assert [m["text"] for m in sandbox.ephemerals("ana")] == [f"Thanked: <@{ben}|ben> for the demo"]
    [posted] = sandbox.messages("general")
    assert (await sandbox.press("ana", posted, "undo")).ok
    assert [m["text"] for m in sandbox.messages("general")] == ["Undone."]
    await sandbox.settle()
    [body] = [s for s in seen if isinstance(s, dict) and s.get("type") == "block_actions"]
    assert body["actions"][0]["value"] == "7"
    assert body["message"]["ts"] == posted["ts"]


async def test_home_is_published_and_its_button_opens_a_modal(bolt: tuple[Sandbox, list[Any]]) -> None:
    sandbox, seen = bolt
    home = await sandbox.open_home("ana")
    assert home
    assert home["blocks"][0]["text"]["text"] == "*Hello*"
    assert "view" not in seen[0]
    await sandbox.open_home("ana")
    assert seen[1]["view"]["hash"] == home["hash"]
    await sandbox.press("ana", home, "settings")
    modal = sandbox.modal("ana")
    assert modal
    assert await sandbox.submit("ana", modal["id"], {"people": ["U1"]}) == {
        "note": "Please complete this required field."
    }
    assert await sandbox.submit("ana", modal["id"], {"people": ["U1"], "text": "bad"}) == {
        "note": "Say more."
    }
    with pytest.raises(AppFailed, match="dispatch_failed"):
        await sandbox.submit(
            "ana", modal["id"], {"note": {"text": {"type": "plain_text_input", "value": "fail"}}}
        )
    assert sandbox.modal("ana") is not None
    assert await sandbox.submit("ana", modal["id"], {"text": "great"}) == {}
    assert sandbox.modal("ana") is None
    assert seen[-1]["state"]["values"]["who"]["people"] == {
        "type": "multi_users_select",
        "selected_users": ["U1"],
    }


async def test_a_closed_modal_is_told(bolt: tuple[Sandbox, list[Any]]) -> None:
    sandbox, seen = bolt
    await sandbox.command("ana", "general", "/kudos", "modal")
    modal = sandbox.modal("ana")
    assert modal
    await sandbox.close("ana", modal["id"])
    assert seen == ["closed"]
    assert sandbox.modals("ana") == []


async def test_messages_reactions_and_message_shortcuts_arrive(bolt: tuple[Sandbox, list[Any]]) -> None:
    sandbox, seen = bolt
    ts = await sandbox.say("ana", "general", "Who can help?")
    await sandbox.react("ben", "general", ts, "pray")
    await sandbox.message_shortcut("ben", "general", ts, "thank_author")
    message, reaction, shortcut = seen
    assert message["text"] == "Who can help?"
    assert (reaction["reaction"], reaction["item"]["ts"], reaction["item_user"]) == (
        "pray",
        ts,
        message["user"],
    )
    assert shortcut["message"]["reactions"][0]["name"] == "pray"
    assert [m["text"] for m in sandbox.ephemerals("ben")] == ["Thanked."]


async def test_a_workflow_step_succeeds_or_fails_once(bolt: tuple[Sandbox, list[Any]]) -> None:
    sandbox, _ = bolt
    done = await sandbox.run_step("ana", "give_kudos", {"who": "U1"})
    assert (done.outcome, done.outputs) == ("success", {"ts": "1.2"})
    failed = await sandbox.run_step("ana", "give_kudos", {"who": "nobody"})
    assert (failed.outcome, failed.error) == ("error", "Nobody to thank.")


async def test_a_command_that_is_not_in_the_manifest_is_unknown(bolt: tuple[Sandbox, list[Any]]) -> None:
    sandbox, _ = bolt
    with pytest.raises(SlackError, match="unknown_command"):
        await sandbox.command("ana", "general", "/nothing")
