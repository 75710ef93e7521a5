"""What a request must look like before a listener reads it. Signed is not the same as well formed.

One place instead of a guard in each listener: what listeners read without looking is named here, by the kind of
payload. A request that lacks it is not something Slack sends, and is answered with 400.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from slackapp.domain.asks import KINDS_OF_HELP
from slackapp.domain.policies import ANNOUNCE, NAMING, TEAM_MAKERS

Check = Callable[[Any], bool]
Shape = Mapping[str, Check]


def text(value: Any) -> bool:
    """PostgreSQL keeps no NUL, and nothing encodes half a surrogate pair."""
    return isinstance(value, str) and "\x00" not in value and _encodes(value)


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def name(value: Any) -> bool:
    return text(value) and 0 < len(value) <= 200


def address(value: Any) -> bool:
    return text(value) and len(value) < 2000 and value.startswith(("https://", "http://"))


def mapping(value: Any) -> bool:
    return isinstance(value, dict)


def maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


def every(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(one) for one in value)


def moment(value: Any) -> bool:
    """Slack's time stamps: seconds, a dot and six digits."""
    if not name(value):
        return False
    seconds, _, rest = value.partition(".")
    return seconds.isascii() and seconds.isdigit() and len(seconds) < 12 and (not rest or rest.isdigit())


def _reads(read: Callable[[str], object]) -> Check:
    def check(value: Any) -> bool:
        try:
            read(value)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return False
        return text(value)

    return check


def one_of(choices: Iterable[str]) -> Check:
    known = frozenset(choices)
    return lambda value: isinstance(value, str) and value in known


def filled_in(value: Any) -> bool:
    """What a form holds: each block's one element, by its action."""
    return isinstance(value, dict) and all(
        isinstance(inside, dict) and inside and mapping(next(iter(inside.values())))
        for inside in value.values()
    )


def holds(key: str, check: Check) -> Check:
    """A field that says so, if only with null: Slack leaves no key out."""
    return lambda value: isinstance(value, dict) and key in value and check(value[key])


def chosen(value: Any) -> bool:
    """What a workflow's author chose, or left empty."""
    return value in (None, "") or name(value)


uuid = _reads(UUID)
day = _reads(date.fromisoformat)
number = _reads(int)
team = _reads(lambda value: UUID(json.loads(value)["team"]))
also_asked = _reads(lambda value: [UUID(json.loads(value)[0]), json.loads(value)[1].encode()])


def page(value: Any) -> bool:
    return number(value) and 0 <= int(value) < 10_000


def between(low: int, high: int) -> Check:
    return lambda value: number(value) and low <= int(value) <= high


def person_on(value: Any) -> bool:
    """Somebody's id, a space, and a day."""
    who, _, when = value.partition(" ") if name(value) else ("", "", "")
    return name(who) and day(when)


def item(value: Any) -> bool:
    """What was reacted to. Only a message is read; a file is let pass."""
    return isinstance(value, dict) and (
        value.get("type") != "message" or (name(value.get("channel")) and moment(value.get("ts")))
    )


def about_message(value: Any) -> bool:
    """Empty, or the channel and time stamp that a form was opened from, or the help that it is about."""
    if value in (None, ""):
        return True
    try:
        about = json.loads(value)
    except (ValueError, TypeError, RecursionError):
        return False
    return (
        isinstance(about, dict)
        and (not about.get("ts") or (moment(about["ts"]) and name(about.get("channel"))))
        and (not about.get("helper") or (name(about["helper"]) and day(about.get("helped_on"))))
    )


def finding(value: Any) -> bool:
    try:
        about = json.loads(value)
    except (ValueError, TypeError, RecursionError):
        return False
    return (
        isinstance(about, dict)
        and name(about.get("pattern"))
        and every(name)(about.get("subjects"))
        and day(about.get("since"))
    )


COMMAND: Shape = {
    "team_id": name,
    "user_id": name,
    "channel_id": name,
    "trigger_id": name,
    "text": maybe(text),
}
PRESSED: Shape = {
    "team": maybe(mapping),  # none where the whole organisation has the app
    "user.id": name,
    "trigger_id": name,
    "actions.0.action_id": name,
    "view.id": maybe(name),  # none in a message
}
SENT: Shape = {
    "user.id": name,
    "view.type": one_of(["modal"]),
    "view.id": name,
    "view.callback_id": name,
    "view.state.values": filled_in,
}

