"""Gestures in what Bonusly's API answers: a list of bonuses, its `result`, or one bonus a line.

Points stay behind: a bonus of 5 and one of 50 are each one act, to each of those who received it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slackapp.domain.gestures import Gesture, Source, kind_said
from slackapp.domain.history import Past, safe_note, storable
from slackapp.domain.weeks import local_day
from slackapp.transfer.directory import Names, unknown
from slackapp.transfer.skipped import Skipped

_AMOUNT = re.compile(r"(?<![\w+])\+\d+\b[ \t]*")
_MARK = "bonusly"


class UnusableBonusesError(Exception):
    """The file as a whole cannot be used; the message says why and what would help."""


def read_bonuses(content: str) -> list[dict[str, Any]]:
    """Find the bonuses in the file. Raises UnusableBonusesError when it holds none."""
    try:
        found = json.loads(content)
    except ValueError:
        found = list(_one_a_line(content))
    for name in ("result", "bonuses", "data"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    if isinstance(found, dict):
        found = [found]
    bonuses = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    if not any("giver" in each or "giver_email" in each for each in bonuses):
        raise UnusableBonusesError(
            "it holds no bonuses; save the answer of Bonusly's GET /api/v1/bonuses with its `result`"
        )
    return bonuses


def _one_a_line(content: str) -> Iterator[Any]:
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError:
                raise UnusableBonusesError(
                    f"line {number} is not JSON; the file may have been cut short"
                ) from None


def read_gestures(
    bonuses: Iterable[Mapping[str, Any]], names: Names, tz: ZoneInfo
) -> Iterator[Past | Skipped]:
    """One act for each bonus and receiver; what others added on top is theirs."""
    for bonus in bonuses:
        yield from _read_bonus(bonus, names, tz, received=_receivers(bonus))
        for added in bonus.get("child_bonuses") or ():
            if isinstance(added, Mapping) and added.get("giver"):
                yield from _read_bonus(added, names, tz, received=_receivers(added) or _receivers(bonus))


def _read_bonus(
    bonus: Mapping[str, Any], names: Names, tz: ZoneInfo, *, received: list[Any]
) -> Iterator[Past | Skipped]:
    giver = bonus.get("giver") or bonus.get("giver_email")
    if isinstance(giver, Mapping) and giver.get("user_mode") == "bot":
        yield Skipped("by Bonusly itself, such as for an anniversary")
        return
    at = _moment(bonus.get("created_at"))
    if at is None:
        yield Skipped("bonuses without a date", 1, str(bonus.get("id") or ""))
        return
    if not received:
        yield Skipped("bonuses without a receiver", 1, str(bonus.get("id") or ""))
    giving = _identified(giver, names)
    if isinstance(giving, Skipped):
        yield giving
        return
    words = _AMOUNT.sub("", str(bonus.get("reason") or "")).strip()
    is_private = bonus.get("private") is True or bonus.get("visibility") == "private"
    for receiver in received:
        receiving = _identified(receiver, names)
        if isinstance(receiving, Skipped):
            yield receiving
        elif receiving == giving:
            yield Skipped("to oneself")
        else:
            yield Past(
                Gesture(
                    giver=giving,
                    receiver=receiving,
                    kind=kind_said(words),
                    source=Source(storable(f"bonusly:{bonus.get('id') or at.isoformat()}")),
                    happened_at=at,
                    day=local_day(at, tz),
                    visibility="private" if is_private else "channel",
                    note=safe_note(words),
                ),
                {_MARK: (True, 0)},
            )


def _receivers(bonus: Mapping[str, Any]) -> list[Any]:
    several = bonus.get("receivers")
    if isinstance(several, list) and several:
        return several
    one = bonus.get("receiver") or bonus.get("receiver_email")
    return [one] if one else []


def _identified(person: Any, names: Names) -> str | Skipped:
    """By e-mail address first: it is the one thing Bonusly and Slack both know."""
    if isinstance(person, Mapping):
        written = [
            str(person[key]) for key in ("email", "username", "external_unique_id", "id") if person.get(key)
        ]
    else:
        written = [str(person)]
    # Only what somebody gave: an id of Bonusly's own must not pass for one of Slack's.
    for name in written:
        if (user := names.given.get(name.strip().lower())) is not None:
            return user
    return unknown(written[0] if written else "nobody")


def _moment(written: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))
