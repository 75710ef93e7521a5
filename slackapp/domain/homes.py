"""What Home is drawn from: one person's own window, and nothing of anyone else's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from slackapp.domain.asks import Ask, Offer
from slackapp.domain.balances import Balance
from slackapp.domain.findings import FindingWords
from slackapp.domain.gestures import DEFAULT_EMOJI
from slackapp.domain.people import Person
from slackapp.domain.teams import TeamsOnHome


@dataclass(frozen=True, slots=True)
class Note:
    giver: str
    kind: str
    text: str  # mrkdwn, already escaped
    happened_at: datetime
    visibility: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What a person asks, could answer, and is in the middle of."""

    own: tuple[Ask, ...] = ()
    answerable: tuple[Ask, ...] = ()
    going_on: tuple[Offer, ...] = ()
    about: Mapping[UUID, str] = field(default_factory=dict)  # what offers are about, mrkdwn, already escaped


@dataclass(frozen=True, slots=True)
class CheckIns:
    """Somebody to check in on, and whom this person checked in with today."""

    suggested: str | None = None
    today: tuple[str, ...] = ()  # the latest first
    day: date = date.min  # which day is today here


@dataclass(frozen=True, slots=True)
class HomeFacts:
    person: Person
    balance: Balance
    names: Mapping[str, str]  # of everyone in `balance.exchanges` and `notes`
    notes: tuple[Note, ...]  # latest first
    today: date
    findings: tuple[FindingWords, ...] = ()
    teams: TeamsOnHome = field(default_factory=TeamsOnHome)
    asking: Asking = field(default_factory=Asking)
    check_ins: CheckIns = field(default_factory=CheckIns)
    emoji: Mapping[str, str] = field(default_factory=lambda: DEFAULT_EMOJI)  # what a reaction means here
    lacks: tuple[str, ...] = ()  # scopes we need and do not have; told to those who can grant them
