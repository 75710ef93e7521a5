"""A gesture is one directed act, giver to receiver. To add a kind, append one line to GESTURE_KINDS."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from slackapp.domain.mrkdwn import without_calls
from slackapp.domain.people import Person, listed
from slackapp.domain.weeks import local_day


@dataclass(frozen=True, slots=True)
class GestureKind:
    name: str  # stored with every gesture, so it never changes
    label: str


GESTURE_KINDS = (
    GestureKind("kudos", "Kudos"),
    GestureKind("thanks", "Thanks"),
    GestureKind("help", "Help"),
    GestureKind("offer", "Offers of help"),
    GestureKind("check_in", "Check-ins"),
)
KIND_NAMES = frozenset(kind.name for kind in GESTURE_KINDS)

NOTE_LIMIT = 3000  # characters a person may write
MOST_RECEIVERS = 30  # more than this in one go is an announcement, not thanks

#: What a reaction means until a workspace chooses its own. Emoji names without colons.
DEFAULT_EMOJI = {"raised_hands": "kudos", "clap": "kudos", "pray": "thanks"}


class NotAGesture(ValueError):  # noqa: N818 - it names the situation, and its message is read by people
    """Nothing was recorded. The message is a sentence for the person who tried."""


class TooManyPeople(NotAGesture):
    """More people than one thanks at once: whoever means them is told so, also where no other answer is due."""


# What happened ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """Where in Slack it happened. The key makes recording twice harmless."""

    key: str
    channel_id: str | None = None
    message_ts: str | None = None


def message_source(channel_id: str, message_ts: str) -> Source:
    return Source(f"message:{channel_id}:{message_ts}", channel_id, message_ts)


@dataclass(frozen=True, slots=True)
class Gesture:
    giver: str
    receiver: str
    kind: str
    source: Source
    happened_at: datetime
    day: date  # local, in the workspace's zone
    visibility: str = "channel"  # or "private": only giver and receiver
    note: str | None = None  # mrkdwn, already escaped
    help_id: UUID | None = None  # on a thanks: the help it proves
    proven: bool = False  # help known only because it was thanked


def gestures_to(
    receivers: Iterable[str],
    *,
    giver: str,
    kind: str,
    source: Source,
    at: datetime,
    tz: ZoneInfo,
    visibility: str = "channel",
    note: str | None = None,
) -> list[Gesture]:
    """One act towards several people is one gesture to each."""
    return [
        Gesture(giver, receiver, kind, source, at, local_day(at, tz), visibility, note)
        for receiver in receivers
    ]


#: Fixed for good: ids made from it are stored.
_NAMESPACE = UUID("6f0a1f2e-5a0b-4c55-9a57-6d757475616c")


def gesture_id(workspace_id: str, gesture: Gesture) -> UUID:
    """Name what happened: the same act has the same id however often Slack tells of it."""
    return uuid5(
        _NAMESPACE,
        "|".join((workspace_id, gesture.source.key, gesture.giver, gesture.receiver, gesture.kind)),
    )


def telling(source_key: str, giver: str) -> str:
    """Names what one giver did at one source: on one message several people may each have given something."""
    return f"{source_key} {giver}"


def told_by(telling: str) -> tuple[str, str]:
    """(source key, giver)"""
    source_key, _, giver = telling.rpartition(" ")
    return source_key, giver


#: Marks that were meant to be told. A reaction or words in a channel are there for all to see already.
TOLD_MARKS = ("command", "form", "step")


@dataclass(frozen=True, slots=True)
class Mark:
    """What shows a gesture: a command, a modal, an emoji. A gesture stands while any of its marks is on."""

    name: str
    on: bool = True
    at: float = (
        0.0  # when Slack says it changed; the latest word wins. 0: said once, so a repetition changes nothing
    )


@dataclass(frozen=True, slots=True)
class Recorded:
    """A gesture as it stands in the store."""

    gesture_id: UUID
    giver: str
    receiver: str
    kind: str
    source: Source
    visibility: str
    note: str | None
    stands: bool
    helped: bool = False  # a thanks whose help stands too
    confirmed: bool = False  # and would without it: its receiver said by button that it helped
    told: bool = False  # it carries one of TOLD_MARKS
    help_id: UUID | None = None  # on a thanks: the help it proves


#: What tells others of an act: a message of ours, what its giver wrote or reacted with, or nothing.
Teller = Literal["us", "giver", "nothing"]


def teller(recorded: Sequence[Recorded]) -> Teller:
    """Of what one giver did at one source."""
    if any(act.told for act in recorded):
        return "us"
    return "nothing" if all(act.kind == "check_in" for act in recorded) else "giver"


def with_proven_help(
    workspace_id: str, gestures: Iterable[Gesture], links: Mapping[UUID, UUID | None] | None = None
) -> list[Gesture]:
    """Thanks are evidence of giving: beside each thanks A → B put the help B → A that it proves, linked.

    `links` says, by the thanks' id, which help is proven already, by an offer between the two; None: no help.
    """
    recorded: list[Gesture] = []
    for gesture in gestures:
        if gesture.kind != "thanks" or gesture.help_id is not None:
            recorded.append(gesture)
            continue
        proven = replace(
            gesture, giver=gesture.receiver, receiver=gesture.giver, kind="help", note=None, proven=True
        )
        own = gesture_id(workspace_id, proven)
        help_id = (links or {}).get(gesture_id(workspace_id, gesture), own)
        if help_id == own:
            recorded.append(proven)
        recorded.append(replace(gesture, help_id=help_id))
    return recorded


# What someone typed -------------------------------------------------------------------------------------------

CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_PERSON = r"<@(?P<person>[UW][A-Z0-9]+)(?:\|[^>]*)?>"
_GROUP = r"<!subteam\^(?P<group>S[A-Z0-9]+)(?:\|[^>]*)?>"
NAMED = re.compile(f"{_PERSON}|{_GROUP}")
_BROADCAST = re.compile(r"<!(?:here|channel|everyone)(?:\|[^>]*)?>|(?<!\w)@(?:here|channel|everyone)\b")
JOINER = re.compile(r"(?:\s|,|&amp;|\+|\band\b)*", re.IGNORECASE)
_THANKFUL = re.compile(
    r"\b(?:thanks?|thank\s+you|thx|ty|grateful|helped|helping|for (?:your|the|all the) help)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TypedKudos:
    """What `/kudos …` says, before anybody is looked up."""

    people: tuple[str, ...]
    groups: tuple[str, ...]
    kind: str
    note: str | None


def read_kudos(typed: str) -> TypedKudos:
    """Read the text after the command, with names as Slack escapes them.

    The first run of names are the receivers: in “@ana @ben for helping @cy” Cy is part of the story.
    Raises NotAGesture for nobody, for @here and its like, and for too much text.
    """
    prose = CODE.sub(lambda code: " " * len(code[0]), typed)
    if _BROADCAST.search(prose):
        raise NotAGesture(
            "@here, @channel and @everyone reach many people and thank nobody in particular. "
            "Name the people you mean, and it counts."
        )
    first = NAMED.search(prose)
    if first is None:
        raise NotAGesture(
            "Who is it for? Name at least one person with @, like `/kudos @ana for the clear notes`."
        )
    people: list[str] = []
    groups: list[str] = []
    end = first.start()
    found: re.Match[str] | None = first
    while found is not None and JOINER.fullmatch(prose, end, found.start()):
        (people if found["person"] else groups).append(found["person"] or found["group"])
        end, found = found.end(), NAMED.search(prose, found.end())
    before, after = typed[: first.start()].strip(), typed[end:].strip()
    # A comma after the names belongs to the sentence that began before them.
    pause = "," if before and after.startswith(",") else ""
    words = " ".join(part for part in (before + pause, after.strip(" \t\n,.;:–—-")) if part)
    return TypedKudos(
        people=tuple(dict.fromkeys(people)),
        groups=tuple(dict.fromkeys(groups)),
        kind=kind_said(words),
        note=checked_note(words),
    )


def kind_said(words: str) -> str:
    """Appreciation is kudos; gratitude for something done is thanks, and proves help."""
    return "thanks" if _THANKFUL.search(words) else "kudos"


def checked_note(words: str | None) -> str | None:
    """None when nothing was said. Raises NotAGesture when it is too long to keep whole."""
    # A group named inside the story is part of it, and is not called to read it.
    note = without_calls((words or "").strip())
    if len(note) > NOTE_LIMIT:
        raise NotAGesture(
            f"Your message has {len(note):,} characters and {NOTE_LIMIT:,} is the most I can keep. "
            "Nothing was recorded; shorten it a little and send it again."
        )
    return note or None


# Who can be given to ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Receivers:
    people: tuple[Person, ...]  # at least one
    left_out: str | None  # a sentence about those who were named and not counted

    @property
    def user_ids(self) -> list[str]:
        return [person.user_id for person in self.people]


def check_giver(giver: Person | None) -> None:
    """Raises NotAGesture when a workflow cannot give in this person's name: they must hear of it, to undo it."""
    if giver is None or not giver.takes_part:
        raise NotAGesture("The giver must be a person of this workspace.")
    if giver.preferences.paused:
        raise NotAGesture(f"{giver.called} has paused Mutual, so nothing is given in their name.")