PERSON: Shape = {
    "user": mapping,
    "user.id": name,
    "user.profile": maybe(mapping),
    "user.tz": maybe(text),
    "user.enterprise_user": maybe(mapping),
    "user.team_id": maybe(name),
    "user.name": maybe(text),
    "user.real_name": maybe(text),
    "user.profile.display_name": maybe(text),
    "user.profile.real_name": maybe(text),
    "user.profile.team": maybe(text),
    "user.enterprise_user.id": maybe(name),
    "user.enterprise_user.teams": maybe(every(name)),
}
REACTION: Shape = {
    "user": name,
    "item_user": maybe(name),
    "item": item,
    "reaction": name,
    "event_ts": moment,
}
EVENTS: Mapping[str, Shape] = {
    "app_home_opened": {"user": name, "tab": maybe(text)},
    "reaction_added": REACTION,
    "reaction_removed": REACTION,
    "team_join": PERSON,
    "user_change": PERSON,
    "member_joined_channel": {"user": name, "channel": name},
    "member_left_channel": {"user": name, "channel": name},
    "subteam_updated": {"subteam": mapping, "subteam.id": name, "subteam.users": maybe(every(name))},
    "app_uninstalled": {},
    "team_access_granted": {"team_ids": every(name)},
    "team_access_revoked": {"team_ids": every(name)},
    "tokens_revoked": {
        "tokens": maybe(mapping),
        "tokens.oauth": maybe(every(name)),
        "tokens.bot": maybe(every(name)),
    },
    "app_mention": {
        "user": maybe(name),
        "channel": name,
        "ts": moment,
        "thread_ts": maybe(moment),
        "text": maybe(text),
    },
    "message": {},  # see _message
    "function_executed": {
        "function": mapping,
        "function.callback_id": name,
        "function_execution_id": name,
        "inputs": mapping,
        **{f"inputs.{field}": chosen for field in ("giver", "receiver", "asker", "channel")},
        **{f"inputs.{field}": maybe(text) for field in ("note", "what", "by_when")},
    },
}
_MESSAGE: Shape = {
    "user": maybe(name),
    "channel": name,
    "ts": maybe(moment),
    "thread_ts": maybe(moment),
    "text": maybe(text),
    "channel_type": maybe(text),
    "subtype": maybe(text),
    "bot_id": maybe(text),
    "event_ts": maybe(moment),
    "edited": maybe(mapping),
    "edited.ts": maybe(moment),
}


def _message(event: Any) -> bool:
    """What a message says now, and what it said before, where Slack tells of a change."""
    parts = [event.get("message"), event.get("previous_message")]
    said = {key: check for key, check in _MESSAGE.items() if key not in {"channel", "ts"}}
    return (
        _fits(event, _MESSAGE)
        and all(part is None or (isinstance(part, dict) and _fits(part, said)) for part in parts)
        and all(moment(part.get("ts")) for part in parts if part)
        and (event.get("ts") is not None or event.get("subtype") in {"message_changed", "message_deleted"})
        and (event.get("subtype") != "message_deleted" or moment(event.get("event_ts")))
        and (event.get("subtype") != "message_changed" or moment((parts[0] or {}).get("ts")))
    )


def _filled(block: str, check: Check) -> Check:
    """A block of a form that is being filled, with what was chosen in it."""
    return lambda value: check(_at(value, [block, "selected_option", "value"]))


