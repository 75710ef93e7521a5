"""Whatever arrives: nothing unsigned is accepted, nothing malformed is our failure, no other workspace is touched."""

import json
import random
import time
from typing import Any
from urllib.parse import quote, urlencode

from structlog.testing import capture_logs

from slackapp.listeners.shapes import ACTIONS, EVENTS, VIEWS, well_formed
from tests.world import World


def state(**blocks: Any) -> dict[str, Any]:
    return {"values": {block: {block: field} for block, field in blocks.items()}}


def chosen(value: str) -> dict[str, Any]:
    return {"selected_option": {"value": value}}


def honest(world: World) -> dict[str, dict[str, Any]]:
    """One honest payload of each kind."""
    who = {"id": world.ana, "team_id": world.id}
    team_id = "00000000-0000-4000-8000-000000000001"
    finding = json.dumps({"pattern": "isolated", "subjects": [world.ana], "since": "2026-03-02"})
    base = {"team": {"id": world.id}, "user": who, "trigger_id": "1.2.abc", "api_app_id": "A0"}
    view = {"id": "V0", "hash": "1.a", "type": "modal", "private_metadata": "", "state": {"values": {}}}
    payloads: dict[str, dict[str, Any]] = {}
    person = {"id": world.ana, "name": "ana", "team_id": world.id, "profile": {"display_name": "Ana"}}
    message = {"type": "message", "channel": world.team, "ts": "1700000000.000100"}
    said = {
        "user": world.ana,
        "channel": world.team,
        "ts": "1700000000.000100",
        "event_ts": "1700000001.000100",
    }
    event: dict[str, dict[str, Any]] = {
        "app_home_opened": {"user": world.ana, "tab": "home"},
        "team_join": {"user": person},
        "user_change": {"user": person},
        "member_joined_channel": {"user": world.ana, "channel": world.team},
        "member_left_channel": {"user": world.ana, "channel": world.team},
        "subteam_updated": {"subteam": {"id": "S0", "users": [world.ana]}},
        "tokens_revoked": {"tokens": {"oauth": ["U0"]}},
        "app_mention": {**said, "text": "<@U0BOT> hello"},
        "message": {
            **said,
            "subtype": "message_changed",
            "message": {
                **said,
                "text": f"<@{world.ben}> ++ for the map",
                "edited": {"ts": "1700000002.000100"},
            },
            "previous_message": {**said, "text": f"<@{world.ben}> ++ for the chart"},
        },
        "function_executed": {
            "function": {"callback_id": "give_kudos_step"},
            "function_execution_id": "Fx0",
            "workflow_execution_id": "Wx0",
            "inputs": {"giver": world.ana, "receiver": world.ben, "note": "for the map"},
        },
    }
    for kind in ("reaction_added", "reaction_removed"):
        event[kind] = {
            "user": world.ana,
            "item_user": world.ben,
            "item": message,
            "reaction": "clap",
            "event_ts": "1700000001.000100",
        }
    for kind, about in event.items():
        payloads[f"event {kind}"] = {
            "type": "event_callback",
            "team_id": world.id,
            "event_id": "Ev0",
            "event": {"type": kind, **about},
        }
    asking = state(
        what={"value": "A second look"},
        kind=chosen("eyes"),
        by_when={"selected_date": "2030-03-02"},
        channel={"selected_conversation": world.team},
        asked={"selected_users": [world.ben]},
    )
    for action in [
        *ACTIONS,
        "open_ask",
        "open_offer",
        "open_make_team",
        "digest_pause",
        "digest_stop",
        "open_kudos",
        "open_settings",
        "open_privacy",
        "open_my_teams",
        "open_who_sees_what",
    ]:
        value = (
            json.dumps([team_id, world.ben])
            if action == "also_ask"
            else f"{world.ben} 2026-03-02"
            if action in {"digest_thank", "undo_check_in"}
            else finding
            if action.endswith("finding")
            else "1"
            if action.startswith("turn")
            else team_id
        )
        about = {"team": team_id, "managed": False}
        payloads[f"action {action}"] = {
            **base,
            "type": "block_actions",
            "actions": [
                {
                    "type": "button",
                    "action_id": action,
                    "block_id": action if action in {"people", "asked"} else "b",
                    "value": value,
                    "selected_users": [world.ben],
                }
            ],
            "view": {**view, "private_metadata": json.dumps(about), "state": asking},
            "response_url": f"{world.sandbox.url}/nowhere",
        }
    admins = {
        "timezone": {"value": "Europe/Berlin"},
        "emoji_kudos": {"value": ":clap:"},
        "emoji_thanks": {"value": None},
        "floor": {"value": "5"},
        "announce": chosen("same"),
        "naming": chosen("consent"),
        "team_makers": chosen("admins"),
        "kudos_channel": {"selected_channel": None},
        "celebrate_channel": {"selected_channel": None},
        "in_general": {"selected_options": []},
    }
    words = {"what": {"value": "A second look"}, "kind": chosen("eyes"), "by_when": {"selected_date": None}}
    forms: dict[str, dict[str, Any]] = {
        "ask": asking,
        "edit_ask": state(**words),
        "close_ask": state(helped={"selected_users": [world.ben]}),
        "know_someone": state(someone={"selected_user": world.ben}),
        "offer": state(receiver={"selected_user": world.ben}, what={"value": "An hour"}),
        "thank_helper": state(note={"value": None}, seen_by=chosen("private")),
        "give_kudos": state(
            channel={"selected_conversation": world.team},
            people={"selected_users": [world.ben]},
            note={"value": "for the map"},
            reason=chosen("kudos"),
            seen_by=chosen("private"),
        ),
        "settings": state(
            thanked=chosen("either"),
            help_me={"value": None},
            need_now={"value": "tea"},
            away_until={"selected_date": None},
            at_capacity_until={"selected_date": None},
            paused={"selected_options": []},
            **admins,
            digest={"selected_options": []},
            digest_day=chosen("0"),
            digest_hour=chosen("9"),
        ),
        "expect_finding": state(role=chosen("support")),
        "make_team": state(
            name={"value": "Crew"},
            people={"selected_users": [world.ana]},
            channel={"selected_conversation": None},
            managers={"selected_users": [world.mia]},
        ),
        "change_team": state(
            name={"value": "Crew"},
            people={"selected_users": [world.ana]},
            managers={"selected_users": [world.mia]},
            in_sub_group={"selected_users": []},
            sub_group={"value": None},
            close={"selected_options": []},
        ),
    }
    for form, values in forms.items():
        about = {
            "expect_finding": finding,
            "change_team": json.dumps({"team": team_id}),
            **dict.fromkeys(("edit_ask", "close_ask", "know_someone", "thank_helper"), team_id),
        }.get(form, "")
        payloads[f"form {form}"] = {
            **base,
            "type": "view_submission",
            "view": {**view, "callback_id": form, "state": values, "private_metadata": about},
        }
    payloads["form settings of an admin"] = {**payloads["form settings"], "user": {**who, "id": world.mia}}
    for shortcut in ("give_kudos", "ask_for_help"):
        payloads[f"shortcut {shortcut}"] = {**base, "type": "shortcut", "callback_id": shortcut}
    for shortcut in ("thank_for_message", "offer_help"):
        payloads[f"message action {shortcut}"] = {
            **base,
            "type": "message_action",
            "callback_id": shortcut,
            "channel": {"id": world.team},
            "message": {"ts": "1700000000.000100", "user": world.ben},
            "response_url": f"{world.sandbox.url}/nowhere",
        }
    for command in ("/kudos", "/ask", "/offer", "/mutual"):
        payloads[f"command {command}"] = {
            "command": command,
            "team_id": world.id,
            "user_id": world.ana,
            "channel_id": world.team,
            "trigger_id": "1.2",
            "text": f"<@{world.ben}> for the map",
            "response_url": f"{world.sandbox.url}/nowhere",
        }
    return payloads


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, value in inner:
        found += places(value, (*path, step))
    return found


