"""One honest payload of each kind that Slack sends, about things that are really there.

`KINDS` is the list of all. A listener that is registered and has no line in it fails the first test of the fuzz.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from slackapp import listeners
from slackapp.domain.asks import Ask
from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.people import Person
from slackapp.domain.teams import Origin, Team
from slackapp.store import asks, gestures, installations, offers, people, teams, workspaces
from slackapp.store.installations import Installation
from tests.conftest import UTC_ZONE
from tests.world import World

Payload = dict[str, Any]


@dataclass
class Scene:
    """Ana acts. She is on Mia's team, asked, was offered help by Ben, and gave him thanks."""

    world: World
    team: str
    ask: str
    offer: str
    kudos: str  # a source key

    @property
    def said(self) -> Payload:
        return {
            "user": self.world.ana,
            "channel": self.world.team,
            "ts": "1700000000.000100",
            "event_ts": "1700000001.000100",
        }

    def base(self, user: str | None = None, view: str | None = None) -> Payload:
        user = user or self.world.ana
        return {
            "team": {"id": self.world.id, "domain": "lantern"},
            "user": {"id": user, "team_id": self.world.id},
            "trigger_id": self.world.sandbox.workspace.issue_trigger(user, view),
            "api_app_id": self.world.sandbox.app_id,
        }

    def view(self, user: str | None = None) -> Payload:
        """A modal that is open."""
        content = {
            "type": "modal",
            "title": {"type": "plain_text", "text": "Mutual"},
            "callback_id": "any",
            "blocks": [],
        }
        workspace = self.world.sandbox.workspace
        for open_ in list(workspace.stacks.get(user or self.world.ana, [])):
            workspace.drop_view(open_)
        view = workspace.put_view(user or self.world.ana, "modal", content)
        workspace.stacks.setdefault(view.user, []).append(view.id)
        return {
            "id": view.id,
            "hash": view.hash,
            "team_id": self.world.id,
            "type": "modal",
            "private_metadata": "",
            "state": {"values": {}},
        }

    async def restore(self) -> None:
        """After a payload that takes the app away, it is back."""
        world = self.world
        token = Installation(world.sandbox.bot_token, world.sandbox.bot_id, world.sandbox.bot_user_id, [])
        async with world.database.workspace(world.id) as db:
            await workspaces.add(db, world.id, name=world.sandbox.team_name, timezone="Europe/Berlin")
            await installations.put(db, world.id, token, world.settings.cipher, world.now())

    @property
    def nowhere(self) -> str:
        return self.world.sandbox.workspace.issue_response_url(self.world.ana, self.world.team)


async def staged(world: World, mark: str = "", *, private: bool = False) -> Scene:
    """Made anew each time, because what was sent before may have changed it. `mark` is in everything written.

    `private`: the ask is for Ben alone, not in a channel, and the thanks are to Mia, so that his offer still waits.
    """
    now, today = world.now(), world.now().date()
    place = (None, (world.ben,)) if private else (world.team, ())
    team_id, ask_id, kudos = uuid4(), uuid4(), f"command:{uuid4()}"
    cast = {user: Person(user, name.title(), is_admin=name == "mia") for name, user in world.people.items()}
    async with world.database.workspace(world.id) as db:
        await people.put(db, world.id, list(cast.values()), now)
        team = Team(team_id, f"Crew {mark}", Origin("channel", world.team), (world.mia,))
        await teams.make(db, world.id, team, now)
        await teams.keep(db, world.id, team_id, [world.ana, world.ben, world.cy], today)
        ask = Ask(ask_id, world.ana, f"A second look {mark}", "eyes", None, *place, "open", now)
        await asks.ask(db, world.id, ask)
        step = await offers.offer(db, world.id, ask, helper=world.ben, now=now, day=today)
        thanks = gestures_to(
            [world.mia if private else world.ben],
            giver=world.ana,
            kind="thanks",
            source=Source(kudos, world.team),
            at=now,
            tz=UTC_ZONE,
            note=f"for the map {mark}",
        )
        await gestures.record(db, world.id, thanks, Mark("command"), now)
    assert step is not None
    return Scene(world, str(team_id), str(ask_id), str(step.offer.offer_id), kudos)


# The parts ------------------------------------------------------------------------------------------------------------


def state(**blocks: Any) -> Payload:
    return {"values": {block: {block: field} for block, field in blocks.items()}}


def chosen(value: str) -> Payload:
    return {"selected_option": {"value": value}}


