"""Emoji that mean a kind of gesture in a workspace."""

import re
from collections.abc import Iterable, Mapping

FIELD_LIMIT = 500  # characters of the field in Settings
_NAME = re.compile(r":?([a-z0-9_+'-]+):?")


class UnreadableEmojiError(ValueError):
    """The message is a sentence for the person who typed it."""


def read_emoji(typed: str) -> tuple[str, ...]:
    """Read “:clap: :raised_hands:” into names without colons."""
    names = []
    for word in typed.replace("::", ": :").replace(",", " ").split():
        match = _NAME.fullmatch(word.lower())
        if match is None:
            raise UnreadableEmojiError(
                f"“{word}” is not the name of an emoji. Write names like :clap:, separated by spaces."
            )
        names.append(match[1])
    return tuple(dict.fromkeys(names))


def read_field(typed: str) -> tuple[str, ...]:
    """What was typed into Settings: without colons it is shorter than the field must hold next time."""
    names = read_emoji(typed)
    if len(written(names)) > FIELD_LIMIT:
        raise UnreadableEmojiError("These are more than fit here. Keep those that people use most.")
    return names


def written(names: Iterable[str]) -> str:
    return " ".join(f":{name}:" for name in names)


def meanings(by_kind: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Turn {kind: emoji} into {emoji: kind}. Raises UnreadableEmojiError when one emoji would mean two kinds."""
    found: dict[str, str] = {}
    for kind, names in by_kind.items():
        for name in names:
            if found.setdefault(name, kind) != kind:
                raise UnreadableEmojiError(f":{name}: can mean only one thing. It is already {found[name]}.")
    return found


MOST_NAMED = 3


def meaning(emoji: Mapping[str, str], kind: str) -> str:
    """The reactions that mean this kind, as one says them; empty where none does."""
    return " or ".join([f":{name}:" for name, means in emoji.items() if means == kind][:MOST_NAMED])
