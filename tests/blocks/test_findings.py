"""What was noticed about somebody, as they read it."""

from datetime import date, timedelta
from typing import Any

import pytest

from slackapp.blocks import findings as screens
from slackapp.blocks.kit import Block
from slackapp.domain.findings import Evidence, FindingWords, Measured
from slackapp.domain.mrkdwn import columns, unescape
from tests.asking import buttons
from tests.world import words

MONDAY = date(2026, 2, 23)
WEEKS = tuple(MONDAY - timedelta(weeks=back) for back in (3, 2, 1, 0))
PAIR = FindingWords(
    "one_sided_pair", ("U0ANA", "U0BEN"), "Of 12 times, you gave *Ben* 10.", date(2026, 2, 2), team="R & D"
)
MEASURED = Measured(window=4, share=0.833, low=0.6, high=0.95)


def plain(blocks: list[Block]) -> list[dict[str, Any]]:
    return [block if isinstance(block, dict) else block.to_dict() for block in blocks]


def test_where_nothing_was_noticed_home_says_nothing() -> None:
    assert screens.on_home([]) == []


def test_home_says_what_was_noticed_and_that_it_is_only_counting() -> None:
    shown = plain(screens.on_home([PAIR]))

    assert words(shown).splitlines() == [
        "*Something you may want to know*",
        "Of 12 times, you gave *Ben* 10.",
        "Counted between members of *R &amp; D*, in weeks that are over.",
        "Why am I seeing this?",
        "This is expected",
        "Not helpful",
        "This comes from counting, and it only says what was recorded here. Whether it matters is for you to say.",
    ]


def test_what_is_over_asks_for_no_answer() -> None:
    over = FindingWords("over_giver", ("U0ANA",), "It is more even now.", MONDAY, state="left")
    assert buttons({"blocks": plain(screens.on_home([over]))}) == []


@pytest.mark.parametrize(
    ("found", "other", "among", "drawn", "since"),
    [
        (
            PAIR,
            "U0BEN",
            "members of *R &amp; D*",
            ["```You gave      ▁▅▅█  4", "Ben gave you  ▁▁▁█  1```"],
            "It has been so since the week of 2 February 2026. Of what was counted, 83% went one way; "
            "allowing for chance, it is between 60% and 95%.",
        ),
        (
            FindingWords("lost_rhythm_person", ("U0ANA",), "You have been quiet.", date(2026, 2, 2)),
            None,
            "people who are on no team",
            ["```You gave      ▁▅▅█  4", "You received  ▁▁▁█  1```"],
            "It has been so since the week of 2 February 2026.",
        ),
    ],
    ids=["between two", "about one"],
)
def test_why_something_was_said_is_told_week_by_week(
    found: FindingWords, other: str | None, among: str, drawn: list[str], since: str
) -> None:
    seen = Evidence(WEEKS, (0, 1, 1, 2), (0, 0, 0, 1), other)
    shown = screens.why(MEASURED, found, seen, {"U0BEN": "Ben"}).to_dict()

    assert shown["title"]["text"] == "Why am I seeing this?"
    assert words(shown["blocks"]).splitlines() == [
        found.sentence,
        f"Counted between {among}, in weeks that are over.",
        *drawn,
        "One bar a week over the last 4 weeks, the latest on the right. "
        "Several acts of one kind on one day count once.",
        since,
        "Mutual says something only when chance is an unlikely reason for weeks on end, and it falls silent once that "
        "has changed for two weeks. Only what people recorded is counted.",
    ]


@pytest.mark.parametrize("name", ["健司 Kenji", "نور", "R & D <3", "`Bo```b`", "Zoe\u0308"])
def test_the_bars_of_two_people_stand_below_each_other_whatever_the_name(name: str) -> None:
    seen = Evidence(WEEKS, (0, 1, 1, 2), (0, 0, 0, 1), "U0BEN")
    shown = screens.why(MEASURED, PAIR, seen, {"U0BEN": name}).to_dict()

    drawn = next(
        block["text"]["text"] for block in shown["blocks"] if "```" in block.get("text", {}).get("text", "")
    )
    assert drawn.startswith("```")
    assert drawn.endswith("```")
    lines = drawn.removeprefix("```").removesuffix("```").splitlines()
    assert len(lines) == 2
    assert "`" not in "".join(lines)
    ahead = [columns(unescape(line[: line.index("▁")])) for line in lines]
    assert ahead[0] == ahead[1]


def test_what_is_expected_is_let_rest_with_a_reason() -> None:
    shown = screens.expected(screens.naming(PAIR)).to_dict()

    assert (shown["title"]["text"], shown["submit"]["text"]) == ("This is expected", "Let it rest")
    assert words(shown["blocks"]).splitlines()[0] == "Good to know. Mutual will not mention it for 12 weeks."
    for said in (
        "What makes it so?",
        "I am on call, or on duty for others",
        "I am mentoring, or being mentored",
        "Helping others is my job here",
        "Another reason, and that is fine",
    ):
        assert said in words([*shown["blocks"], {"text": shown["blocks"][1]["label"]["text"]}])