def changed(payload: dict[str, Any], path: tuple[Any, ...], how: str, scrap: Any) -> dict[str, Any]:
    made = json.loads(json.dumps(payload))
    node = made
    for step in path[:-1]:
        node = node[step]
    if how == "gone":
        del node[path[-1]]
    else:
        node[path[-1]] = scrap
    return made  # type: ignore[no-any-return]


def encoded(payload: dict[str, Any]) -> tuple[bytes, str]:
    if payload.get("type") == "event_callback":
        return json.dumps(payload).encode(), "application/json"
    form = "application/x-www-form-urlencoded"
    if "command" in payload:
        return urlencode(
            {key: str(value).encode("utf-8", "replace") for key, value in payload.items()}
        ).encode(), form
    return f"payload={quote(json.dumps(payload))}".encode(), form


async def test_every_kind_is_known_to_the_fuzz(world: World) -> None:
    made = honest(world)
    assert {f"event {kind}" for kind in EVENTS} | {f"form {form}" for form in VIEWS} <= set(made)
    assert [kind for kind, payload in made.items() if not well_formed(payload)] == []


async def test_nothing_malformed_is_our_failure(world: World) -> None:
    """Signed as Slack signs, and broken in one place. Slack may refuse a forged trigger or view; we must not stumble."""
    rng = random.Random(7)
    broken = ["gone", None, 7, "", "\x00", [], {}, [7], {"id": 7}, "x" * 5000]
    stumbled: list[tuple[str, tuple[Any, ...]]] = []
    with capture_logs() as logs:
        for kind, payload in honest(world).items():
            if kind == "action erase_me":
                continue
            for path in rng.sample(every := places(payload), min(6, len(every))):
                scrap = rng.choice(broken)
                body, content_type = encoded(
                    changed(payload, path, "gone" if scrap == "gone" else "put", scrap)
                )
                answered = await world.sandbox.send(body, content_type=content_type)
                if answered.status >= 500:
                    stumbled.append((kind, path))
    assert [
        (entry["error"], entry["slack_error"], entry["kind"], entry["where"][-120:])
        for entry in logs
        if entry["event"] == "listener_failed"
    ] == []
    assert stumbled == []


async def test_what_is_unsigned_or_stale_is_refused(world: World) -> None:
    for kind, payload in honest(world).items():
        body, content_type = encoded(payload)
        forged = await world.sandbox.send(body, content_type=content_type, secret="0" * 32)
        stale = await world.sandbox.send(body, content_type=content_type, timestamp=time.time() - 301)
        assert (kind, forged.status, stale.status) == (kind, 401, 401)
    assert await world.standing() == set()


async def test_whoever_slack_does_not_show_us_is_told_kindly_or_left_alone(world: World) -> None:
    for kind, payload in honest(world).items():
        if kind in {"event team_join", "event user_change", "action erase_me"}:
            continue  # two of them introduce a person, and the third ends on a Home that is not there
        body, content_type = encoded(json.loads(json.dumps(payload).replace(world.ana, "U0NOBODY")))
        answered = await world.sandbox.send(body, content_type=content_type)
        assert (kind, answered.status < 500) == (kind, True)
        if kind == "command /kudos":
            assert "I can't see your profile in this workspace, so nothing was recorded." in answered.body
    assert await world.standing() == set()
