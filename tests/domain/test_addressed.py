"""What is given in a message that mentions Mutual."""

import pytest

from slackapp.domain.typed import read_addressed

EMOJI = {"raised_hands": "kudos", "pray": "thanks"}


@pytest.mark.parametrize(
    ("text", "people", "kind"),
    [
        ("<@U0BOT> thanks <@U0ANA> for the review", ("U0ANA",), "thanks"),
        ("<@U0BOT> kudos <@U0ANA> and <@U0BEN>", ("U0ANA", "U0BEN"), "kudos"),
        ("<@U0ANA> ++ <@U0BOT>", ("U0ANA",), "kudos"),
        ("<@U0BOT> :pray: <@U0ANA>", ("U0ANA",), "thanks"),
    ],
)
def test_these_give(text: str, people: tuple[str, ...], kind: str) -> None:
    act = read_addressed(text, EMOJI, "U0BOT")

    assert act is not None
    assert (act.people, act.kind) == (people, kind)


@pytest.mark.parametrize(
    "text",
    [
        "<@U0BOT> what does <@U0ANA> do?",
        "<@U0BOT> thanks everybody",
        "<@U0BOT> `thanks <@U0ANA>`",
        "<@U0BOT>",
    ],
)
def test_these_give_nothing(text: str) -> None:
    assert read_addressed(text, EMOJI, "U0BOT") is None
