"""How the sandbox reaches the app: signatures, three seconds, retries, duplicates and other orders."""

import asyncio
import json
import time
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from slackapp.sandbox import Sandbox

from .conftest import SECRET, App


def headers(app: App, number: int = -1) -> dict[str, str]:
    return app.received[number][0]


def event(app: App, number: int = -1) -> Any:
    return json.loads(app.received[number][1])["event"]


async def slow(request: web.Request, text: str) -> int:
    await asyncio.sleep(0.5)
    return 200


async def test_every_kind_of_request_is_signed_as_slack_signs(sandbox: Sandbox, app: App) -> None:
    ts = await sandbox.say("ana", "general", "Grüße, 渡辺 & “friends”")
    await sandbox.command("ana", "general", "/kudos", "@ben für die Hilfe 🎉")
    await sandbox.message_shortcut("ana", "general", ts, "thank_author")
    assert [d.statuses for d in sandbox.deliveries] == [[200], [200], [200]]
    for sent, body in app.received:
        verifier = SignatureVerifier(SECRET)
        assert verifier.is_valid(body, sent["x-slack-request-timestamp"], sent["x-slack-signature"])


async def test_a_command_looks_like_slacks(sandbox: Sandbox, app: App) -> None:
    await sandbox.command("ana", "general", "/kudos", "@ben for help")
    sent = dict(parse_qsl(app.received[0][1], keep_blank_values=True))
    ana, ben = sandbox.workspace.user("ana").id, sandbox.workspace.user("ben").id
    assert sent["text"] == f"<@{ben}|ben> for help"
    assert (sent["user_id"], sent["user_name"], sent["channel_name"]) == (ana, "ana", "general")
    assert (sent["team_id"], sent["api_app_id"]) == (sandbox.team_id, sandbox.app_id)
    assert sent["response_url"].startswith(sandbox.url)
    assert set(sent) >= {
        "token",
        "team_domain",
        "channel_id",
        "command",
        "trigger_id",
        "is_enterprise_install",
    }
    await sandbox.command("ana", sandbox.dm("ana"), "/raw", "@ben")
    sent = dict(parse_qsl(app.received[1][1]))
    assert (sent["text"], sent["channel_name"]) == ("@ben", "directmessage")
    await sandbox.command("ana", "secret", "/raw", "")
    assert dict(parse_qsl(app.received[2][1]))["channel_name"] == "privategroup"


async def test_a_late_or_failed_answer_is_an_error_for_the_person(sandbox: Sandbox, app: App) -> None:
    app.answers = [slow, 500, {"text": "there"}]
    assert (await sandbox.command("ana", "general", "/kudos")).error == "operation_timeout"
    assert (await sandbox.command("ana", "general", "/kudos")).error == "dispatch_failed"
    assert (await sandbox.command("ana", "general", "/kudos")).error is None
    sandbox.app_url = "http://127.0.0.1:9/slack/events"
    assert (await sandbox.command("ana", "general", "/kudos")).error == "dispatch_failed"
    assert [m["text"] for m in sandbox.ephemerals("ana")] == ["there"]
    assert len(app.received) == 3, "what a person does is never sent again"


async def test_an_answer_may_be_for_all_and_must_be_valid(sandbox: Sandbox, app: App) -> None:
    app.answers = [{"text": "Hello all", "response_type": "in_channel"}, {"blocks": [{"type": "nonsense"}]}]
    assert (await sandbox.command("ana", "general", "/kudos")).response_type == "in_channel"
    assert [m["text"] for m in sandbox.messages("general")] == ["Hello all"]
    assert (await sandbox.command("ana", "general", "/kudos")).error == "invalid_command_response"


async def test_an_event_is_sent_again_at_once_after_a_minute_and_after_five(
    sandbox: Sandbox, app: App
) -> None:
    app.answers = [500, slow, 500, 500]
    await sandbox.say("ana", "general", "Hello")
    await sandbox.settle()
    [delivery] = sandbox.deliveries
    assert delivery.statuses == [500, 0]
    sandbox.clock.advance(58)
    await sandbox.settle()
    assert len(delivery.attempts) == 2
    sandbox.clock.advance(3)
    await sandbox.settle()
    assert delivery.statuses == [500, 0, 500]
    assert not delivery.gave_up
    sandbox.clock.advance(301)
    await sandbox.settle()
    assert delivery.retry_nums == [0, 1, 2, 3]
    assert delivery.gave_up
    first, second, third, fourth = delivery.attempts
    assert second.at - first.at < 2
    assert third.at - second.at >= 60
    assert fourth.at - third.at >= 300
    told = [(h.get("x-slack-retry-num"), h.get("x-slack-retry-reason")) for h, _ in app.received]
    assert told == [(None, None), ("1", "http_error"), ("2", "http_timeout"), ("3", "http_error")]
    ids = {json.loads(body)["event_id"] for _, body in app.received}
    assert len(ids) == 1


