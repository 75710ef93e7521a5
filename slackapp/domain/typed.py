"""Kudos typed into a message: `@ana ++ for …`, `:raised_hands: @ana …`, and “thanks @ana …” said to Mutual."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from slackapp.domain.gestures import NOTE_LIMIT, NotAGesture, read_kudos

_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_NAME = r"<(?:@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+)(?:\|[^>]*)?>"
_RUN = rf"(?P<run>{_NAME}(?:(?:\s|,|&amp;|\band\b)*{_NAME})*)"
_PLUSSED = re.compile(rf"{_RUN}\s*\+\+")
_MARKED = re.compile(rf"(?P<marks>(?::[a-z0-9_+'-]+:\s*)+){_RUN}")
_EMOJI = re.compile(r":([a-z0-9_+'-]+):")
_ID = re.compile(r"<(?:@(?P<person>[UW][A-Z0-9]+)|!subteam\^(?P<group>S[A-Z0-9]+))")
_GIVING = re.compile(
    r"\b(?:thanks?|thank\s+you|thx|ty|kudos|props|grateful|well done|great (?:work|job))\b|\+\+", re.I
)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody, or a user group, and what they were given."""

    id: str
    kind: str

    @property
    def is_group(self) -> bool:
        return self.id.startswith("S")


@dataclass(frozen=True, slots=True)
class Typed:
    named: frozenset[Named] = frozenset()
    note: str | None = None


def may_count(text: str, emoji: Mapping[str, str]) -> bool:
    """Whether reading it closely is worth it: most messages are nobody's business, least of all ours."""
    if "<@" not in text and "<!subteam^" not in text:
        return False
    return "++" in text or any(name in emoji for name in _EMOJI.findall(text))


def read_typed(text: str, emoji: Mapping[str, str], *, bot: str = "") -> Typed:
    """Who is given what in this message, however much of it: five emoji are one act. Never what stands in code."""
    prose = _CODE.sub(lambda code: " " * len(code[0]), text)
    if bot and f"<@{bot}>" in prose:
        return _said_to_us(prose.replace(f"<@{bot}>", " "), emoji)
    found: dict[str, Named] = {}
    rests: list[str] = []
    for match in _PLUSSED.finditer(prose):
        rest = text[match.end() :].split("\n", 1)[0]
        kind = (
            "thanks" if re.search(r"\b(?:thanks?|thank\s+you|thx|help(?:ed|ing)?)\b", rest, re.I) else "kudos"
        )
        _take(found, match["run"], kind)
        rests.append(rest)
    for match in _MARKED.finditer(prose):
        kinds = [emoji[name] for name in _EMOJI.findall(match["marks"]) if name in emoji]
        if kinds:
            _take(found, match["run"], kinds[0])
            rests.append(text[match.end() :].split("\n", 1)[0])
    note = next((rest for rest in (rest.strip(" +,.;:–—-") for rest in rests) if rest), None)
    return Typed(frozenset(found.values()), note[:NOTE_LIMIT] if note else None)


def _said_to_us(prose: str, emoji: Mapping[str, str]) -> Typed:
    kinds = [emoji[name] for name in _EMOJI.findall(prose) if name in emoji]
    if not kinds and not _GIVING.search(prose):
        return Typed()
    try:
        kudos = read_kudos(prose)
    except NotAGesture:
        return Typed()
    kind = kinds[0] if kinds else kudos.kind
    return Typed(frozenset(Named(name, kind) for name in (*kudos.people, *kudos.groups)), kudos.note)


def _take(found: dict[str, Named], run: str, kind: str) -> None:
    for match in _ID.finditer(run):
        name = match["person"] or match["group"]
        found.setdefault(name, Named(name, kind))
