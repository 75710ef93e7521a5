"""Emoji that mean something."""

import pytest

from slackapp.domain.emoji import UnreadableEmojiError, meanings, read_emoji


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (":clap: :raised_hands:", ("clap", "raised_hands")),
        (":clap::taco:", ("clap", "taco")),
        ("clap, taco", ("clap", "taco")),
        (":+1: :clap: :clap:", ("+1", "clap")),
        ("  ", ()),
    ],
)
def test_names_are_read_however_they_are_separated(typed: str, names: tuple[str, ...]) -> None:
    assert read_emoji(typed) == names


def test_what_is_no_name_is_told() -> None:
    with pytest.raises(UnreadableEmojiError, match="“nice!” is not the name of an emoji"):
        read_emoji(":clap: nice!")


def test_one_emoji_means_one_kind() -> None:
    assert meanings({"kudos": ("clap",), "thanks": ("pray",)}) == {"clap": "kudos", "pray": "thanks"}
    with pytest.raises(UnreadableEmojiError, match="can mean only one thing"):
        meanings({"kudos": ("clap",), "thanks": ("clap",)})