def finding(scene: Scene) -> str:
    return json.dumps({"pattern": "isolated", "subjects": [scene.world.ana], "since": "2026-03-02"})


def asking(scene: Scene) -> Payload:
    return state(
        what={"value": "A second look"},
        kind=chosen("eyes"),
        by_when={"selected_date": "2030-03-02"},
        where=chosen("people"),
        channel={"selected_conversation": scene.world.team},
        asked={"selected_users": [scene.world.ben]},
    )


def event(kind: str, about: Callable[[Scene], Payload]) -> Callable[[Scene], Payload]:
    def made(scene: Scene) -> Payload:
        return scene.world.sandbox.events.envelope({"type": kind, **about(scene)})

    return made


def action(
    name: str, value: Callable[[Scene], str] = lambda _: "0", **more: Any
) -> Callable[[Scene], Payload]:
    def made(scene: Scene) -> Payload:
        view = scene.view()
        about = {"team": scene.team, "managed": False}
        return {
            **scene.base(view=view["id"]),
            "type": "block_actions",
            "actions": [
                {
                    "type": "button",
                    "action_id": name,
                    "block_id": name if name in {"people", "asked", "receiver"} else "b",
                    "value": value(scene),
                    "selected_users": [scene.world.ben],
                    "selected_user": scene.world.ben,
                }
            ],
            "view": {**view, "private_metadata": json.dumps(about), "state": asking(scene)},
            "response_url": scene.nowhere,
            **more,
        }

    return made


def form(
    name: str,
    values: Callable[[Scene], Payload],
    metadata: Callable[[Scene], str] = lambda _: "",
    user: Callable[[Scene], str] = lambda scene: scene.world.ana,
) -> Callable[[Scene], Payload]:
    def made(scene: Scene) -> Payload:
        view = scene.view(user(scene))
        return {
            **scene.base(user(scene), view["id"]),
            "type": "view_submission",
            "view": {
                **view,
                "callback_id": name,
                "state": values(scene),
                "private_metadata": metadata(scene),
            },
        }

    return made


def shortcut(name: str) -> Callable[[Scene], Payload]:
    return lambda scene: {**scene.base(), "type": "shortcut", "callback_id": name}


def message_shortcut(name: str) -> Callable[[Scene], Payload]:
    return lambda scene: {
        **scene.base(),
        "type": "message_action",
        "callback_id": name,
        "channel": {"id": scene.world.team},
        "message": {"ts": "1700000000.000100", "user": scene.world.ben},
        "response_url": scene.nowhere,
    }


def command(name: str) -> Callable[[Scene], Payload]:
    return lambda scene: {
        "command": name,
        "team_id": scene.world.id,
        "user_id": scene.world.ana,
        "channel_id": scene.world.team,
        "trigger_id": scene.base()["trigger_id"],
        "text": f"<@{scene.world.ben}> for the map",
        "response_url": scene.nowhere,
    }


def step(name: str, **inputs: str) -> Callable[[Scene], Payload]:
    def about(scene: Scene) -> Payload:
        world = scene.world
        return {
            "function": {"callback_id": name},
            "function_execution_id": "Fx0",
            "workflow_execution_id": "Wx0",
            "inputs": {
                key: {"ana": world.ana, "ben": world.ben, "team": world.team}.get(value, value)
                for key, value in inputs.items()
            },
        }

    return event("function_executed", about)


def _person(scene: Scene) -> Payload:
    profile = {"display_name": "Ana", "status_emoji": ":palm_tree:"}
    user = {"id": scene.world.ana, "name": "ana", "team_id": scene.world.id, "profile": profile}
    return {"user": user | {"enterprise_user": {"id": scene.world.ana, "teams": [scene.world.id]}}}


def _reaction(scene: Scene) -> Payload:
    return {
        "user": scene.world.ana,
        "item_user": scene.world.ben,
        "item": {"type": "message", "channel": scene.world.team, "ts": "1700000000.000100"},
        "reaction": "clap",
        "event_ts": "1700000001.000100",
    }


def _change(scene: Scene) -> Payload:
    said = scene.said
    return {
        **said,
        "subtype": "message_changed",
        "message": {
            **said,
            "text": f"<@{scene.world.ben}> ++ for the map",
            "edited": {"ts": "1700000002.000100"},
        },
        "previous_message": {**said, "text": f"<@{scene.world.ben}> ++ for the chart"},
    }


