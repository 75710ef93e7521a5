"""Plain text inside Slack's markup."""

import unicodedata

_RIGHT_TO_LEFT = {"R", "AL", "RLE", "RLO", "RLI"}


def escape(text: str) -> str:
    """Make plain text safe inside mrkdwn, as Slack asks: these three characters and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """What somebody typed, from what `escape` made of it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


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
