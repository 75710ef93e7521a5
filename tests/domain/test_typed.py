"""What typed words count, and what they never do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackapp.domain.typed import Named, may_count, read_typed

EMOJI = {"raised_hands": "kudos", "clap": "kudos", "pray": "thanks"}
ANA, BEN, TEAM, BOT = "<@U0ANA>", "<@U0BEN>", "<!subteam^S0TEAM>", "<@U0BOT>"


def read(text: str) -> set[tuple[str, str]]:
    return {(named.id, named.kind) for named in read_typed(text, EMOJI, bot="U0BOT").named}


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        (f"{ANA} ++ for the calm release", {("U0ANA", "kudos")}),
        (f"{ANA}++", {("U0ANA", "kudos")}),
        (f"{ANA} +++++++", {("U0ANA", "kudos")}),
        (f"{ANA} {BEN} and {TEAM} ++ nice", {("U0ANA", "kudos"), ("U0BEN", "kudos"), ("S0TEAM", "kudos")}),
        (f"{ANA} ++ for helping with the export", {("U0ANA", "thanks")}),
        (f":raised_hands: {ANA} great demo", {("U0ANA", "kudos")}),
        (f":pray: {ANA}, {BEN}", {("U0ANA", "thanks"), ("U0BEN", "thanks")}),
        (f":clap::skin-tone-3: {ANA}", {("U0ANA", "kudos")}),
        (f":clap: :clap: :clap: :clap: :clap: {ANA}", {("U0ANA", "kudos")}),
        (f"{ANA} ++\n:pray: {BEN}", {("U0ANA", "kudos"), ("U0BEN", "thanks")}),
        (f"{BOT} thanks {ANA} for the review", {("U0ANA", "thanks")}),
        (f"{BOT} kudos {ANA}", {("U0ANA", "kudos")}),
    ],
)
def test_these_count(text: str, counted: set[tuple[str, str]]) -> None:
    assert read(text) == counted


@pytest.mark.parametrize(
    "text",
    [
        "c++ is lovely",
        f"{ANA} knows c++",
        f"{ANA} --",
        f"`{ANA} ++`",
        f"```\n{ANA} ++\n:clap: {BEN}\n```",
        f":eyes: {ANA}",
        f"{ANA} :clap:",
        f"{ANA} what do you think?",
        f"{BOT} what does {ANA} do?",
        f"{BOT} thanks everybody",
        ":clap: for <!channel>",
    ],
)
def test_these_never_count(text: str) -> None:
    assert read(text) == set()


def test_the_words_after_it_are_the_note() -> None:
    assert read_typed(f"Look! {ANA} ++ for the calm release.", EMOJI).note == "for the calm release"


@given(st.text(alphabet=f"<@!^>+:`\n ab{'U0ANA'}", max_size=60), st.integers(0, 5))
def test_what_is_not_worth_reading_closely_gives_nothing(text: str, hands: int) -> None:
    whole = ":clap: " * hands + text
    if not may_count(whole, EMOJI):
        assert read_typed(whole, EMOJI).named == frozenset()


@given(st.integers(1, 9))
def test_amounts_do_not_matter(hands: int) -> None:
    assert read_typed(":clap:" * hands + ANA, EMOJI).named == {Named("U0ANA", "kudos")}