_TURN: dict[str, Check] = {"actions.0.value": page, "view.id": name, "view.hash": name}
_FINDING: Shape = {"actions.0.value": finding}
_VALUE: Shape = {"actions.0.value": name}
_IN_A_MESSAGE: Shape = {**_VALUE, "response_url": address}  # the answer goes where it was pressed
_OF_A_CHAIN = (
    "can_help",
    "read_ask",
    "know_someone",
    "edit_ask",
    "close_ask",
    "reopen_ask",
    "withdraw_ask",
    "accept_offer",
    "decline_offer",
    "not_yet",
    "unconfirm_help",
    "claim_help",
    "take_back_offer",
    "confirm_help",
    "thank_helper",
)
#: Only what has a value that is read. Other buttons need no more than PRESSED.
ACTIONS: Mapping[str, Shape] = {
    "open_change_team": {"actions.0.value": uuid},
    "share_balance": {"actions.0.value": uuid},
    "unshare_balance": {"actions.0.value": uuid},
    "open_team": {"actions.0.value": uuid, "view": maybe(mapping)},
    "turn_team_back": _TURN | {"view.private_metadata": team},
    "turn_team_on": _TURN | {"view.private_metadata": team},
    "turn_managed_teams_back": _TURN,
    "turn_managed_teams_on": _TURN,
    "turn_my_teams_back": _TURN,
    "turn_my_teams_on": _TURN,
    "turn_all_teams_back": _TURN,
    "turn_all_teams_on": _TURN,
    "turn_looks_back": _TURN,
    "turn_looks_on": _TURN,
    "why_finding": _FINDING,
    "expect_finding": _FINDING,
    "remark_finding": _FINDING,
    "undo": _IN_A_MESSAGE,
    "put_back": _IN_A_MESSAGE,
    "not_for_help": _IN_A_MESSAGE,
    "for_help": _IN_A_MESSAGE,
    "people": {
        "actions.0.selected_users": every(name),
        "view.id": name,
        "view.hash": name,
        "view.private_metadata": about_message,
        "view.state.values": filled_in,
        "view.state.values.channel": maybe(mapping),
        "view.state.values.channel.channel": maybe(mapping),
        "view.state.values.channel.channel.selected_conversation": maybe(name),
    },
    "asked": {
        "actions.0.selected_users": every(name),
        "view.id": name,
        "view.hash": name,
        "view.state.values": filled_in,
        "view.state.values.kind": _filled("kind", one_of(KINDS_OF_HELP)),
        "view.state.values.channel": holds("channel", mapping),
        "view.state.values.channel.channel.selected_conversation": maybe(name),
    },
    "receiver": {"actions.0.selected_user": name, "view.id": name, "view.hash": name},
    **{action: {"actions.0.value": uuid} for action in _OF_A_CHAIN},
    "also_ask": {"actions.0.value": also_asked},
    "post_open_asks": _VALUE,
    "check_in": _VALUE,
    "undo_check_in": {"actions.0.value": person_on},
    "digest_thank": {"actions.0.value": person_on},
    "preview_digest": {"view": maybe(mapping)},
    "pause_me": {"view.id": name},
    "resume_me": {"view.id": name},
    "erase_me": {"view.id": name},
    "download_my_data": {"view.id": name},
}
#: The part of Settings that admins see. Whoever is none and sends it is not listened to.
WORKSPACE: Shape = {
    "timezone": holds("value", text),
    "emoji_kudos": holds("value", maybe(text)),
    "emoji_thanks": holds("value", maybe(text)),
    "floor": holds("value", maybe(text)),
    "announce.selected_option.value": one_of(ANNOUNCE),
    "naming.selected_option.value": one_of(NAMING),
    "team_makers.selected_option.value": one_of(TEAM_MAKERS),
    "kudos_channel": mapping,
    "kudos_channel.selected_channel": maybe(name),
    "celebrate_channel": mapping,
    "celebrate_channel.selected_channel": maybe(name),
    "in_general": mapping,
}
_WHAT: Shape = {
    "what": holds("value", maybe(text)),
    "kind.selected_option.value": one_of(KINDS_OF_HELP),
    "by_when": mapping,
    "by_when.selected_date": maybe(day),
}
VIEWS: Mapping[str, Shape] = {
    "ask": {
        **_WHAT,
        "channel": mapping,
        "channel.selected_conversation": maybe(name),
        "asked.selected_users": every(name),
    },
    "edit_ask": {**_WHAT, "private_metadata": uuid},
    "close_ask": {"private_metadata": uuid, "helped.selected_users": every(name)},
    "know_someone": {"private_metadata": uuid, "someone.selected_user": name},
    "offer": {"receiver.selected_user": name, "what": holds("value", maybe(text))},
    "thank_helper": {
        "private_metadata": uuid,
        "note": holds("value", maybe(text)),
        "seen_by": maybe(
            lambda field: one_of(("channel", "private"))(_at(field, ["selected_option", "value"]))
        ),
    },
    "give_kudos": {
        "private_metadata": about_message,
        "channel": mapping,
        "channel.selected_conversation": maybe(name),
        "people.selected_users": every(name),
        "note": holds("value", maybe(text)),
        "reason.selected_option.value": name,
        "seen_by.selected_option.value": lambda value: value in ("channel", "private"),
    },
    "settings": {
        "thanked.selected_option.value": lambda value: value in ("public", "private", "either"),
        "help_me": holds("value", maybe(text)),
        "need_now": holds("value", maybe(text)),
        "away_until": mapping,
        "away_until.selected_date": maybe(day),
        "at_capacity_until": mapping,
        "at_capacity_until.selected_date": maybe(day),
        "paused": holds("selected_options", maybe(every(mapping))),
        "digest": holds("selected_options", maybe(every(mapping))),
        "digest_day.selected_option.value": between(0, 6),
        "digest_hour.selected_option.value": between(0, 23),
    },
    "expect_finding": {"private_metadata": finding, "role.selected_option.value": name},
    "make_team": {
        "name": holds("value", maybe(text)),
        "people": mapping,
        "people.selected_users": maybe(every(name)),
        "channel": mapping,
        "channel.selected_conversation": maybe(name),
        "group": maybe(mapping),
        "group.selected_option": maybe(mapping),
        "group.selected_option.value": maybe(name),
        "managers.selected_users": every(name),
    },
    "change_team": {
        "private_metadata": team,
        "name": holds("value", maybe(text)),
        "people": maybe(mapping),
        "people.selected_users": maybe(every(name)),
        "in_sub_group": mapping,
        "in_sub_group.selected_users": maybe(every(name)),
        "sub_group": holds("value", maybe(text)),
        "managers.selected_users": every(name),
        "close": mapping,
        "close.selected_options": maybe(every(mapping)),
    },
}


