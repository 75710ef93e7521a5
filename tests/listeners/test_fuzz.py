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
    event: dict[str, dict[str, Any]] = {
        "app_home_opened": {"user": world.ana, "tab": "home"},
        "team_join": {"user": person},
        "user_change": {"user": person},
        "member_joined_channel": {"user": world.ana, "channel": world.team},
        "member_left_channel": {"user": world.ana, "channel": world.team},
        "subteam_updated": {"subteam": {"id": "S0", "users": [world.ana]}},
        "tokens_revoked": {"tokens": {"oauth": ["U0"]}},
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
    for action in [
        *ACTIONS,
        "open_kudos",
        "open_settings",
        "open_privacy",
        "open_my_teams",
        "open_who_sees_what",
    ]:
        value = finding if action.endswith("finding") else "1" if action.startswith("turn") else team_id
        about = {"team": team_id, "managed": False}
        payloads[f"action {action}"] = {
            **base,
            "type": "block_actions",
            "actions": [
                {
                    "type": "button",
                    "action_id": action,
                    "block_id": "b",
                    "value": value,
                    "selected_users": [world.ben],
                }
            ],
            "view": {**view, "private_metadata": json.dumps(about)},
            "response_url": f"{world.sandbox.url}/nowhere",
        }
    forms: dict[str, dict[str, Any]] = {
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
        about = (
            finding
            if form == "expect_finding"
            else json.dumps({"team": team_id})
            if form == "change_team"
            else ""
        )
        payloads[f"form {form}"] = {
            **base,
            "type": "view_submission",
            "view": {**view, "callback_id": form, "state": values, "private_metadata": about},
        }
    payloads["shortcut"] = {**base, "type": "shortcut", "callback_id": "give_kudos"}
    payloads["message action"] = {
        **base,
        "type": "message_action",
        "callback_id": "thank_for_message",
        "channel": {"id": world.team},
        "message": {"ts": "1700000000.000100", "user": world.ben},
        "response_url": f"{world.sandbox.url}/nowhere",
    }
    payloads["command"] = {
        "command": "/kudos",
        "team_id": world.id,
        "user_id": world.ana,
        "channel_id": world.team,
        "trigger_id": "1.2",
        "text": "@ben for the map",
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
    with capture_logs() as logs:
        for kind, payload in honest(world).items():
            if kind == "action erase_me":
                continue
            for path in rng.sample(every := places(payload), min(6, len(every))):
                scrap = rng.choice(broken)
                body, content_type = encoded(
                    changed(payload, path, "gone" if scrap == "gone" else "put", scrap)
                )
                await world.sandbox.send(body, content_type=content_type)
    assert [
        (entry["error"], entry["where"][-80:])
        for entry in logs
        if entry["event"] == "listener_failed" and entry["error"] != "SlackApiError"
    ] == []


async def test_what_is_unsigned_or_stale_is_refused(world: World) -> None:
    for kind, payload in honest(world).items():
        body, content_type = encoded(payload)
        forged = await world.sandbox.send(body, content_type=content_type, secret="0" * 32)
        stale = await world.sandbox.send(body, content_type=content_type, timestamp=time.time() - 301)
        assert (kind, forged.status, stale.status) == (kind, 401, 401)
    assert await world.standing() == set()
