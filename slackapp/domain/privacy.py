"""What is kept about a person, for how long, and how they take it with them."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: How somebody is called after they asked to be erased.
SOMEONE = "Someone who left"


@dataclass(frozen=True, slots=True)
class Retention:
    """Days after which things are removed. `docs/who-sees-what.md` and the privacy view print these."""

    notes: int = 90
    gestures: int = 730
    grace: int = 30  # after the app was uninstalled


DEFAULT = Retention()


@dataclass(frozen=True, slots=True)
class Look:
    by: str  # a name
    at: datetime
    own_balance: bool  # False: they looked at a page of a team this person is on


@dataclass(frozen=True, slots=True)
class Stored:
    """What the privacy view says."""

    gave: int
    received: int
    notes: int  # written by this person, or to them
    asks: int
    offers: int  # from this person, or to them
    messages: int  # that reached them
    preferences: bool
    paused: bool
    teams: Sequence[str]
    looks: Sequence[Look]


Rows = Sequence[Mapping[str, Any]]


def as_json(about: Mapping[str, Rows]) -> str:
    return json.dumps(about, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def as_csv(gestures: Rows) -> str:
    """One line a gesture. What a spreadsheet would take for a formula begins with an apostrophe."""
    columns = ("day", "kind", "giver", "receiver", "visibility", "note", "retracted_at")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in gestures:
        writer.writerow([_harmless(row.get(column)) for column in columns])
    return out.getvalue()


def _harmless(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
