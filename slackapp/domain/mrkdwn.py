"""Plain text inside Slack's markup."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

_RIGHT_TO_LEFT = {"R", "AL", "RLE", "RLO", "RLI"}
_GROUP = re.compile(r"<!subteam\^\w+(?:\|@?(?P<label>[^>]*))?>")
_BROADCAST = re.compile(r"<!(?:here|channel|everyone)(?:\|[^>]*)?>")
_TOKEN = re.compile(r"<(?P<mark>[@#!]?)(?P<what>[^<>|]+)(?:\|(?P<label>[^<>]*))?>")
_PERSON = re.compile(r"<@(?P<user>\w+)(?:\|@?(?P<label>[^>]*))?>")


def escape(text: str) -> str:
    """Make plain text safe inside mrkdwn, as Slack asks: these three characters and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """What somebody typed, from what `escape` made of it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def as_typed(mrkdwn: str, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """What somebody typed, from what Slack made of it: names and links as they are read, where no mrkdwn is.

    `names`: by id, as plain text, for mentions that come without one.
    """

    def read(found: re.Match[str]) -> str:
        mark, what, label = found["mark"], found["what"], (found["label"] or "").lstrip("@")
        if not mark:
            return what
        if mark == "!" and what.startswith("subteam^"):
            return f"@{label or 'group'}"
        return f"{'#' if mark == '#' else '@'}{label or names.get(what, what)}"

    return unescape(_TOKEN.sub(read, mrkdwn))


def without_broadcasts(mrkdwn: str) -> str:
    return _BROADCAST.sub("", mrkdwn)


def without_calls(mrkdwn: str) -> str:
    """Words that call no crowd wherever they are shown again: a group becomes its name, a broadcast goes."""
    return without_broadcasts(_GROUP.sub(lambda group: f"@{group['label'] or 'group'}", mrkdwn))


def with_plain_names(mrkdwn: str, names: Mapping[str, str]) -> str:
    """Words that notify nobody wherever they are shown again. `names`: by id, as plain text."""

    def named(person: re.Match[str]) -> str:
        known = names.get(person["user"])
        return f"@{isolated(escape(known)) if known else person['label'] or 'somebody'}"

    return without_calls(_PERSON.sub(named, mrkdwn))


def mentioned(mrkdwn: str) -> list[str]:
    return [person["user"] for person in _PERSON.finditer(mrkdwn)]


def columns(text: str) -> int:
    """How many columns it takes in a fixed-width font: letters of East Asia take two, marks on others none."""
    seen = [letter for letter in text if unicodedata.category(letter) not in {"Mn", "Me", "Cf"}]
    return len(seen) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in seen)


def isolated(name: str) -> str:
    """A name in any script, so that one written from right to left turns neither what is around it nor, where it
    comes first, the whole line.
    """
    turns = any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in name)
    return f"\u200e\u2068{name}\u2069" if turns else name