async def test_a_retry_that_succeeds_is_the_last(sandbox: Sandbox, app: App) -> None:
    app.answers = [503]
    await sandbox.say("ana", "general", "Hello")
    await sandbox.settle()
    assert sandbox.deliveries[0].statuses == [503, 200]
    assert not sandbox.deliveries[0].gave_up


async def test_the_app_may_ask_for_no_retry(sandbox: Sandbox, app: App) -> None:
    app.answers = [web.Response(status=500, headers={"x-slack-no-retry": "1"})]
    await sandbox.say("ana", "general", "Hello")
    await sandbox.settle()
    assert (sandbox.deliveries[0].statuses, sandbox.deliveries[0].gave_up) == ([500], True)


async def test_time_can_run_faster(sandbox: Sandbox, app: App) -> None:
    app.answers = [500, 500]
    sandbox.clock.speed = 1000
    await sandbox.say("ana", "general", "Hello")
    await sandbox.clock.sleep_until(sandbox.clock.now() + 90)
    await sandbox.settle()
    assert sandbox.deliveries[0].statuses == [500, 500, 200]


async def test_nobody_at_the_address_is_a_failed_connection(sandbox: Sandbox) -> None:
    sandbox.app_url = "http://127.0.0.1:9/slack/events"
    await sandbox.say("ana", "general", "Hello")
    assert sandbox.deliveries[0].attempts[0].reason == "connection_failed"


async def test_events_can_be_doubled_held_back_and_shuffled(sandbox: Sandbox, app: App) -> None:
    sandbox.courier.copies = 3
    await sandbox.say("ana", "general", "one")
    assert len({json.loads(body)["event_id"] for _, body in app.received}) == 1
    assert len(app.received) == 3
    sandbox.courier.copies = 1
    sandbox.courier.held = []
    for number in range(8):
        await sandbox.say("ana", "general", str(number))
    assert len(app.received) == 3
    await sandbox.courier.release(shuffle=True)
    texts = [event(app, n)["text"] for n in range(3, 11)]
    assert sorted(texts) == [str(n) for n in range(8)]
    assert texts != sorted(texts)


async def test_raw_events_can_be_repeated_with_other_ids(sandbox: Sandbox, app: App) -> None:
    reaction = {"type": "reaction_added", "user": "U1", "reaction": "tada"}
    assert await sandbox.send_event(reaction, copies=11) == [200] * 11
    assert len({json.loads(body)["event_id"] for _, body in app.received}) == 11
    await sandbox.send_event(reaction, event_id="Ev1", retry_num=2)
    assert json.loads(app.received[-1][1])["event_id"] == "Ev1"
    assert headers(app)["x-slack-retry-num"] == "2"


async def test_forged_requests_are_refused_by_an_honest_app(sandbox: Sandbox, app: App) -> None:
    body = {"type": "url_verification", "challenge": "x"}
    assert (await sandbox.send(body)).status == 200
    assert (await sandbox.send(body, secret="another secret")).status == 401
    assert (await sandbox.send(body, signature="v0=nonsense")).status == 401
    assert (await sandbox.send(body, timestamp=time.time() - 301)).status == 401
    assert (await sandbox.send(b'{"broken', kind="event")).status == 200


# -- which events are sent


async def test_events_come_only_with_subscription_scope_and_membership(app: App) -> None:
    manifest = {
        "oauth_config": {"scopes": {"bot": ["channels:history"]}},
        "settings": {"event_subscriptions": {"bot_events": ["message.channels", "reaction_added"]}},
    }
    sandbox = Sandbox(manifest, SECRET, app_url=app.url)
    sandbox.add_user("ana")
    sandbox.add_channel("in", ["ana"])
    sandbox.add_channel("out", ["ana"], app_in=False)
    sandbox.add_channel("hidden", ["ana"], is_private=True)
    await sandbox.start()
    ts = await sandbox.say("ana", "in", "heard")
    await sandbox.say("ana", "out", "not a member")
    await sandbox.say("ana", "hidden", "not subscribed")
    await sandbox.react("ana", "in", ts, "tada")  # subscribed, but no reactions:read
    await sandbox.stop()
    assert [event(app, n)["text"] for n in range(len(app.received))] == ["heard"]


async def test_optional_scopes_can_be_withheld(app: App) -> None:
    from .conftest import MANIFEST

    for granted in (True, False):
        sandbox = Sandbox(MANIFEST, SECRET, app_url=app.url, optional_scopes=granted)
        sandbox.add_user("ana")
        sandbox.add_channel("hidden", ["ana"], is_private=True)
        await sandbox.start()
        await sandbox.say("ana", "hidden", "psst")
        await sandbox.stop()
    assert len(app.received) == 1


