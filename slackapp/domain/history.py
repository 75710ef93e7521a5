"""Gestures of the past: what files bring in, and what is written out again, as one value.

The same act seen live and found in a file has the same id, so that it is one gesture.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from slackapp.domain.gestures import NOTE_LIMIT, Gesture, Source, gesture_id, with_proven_help
from slackapp.domain.mrkdwn import escape, without_calls

#: In place of a source: a thanks that proves no help.
NO_HELP = "none"

_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_MARKUP = re.compile(r"&(?:amp|lt|gt);|<(?:[@#!][^<>\s]|[a-z][a-z0-9+.-]*:)[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Past:
    gesture: Gesture
    marks: Mapping[
        str, tuple[bool, float]
    ]  # what showed it, whether that is on, and since when Slack says so
    retracted_at: datetime | None = None
    help_of: str | None = (
        None  # on a thanks: the source of the help it proves, or NO_HELP; None: its own source
    )
    implied_by: UUID | None = field(
        default=None, compare=False
    )  # help not found as such: the thanks that prove it


def with_implied_help(workspace_id: str, found: Iterable[Past]) -> dict[UUID, Past]:
    """Name each gesture, and put the help that each thanks proves before it, sharing its fate.

    What says the same act is merged: what was found as such wins over what is implied, then the earlier word.
    """
    named: dict[UUID, Past] = {}
    for past in found:
        for each in _proven(workspace_id, past):
            key = gesture_id(workspace_id, each.gesture)
            named[key] = _merged(named[key], each) if key in named else each
    return named


def _proven(workspace_id: str, past: Past) -> Iterable[Past]:
    gesture = past.gesture
    if gesture.kind != "thanks" or past.help_of == NO_HELP:
        return (past,)
    if past.help_of is None:
        *helps, thanks = with_proven_help(workspace_id, [gesture])
        said = gesture_id(workspace_id, thanks)
        proven = (replace(past, gesture=each, help_of=None, implied_by=said) for each in helps)
        return (*proven, replace(past, gesture=thanks))
    help_ = replace(
        gesture, giver=gesture.receiver, receiver=gesture.giver, kind="help", source=Source(past.help_of)
    )
    return (replace(past, gesture=replace(gesture, help_id=gesture_id(workspace_id, help_))),)


def _merged(first: Past, second: Past) -> Past:
    if (first.implied_by is None) != (second.implied_by is None):
        return second if first.implied_by else first
    if first.retracted_at is not None:
        return first  # what was taken back stays taken back
    note = first.gesture.note or second.gesture.note
    return replace(first, gesture=replace(first.gesture, note=note), marks={**second.marks, **first.marks})


def safe_note(words: str | None) -> str | None:
    """Keep words from a file as mrkdwn: Slack's own markup as it is, everything else escaped.

    Words this has kept once are kept the same again. None: no words, or more than are kept whole.
    """
    text = storable(words or "")
    kept: list[str] = []
    end = 0
    for found in _MARKUP.finditer(text):
        kept += [escape(text[end : found.start()]), found[0]]
        end = found.end()
    note = without_calls("".join([*kept, escape(text[end:])]))
    return note if note.strip() and len(_ENTITY.sub("&", note)) <= NOTE_LIMIT else None


def storable(text: str) -> str:
    """What a database can keep: no NUL, and no half of a character that lost its other half."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