def choose_receivers(giver: str, named: Sequence[str], known: Mapping[str, Person]) -> Receivers:
    """Decide who of the people named can receive. Raises NotAGesture when nobody is left, and says why."""
    if giver in known and not known[giver].takes_part:
        raise NotAGesture(
            "Mutual works within one organisation, and this one is not yours. Nothing was recorded."
        )
    unique = list(dict.fromkeys(named))
    chosen = [known[user] for user in unique if user != giver and user in known and known[user].takes_part]
    reasons = [_why_not(user, giver, known.get(user)) for user in unique]
    told = [reason for reason in reasons if reason]
    if len(chosen) > MOST_RECEIVERS:
        raise TooManyPeople(
            f"That names {len(chosen)} people, and {MOST_RECEIVERS} at once is the most. Nothing was recorded: "
            "thanks land better when they are meant for a few."
        )
    if not chosen:
        raise NotAGesture(
            told[0]
            if told
            else "I find nobody in that group who can receive kudos. Name the people you mean, and it counts."
        )
    return Receivers(tuple(chosen), " ".join(dict.fromkeys(told)) or None)


def _why_not(user: str, giver: str, person: Person | None) -> str | None:
    if user == giver:
        return "Kudos are for somebody else, so you are not counted yourself."
    if person is None:
        return "I don't know one of the people you named. Pick names from the list Slack shows after @."
    return person.why_left_out("kudos are")


# What to answer -----------------------------------------------------------------------------------------------


def counted_sentence(kind: str, names: Sequence[str]) -> str:
    """One plain sentence about what was recorded."""
    who = listed(names)
    match kind:
        case "thanks":
            return f"Your thanks to {who} counted, and so did the help you thanked for."
        case "help":
            return f"Help for {who} counted."
        case "offer":
            return f"Your offer to {who} counted."
        case "check_in":
            return f"Your check-in with {who} counted."
        case _:
            return f"Your kudos to {who} counted."