async def test_an_envelope_names_its_installation(sandbox: Sandbox, app: App) -> None:
    await sandbox.open_home("ana")
    envelope = json.loads(app.received[0][1])
    assert envelope["type"] == "event_callback"
    assert envelope["event"]["type"] == "app_home_opened"
    assert envelope["event"]["channel"] == sandbox.dm("ana")
    assert envelope["event_id"].startswith("Ev")
    assert (envelope["team_id"], envelope["api_app_id"]) == (sandbox.team_id, sandbox.app_id)
    assert envelope["authorizations"][0]["user_id"] == sandbox.bot_user_id


async def test_a_mention_of_the_bot_is_told_twice(sandbox: Sandbox, app: App) -> None:
    await sandbox.say("ana", "general", "@mutual thank @ben")
    assert sorted(event(app, n)["type"] for n in range(2)) == ["app_mention", "message"]


async def test_edits_and_deletions_are_told_with_what_was_before(sandbox: Sandbox, app: App) -> None:
    ts = await sandbox.say("ana", "general", "thanks @ben")
    await sandbox.edit("ana", "general", ts, "thanks @mia")
    changed = event(app)
    assert changed["subtype"] == "message_changed"
    assert changed["message"]["edited"]["user"] == sandbox.workspace.user("ana").id
    assert sandbox.workspace.user("ben").id in changed["previous_message"]["text"]
    await sandbox.delete("ana", "general", ts)
    assert (event(app)["subtype"], event(app)["deleted_ts"]) == ("message_deleted", ts)
    assert sandbox.messages("general") == []


async def test_a_message_with_replies_leaves_a_tombstone(sandbox: Sandbox, app: App) -> None:
    ts = await sandbox.say("ana", "general", "Who can help?")
    await sandbox.say("ben", "general", "I can", thread_ts=ts)
    await sandbox.delete("ana", "general", ts)
    assert event(app)["subtype"] == "message_changed"
    assert event(app)["message"]["subtype"] == "tombstone"
    assert len(sandbox.messages("general", ts)) == 2


async def test_a_reply_can_also_go_to_the_channel(sandbox: Sandbox, app: App) -> None:
    ts = await sandbox.say("ana", "general", "Who can help?")
    await sandbox.say("ben", "general", "I can", thread_ts=ts)
    await sandbox.say("ben", "general", "Done", thread_ts=ts, broadcast=True)
    assert event(app)["subtype"] == "thread_broadcast"
    assert [m["text"] for m in sandbox.messages("general")] == ["Who can help?", "Done"]
    assert sandbox.messages("general")[0]["reply_count"] == 2


async def test_what_changes_in_the_workspace_is_told(sandbox: Sandbox, app: App) -> None:
    cy = await sandbox.join("cy", title="New")
    assert (event(app)["type"], event(app)["user"]["profile"]["title"]) == ("team_join", "New")
    await sandbox.change_user(cy, status_emoji=":palm_tree:")
    assert event(app)["user"]["profile"]["status_emoji"] == ":palm_tree:"
    await sandbox.join_channel(cy, "general")
    assert (event(app)["type"], event(app)["user"]) == ("member_joined_channel", cy)
    await sandbox.deactivate(cy)
    assert event(app)["user"]["deleted"] is True
    group = sandbox.add_usergroup("harbour", ["ana"])
    await sandbox.change_usergroup(group, ["ana", "ben"])
    assert event(app)["subteam"]["user_count"] == 2
    await sandbox.remove_app("general")
    assert event(app)["type"] == "channel_left"
    count = len(app.received)
    await sandbox.say("ana", "general", "alone")
    assert len(app.received) == count
    await sandbox.invite_app("general", inviter=sandbox.workspace.user("ana").id)
    assert event(app)["inviter"] == sandbox.workspace.user("ana").id
    await sandbox.archive("general")
    assert event(app)["type"] == "channel_archive"
    await sandbox.uninstall()
    assert event(app)["type"] == "app_uninstalled"
    await sandbox.revoke_tokens()
    assert event(app)["tokens"]["bot"] == [sandbox.bot_user_id]


async def test_a_stranger_is_marked_in_shared_channels(sandbox: Sandbox, app: App) -> None:
    rita = sandbox.add_user("rita", team_id="T0NORTHWIND")
    sandbox.add_channel("pilot", ["ana", rita], shared=True)
    await sandbox.say("rita", "pilot", "Hello from outside")
    assert json.loads(app.received[0][1])["is_ext_shared_channel"] is True
    assert event(app)["user_team"] == "T0NORTHWIND"


@pytest.mark.parametrize(
    ("app_url", "sent_to"),
    [
        ("http://127.0.0.1:1/hook", "http://127.0.0.1:1/hook"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1/slack/events"),
        (None, None),
    ],
)
def test_the_address_is_the_apps_or_the_manifests_path(app_url: str | None, sent_to: str | None) -> None:
    from slackapp.sandbox.delivery import address

    assert address(app_url, "https://example.com/slack/events") == sent_to