_WHAT = {"what": {"value": "A second look"}, "kind": chosen("eyes"), "by_when": {"selected_date": None}}
_OWN_SETTINGS = {
    "thanked": chosen("either"),
    "help_me": {"value": None},
    "need_now": {"value": "tea"},
    "away_until": {"selected_date": None},
    "at_capacity_until": {"selected_date": None},
    "paused": {"selected_options": []},
    "digest": {"selected_options": []},
    "digest_day": chosen("0"),
    "digest_hour": chosen("9"),
}
_WORKSPACE_SETTINGS = {
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


def _of_team(scene: Scene) -> str:
    return scene.team


def _of_ask(scene: Scene) -> str:
    return scene.ask


def _of_offer(scene: Scene) -> str:
    return scene.offer


def _of_kudos(scene: Scene) -> str:
    return scene.kudos


def _of_ben(scene: Scene) -> str:
    return scene.world.ben


def _of_ben_today(scene: Scene) -> str:
    return f"{scene.world.ben} {scene.world.now().date()}"


# All of them ----------------------------------------------------------------------------------------------------------

KINDS: Mapping[str, Callable[[Scene], Payload]] = {
    "event app_home_opened": event("app_home_opened", lambda scene: {"user": scene.world.ana, "tab": "home"}),
    "event team_join": event("team_join", _person),
    "event user_change": event("user_change", _person),
    "event member_joined_channel": event(
        "member_joined_channel", lambda scene: {"user": scene.world.ana, "channel": scene.world.team}
    ),
    "event member_left_channel": event(
        "member_left_channel", lambda scene: {"user": scene.world.ana, "channel": scene.world.team}
    ),
    "event subteam_updated": event(
        "subteam_updated", lambda scene: {"subteam": {"id": "S0", "users": [scene.world.ana]}}
    ),
    "event app_uninstalled": event("app_uninstalled", lambda _: {}),
    "event tokens_revoked": event(
        "tokens_revoked", lambda scene: {"tokens": {"bot": [scene.world.sandbox.bot_user_id]}}
    ),
    "event team_access_granted": event("team_access_granted", lambda _: {"team_ids": ["T0FUZZ"]}),
    "event team_access_revoked": event("team_access_revoked", lambda _: {"team_ids": ["T0FUZZ"]}),
    "event app_mention": event("app_mention", lambda scene: {**scene.said, "text": "<@U0BOT> hello"}),
    "event message": event(
        "message", lambda scene: {**scene.said, "text": f"<@{scene.world.ben}> ++ for the map"}
    ),
    "event message, changed": event("message", _change),
    "event message, deleted": event(
        "message",
        lambda scene: {
            **scene.said,
            "subtype": "message_deleted",
            "previous_message": {**scene.said, "text": f"<@{scene.world.ben}> ++ for the map"},
        },
    ),
    "event message, direct": event(
        "message", lambda scene: {**scene.said, "channel_type": "im", "text": "undo"}
    ),
    "event reaction_added": event("reaction_added", _reaction),
    "event reaction_removed": event("reaction_removed", _reaction),
    "step give_kudos_step": step("give_kudos_step", giver="ana", receiver="ben", note="for the map"),
    "step ask_for_help_step": step(
        "ask_for_help_step", asker="ana", channel="team", what="A second look", by_when="2030-03-02"
    ),
    "command /kudos": command("/kudos"),
    "command /ask": command("/ask"),
    "command /offer": command("/offer"),
    "command /mutual": command("/mutual"),
    "shortcut give_kudos": shortcut("give_kudos"),
    "shortcut ask_for_help": shortcut("ask_for_help"),
    "shortcut thank_for_message": message_shortcut("thank_for_message"),
    "shortcut offer_help": message_shortcut("offer_help"),
    **{
        f"action {name}": action(name)
        for name in (
            "open_kudos",
            "open_ask",
            "open_offer",
            "open_settings",
            "open_privacy",
            "open_make_team",
            "open_my_teams",
            "open_managed_teams",
            "open_who_sees_what",
            "open_all_teams",
            "open_looks",
            "preview_digest",
            "digest_pause",
            "digest_stop",
            "people",
            "asked",
            "receiver",
            "download_my_data",
            "pause_me",
            "resume_me",
            "erase_me",
        )
    },
    **{
        f"action {name}": action(name, _of_kudos) for name in ("undo", "put_back", "not_for_help", "for_help")
    },
    **{
        f"action {name}": action(name, _of_team)
        for name in ("open_team", "open_change_team", "share_balance", "unshare_balance")
    },
    **{
        f"action {name}": action(name, lambda _: "1")
        for name in (
            "turn_team_back",
            "turn_team_on",
            "turn_managed_teams_back",
            "turn_managed_teams_on",
            "turn_my_teams_back",
            "turn_my_teams_on",
            "turn_all_teams_back",
            "turn_all_teams_on",
            "turn_looks_back",
            "turn_looks_on",
        )
    },
    **{
        f"action {name}": action(name, _of_ask)
        for name in (
            "can_help",
            "read_ask",
            "know_someone",
            "edit_ask",
            "close_ask",
            "reopen_ask",
            "withdraw_ask",
        )
    },
    "action also_ask": action("also_ask", lambda scene: json.dumps([scene.ask, scene.world.ben])),
    "action post_open_asks": action("post_open_asks", lambda scene: scene.world.team),
    **{
        f"action {name}": action(name, _of_offer)
        for name in (
            "accept_offer",
            "decline_offer",
            "not_yet",
            "unconfirm_help",
            "claim_help",
            "take_back_offer",
            "confirm_help",
            "thank_helper",
        )
    },
    "action check_in": action("check_in", _of_ben),
    **{f"action {name}": action(name, _of_ben_today) for name in ("undo_check_in", "digest_thank")},
    **{
        f"action {name}": action(name, finding)
        for name in ("why_finding", "expect_finding", "remark_finding")
    },
    "form give_kudos": form(
        "give_kudos",
        lambda scene: state(
            channel={"selected_conversation": scene.world.team},
            people={"selected_users": [scene.world.ben]},
            note={"value": "for the map"},
            reason=chosen("kudos"),
            seen_by=chosen("private"),
        ),
    ),
    "form ask": form("ask", asking),
    "form edit_ask": form("edit_ask", lambda _: state(**_WHAT), _of_ask),
    "form close_ask": form(
        "close_ask", lambda scene: state(helped={"selected_users": [scene.world.ben]}), _of_ask
    ),
    "form know_someone": form(
        "know_someone", lambda scene: state(someone={"selected_user": scene.world.ben}), _of_ask
    ),
    "form offer": form(
        "offer",
        lambda scene: state(receiver={"selected_user": scene.world.ben}, what={"value": "An hour"}),
    ),
    "form thank_helper": form(
        "thank_helper", lambda _: state(note={"value": None}, seen_by=chosen("private")), _of_offer
    ),
    "form settings": form("settings", lambda _: state(**_OWN_SETTINGS)),
    "form settings, of an admin": form(
        "settings",
        lambda _: state(**_OWN_SETTINGS, **_WORKSPACE_SETTINGS),
        user=lambda scene: scene.world.mia,
    ),
    "form expect_finding": form("expect_finding", lambda _: state(role=chosen("support")), finding),
    "form make_team": form(
        "make_team",
        lambda scene: state(
            name={"value": "Crew"},
            people={"selected_users": [scene.world.ana]},
            channel={"selected_conversation": None},
            managers={"selected_users": [scene.world.mia]},
        ),
        user=lambda scene: scene.world.mia,
    ),
    "form change_team": form(
        "change_team",
        lambda scene: state(
            name={"value": "Crew"},
            people={"selected_users": [scene.world.ana]},
            managers={"selected_users": [scene.world.mia]},
            in_sub_group={"selected_users": []},
            sub_group={"value": None},
            close={"selected_options": []},
        ),
        lambda scene: json.dumps({"team": scene.team}),
        user=lambda scene: scene.world.mia,
    ),
}


class _Registry:
    """Stands where Bolt stands when listeners register, and writes down their names."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getattr__(self, kind: str) -> Callable[..., Callable[[Any], Any]]:
        def register(name: str | Mapping[str, str]) -> Callable[[Any], Any]:
            known = name if isinstance(name, str) else name["action_id"]
            self.names.add(f"{ {'function': 'step', 'view': 'form'}.get(kind, kind) } {known}")
            return lambda listener: listener

        return register


def registered() -> set[str]:
    """Every listener there is, in the words of KINDS."""
    registry = _Registry()
    listeners.register(registry)  # type: ignore[arg-type]
    return registry.names


def encoded(payload: Payload) -> tuple[bytes, str]:
    """The body and content type in which Slack sends it, also where it holds what Slack would never send."""
    if payload.get("type") == "event_callback":
        return json.dumps(payload).encode(), "application/json"
    form_type = "application/x-www-form-urlencoded"
    if "command" in payload:
        fields = {
            key.encode("utf-8", "replace"): str(value).encode("utf-8", "replace")
            for key, value in payload.items()
        }
        return urlencode(fields).encode(), form_type
    return f"payload={quote(json.dumps(payload))}".encode(), form_type
