"""Plain text inside Slack's markup."""

import pytest

from slackapp.domain.mrkdwn import columns, escape, isolated, unescape


@pytest.mark.parametrize(
    ("text", "wide"), [("Ana", 3), ("健司 Kenji", 10), ("نور", 3), ("Zoe\u0308", 3), ("a\u200db", 2), ("", 0)]
)
def test_text_takes_the_columns_it_is_drawn_in(text: str, wide: int) -> None:
    assert columns(text) == wide


def test_only_a_name_that_runs_the_other_way_is_held_apart() -> None:
    assert isolated("Ana") == "Ana"
    assert isolated("نور") == "\u200e\u2068نور\u2069"


def test_what_is_escaped_reads_as_it_was_typed() -> None:
    assert escape("a < b & c > d") == "a &lt; b &amp; c &gt; d"
    assert unescape(escape("&lt; <@U0ANA>")) == "&lt; <@U0ANA>"
