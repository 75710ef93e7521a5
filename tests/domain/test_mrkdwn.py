"""Plain text inside Slack's markup."""

import pytest

from slackapp.domain.mrkdwn import as_typed, columns, escape, isolated, unescape


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


@pytest.mark.parametrize(
    ("mrkdwn", "read"),
    [
        ("an hour on <@U0CY|cy>'s &lt;draft&gt; &amp; more", "an hour on @cy's <draft> & more"),
        ("<!subteam^S0ABC|@release> in <#C0ABC|team>, <!here>", "@release in #team, @here"),
        ("<!subteam^S0ABC> at <https://example.org/?a=1&amp;b=2>", "@group at https://example.org/?a=1&b=2"),
        ("<https://example.org|a link>", "https://example.org"),
        ("1 &lt; 2 &gt; 1", "1 < 2 > 1"),
    ],
)
def test_what_slack_wrote_down_is_read_as_it_was_typed(mrkdwn: str, read: str) -> None:
    assert as_typed(mrkdwn) == read


def test_somebody_mentioned_by_id_is_named_where_the_name_is_known() -> None:
    assert as_typed("with <@U0CY> and <@U0X>", {"U0CY": "Cy & co"}) == "with @Cy & co and @U0X"
