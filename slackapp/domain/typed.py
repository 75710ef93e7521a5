"""Kudos typed into an ordinary message: “@ana ++ for the demo”, or “@ana great demo :taco:”.

Live messages and imported history are read by the same function and recorded under the same source and mark
(`message_source` of the message, `MARK`), so that what came in both ways is one gesture.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from slackapp.domain.gestures import CODE, JOINER, NAMED, NOTE_LIMIT, NotAGesture, kind_said, read_kudos
from slackapp.domain.mrkdwn import without_broadcasts, without_calls

MARK = "message"

_PLUSPLUS = re.compile(r"[\s:,]*\+{2,}(?![\w+])")
_PLAIN_NAME = re.compile(r"(?<![\w@&.])@(?P<name>[a-z0-9][a-z0-9._-]*?)\s*\+{2,}(?![\w+])", re.IGNORECASE)
_EMOJI = re.compile(r":(?P<name>[a-z0-9_+'-]+):(?::skin-tone-\d:)?|:skin-tone-\d:", re.IGNORECASE)
_QUOTED_LINE = re.compile(r"^(?:&gt;|>)[^\n]*", re.MULTILINE)
_QUOTED_REST = re.compile(r"^(?:(?:&gt;){3}|>{3}).*", re.MULTILINE | re.DOTALL)
_GIVING = re.compile(r"\b(?:thanks?|thank\s+you|thx|ty|kudos|props|grateful|well done)\b|\+\+", re.IGNORECASE)
_ASKING = re.compile(r"\?|\b(?:please|pls|plz|(?:can|could|would|will) you)\b", re.IGNORECASE)
_TOKEN = re.compile(r"<[^>]*>")
_EDGES = " \t\n,.;:–—-"


@dataclass(frozen=True, slots=True)
class TypedAct:
    """What a message does for the people it names, before anybody is looked up."""

    people: tuple[str, ...]
    groups: tuple[str, ...]
    names: tuple[str, ...]  # “@ana++” where Slack made no mention of it: handles, as they were typed
    kind: str
    note: str | None  # mrkdwn as Slack escaped it; None: no words, or more than are kept


def read_typed(text: str, emoji: Mapping[str, str], plusplus: bool) -> TypedAct | None:
    """Read one message. `emoji` says what each emoji means in a message, by its name without colons.

    With “++” the names right before it are meant; with an emoji, everyone the message names. However many
    plusses or emoji there are, it is one act. None: an ordinary message. Code and quotes never count.
    """
    if not may_matter(text, emoji, plusplus):
        return None
    prose = text
    for aside in (CODE, _QUOTED_REST, _QUOTED_LINE):
        prose = aside.sub(lambda found: " " * len(found[0]), prose)
    if plusplus and (act := _read_plusplus(text, prose)):
        return act
    return _read_emoji(text, prose, emoji)


def read_addressed(text: str, emoji: Mapping[str, str], bot: str) -> TypedAct | None:
    """Read a message that mentions us: “@Mutual thanks @ana for the review”. None: it gives nothing to anybody."""
    words = CODE.sub(lambda found: " " * len(found[0]), text).replace(f"<@{bot}>", " ")
    meant = [found["name"].lower() for found in _EMOJI.finditer(words) if found["name"]]
    kinds = [emoji[name] for name in meant if name in emoji]
    if not kinds and not _GIVING.search(words):
        return None
    try:
        said = read_kudos(words)
    except NotAGesture:
        return None
    return TypedAct(said.people, said.groups, (), kinds[0] if kinds else said.kind, said.note)


def may_matter(text: str, emoji: Mapping[str, str], plusplus: bool) -> bool:
    """Most messages mean nothing here, and millions of them are read."""
    return (plusplus and "++" in text) or (bool(emoji) and ":" in text and "<" in text)


def _read_plusplus(text: str, prose: str) -> TypedAct | None:
    named: dict[str, list[str]] = {"person": [], "group": [], "name": []}
    cuts: list[tuple[int, int]] = []
    run: list[re.Match[str]] = []
    for found in NAMED.finditer(prose):
        if run and not JOINER.fullmatch(prose, run[-1].end(), found.start()):
            run = []
        run.append(found)
        if plusses := _PLUSPLUS.match(prose, found.end()):
            for each in run:
                what = "person" if each["person"] else "group"
                named[what].append(each[what])
            cuts.append((run[0].start(), plusses.end()))
            run = []
    for found in _PLAIN_NAME.finditer(prose):
        named["name"].append(found["name"].lower())
        cuts.append(found.span())
    if not cuts:
        return None
    note = _kept(_without(text, sorted(cuts)))
    return TypedAct(
        people=_once(named["person"]),
        groups=_once(named["group"]),
        names=_once(named["name"]),
        kind=kind_said(note or ""),
        note=note,
    )


def _read_emoji(text: str, prose: str, emoji: Mapping[str, str]) -> TypedAct | None:
    meant = [found for found in _EMOJI.finditer(prose) if found["name"] and found["name"].lower() in emoji]
    named = list(NAMED.finditer(prose))
    if not meant or not named:
        return None
    kind = emoji[meant[0]["name"].lower()]
    words = _TOKEN.sub(" ", prose)
    if kind == "thanks" and _ASKING.search(words) and not _GIVING.search(words):
        return None  # folded hands that ask for something are no thanks
    cuts = sorted(found.span() for found in meant)
    return TypedAct(
        people=_once([found["person"] for found in named if found["person"]]),
        groups=_once([found["group"] for found in named if found["group"]]),
        names=(),
        kind=kind,
        note=_kept(_without_names_at_the_edges(_without(text, cuts))),
    )


def _without(text: str, cuts: list[tuple[int, int]]) -> str:
    kept, end = [], 0
    for start, stop in cuts:
        kept.append(text[end:start])
        end = stop
    words = without_broadcasts("".join([*kept, text[end:]]))
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in words.split("\n"))
    return "\n".join(line for line in lines if line).strip(_EDGES)


def _kept(words: str) -> str | None:
    """None: no words, or more than are kept whole. An announcement that long counts without them."""
    note = without_calls(words)
    return note if note and len(note) <= NOTE_LIMIT else None


def _without_names_at_the_edges(rest: str) -> str:
    """In “@ana @ben great demo” the names say whom; in “as @ana said” they are part of the words."""
    while (first := NAMED.match(rest)) is not None:
        rest = rest[first.end() :].lstrip(_EDGES)
    while (
        last := next((found for found in NAMED.finditer(rest) if found.end() == len(rest)), None)
    ) is not None:
        rest = rest[: last.start()].rstrip(_EDGES)
    return rest


def _once(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))