def well_formed(body: Mapping[str, Any]) -> bool:
    """False also for kinds that nothing here asks Slack for: what they hold must not even be logged as unhandled."""
    if not maybe(address)(body.get("response_url")):
        return False
    if "command" in body:
        return _fits(body, COMMAND)
    check = _KINDS.get(str(body.get("type")))
    return check is not None and check(body)


def seconds(value: Any) -> bool:
    return type(value) is int and 0 <= value < 10**11


_ENVELOPE: Shape = {"team_id": maybe(name), "context_team_id": maybe(name), "event_time": maybe(seconds)}


def _event(body: Mapping[str, Any]) -> bool:
    event = body.get("event")
    if not isinstance(event, dict) or not name(event.get("type")) or not _fits(body, _ENVELOPE):
        return False
    if event["type"] == "message" and not _message(event):
        return False
    return _fits(event, EVENTS.get(event["type"], {}))


def _pressed(body: Mapping[str, Any]) -> bool:
    # A button in a message comes without a view, never with an empty one.
    return (
        _fits(body, PRESSED)
        and mapping(body.get("view", {}))
        and all(
            isinstance(action, dict)
            and _fits({**body, "actions": [action]}, ACTIONS.get(str(action.get("action_id")), {}))
            for action in body["actions"]
        )
    )


def _submitted(body: Mapping[str, Any]) -> bool:
    return _fits(body, SENT) and _sent(body["view"])


_SHORTCUT: Shape = {"user.id": name, "trigger_id": name}
_KINDS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "url_verification": lambda body: text(body.get("challenge")),
    "event_callback": _event,
    "block_actions": _pressed,
    "view_submission": _submitted,
    "shortcut": lambda body: _fits(body, _SHORTCUT),
    "message_action": lambda body: _fits(
        body,
        {
            **_SHORTCUT,
            "message": mapping,
            "message.ts": moment,
            "message.user": maybe(name),
            "channel.id": name,
        },
    ),
}


def _sent(view: Mapping[str, Any]) -> bool:
    """A form's fields, each by the block it is in."""
    values = view["state"]["values"]
    fields: dict[str, Any] = {block: next(iter(inside.values())) for block, inside in values.items()}
    fields["private_metadata"] = view.get("private_metadata")
    shape = dict(VIEWS.get(view["callback_id"], {}))
    if view["callback_id"] == "settings" and "timezone" in fields:
        shape |= WORKSPACE
    return _fits(fields, shape) and _all(fields.values())


def _all(values: Iterable[Any]) -> bool:
    """Fields that only admins have are read by their own rules; but whatever is text must be text."""
    return all(
        not isinstance(field, dict) or "value" not in field or maybe(text)(field["value"]) for field in values
    )


def _fits(body: Any, shape: Shape) -> bool:
    return all(check(_at(body, path.split("."))) for path, check in shape.items())


def _at(value: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step == "0" and value:
            value = value[0]
        else:
            return None
    return value
