"""The past as values: what counts once, and what may be kept of words from a file."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackapp.domain.gestures import NOTE_LIMIT, Gesture, gesture_id, message_source
from slackapp.domain.history import NO_HELP, Past, safe_note, with_implied_help

AT = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)
SOURCE = message_source("C0TEAM", "1.0")


def past(kind: str = "kudos", mark: str = "clap", *, giver: str = "U0ANA", receiver: str = "U0BEN") -> Past:
    return Past(Gesture(giver, receiver, kind, SOURCE, AT, AT.date()), {mark: (True, 0)})


def brought(*found: Past) -> list[tuple[str, str, str, bool]]:
    """Who, to whom, what, and whether it stands."""
    return [
        (each.gesture.giver, each.gesture.receiver, each.gesture.kind, each.retracted_at is None)
        for each in with_implied_help("T0", found).values()
    ]


def test_thanks_bring_the_help_they_prove_and_are_linked_to_it() -> None:
    named = with_implied_help("T0", [past("thanks")])
    (help_id, proven), (thanks_id, thanks) = named.items()

    assert (proven.gesture.giver, proven.gesture.kind, proven.implied_by) == ("U0BEN", "help", thanks_id)
    assert thanks.gesture.help_id == help_id == gesture_id("T0", proven.gesture)


def test_thanks_that_prove_no_help_bring_none() -> None:
    assert brought(replace(past("thanks"), help_of=NO_HELP)) == [("U0ANA", "U0BEN", "thanks", True)]


def test_thanks_for_help_known_from_elsewhere_are_linked_to_that() -> None:
    (thanks,) = with_implied_help("T0", [replace(past("thanks"), help_of="ask:1")]).values()
    elsewhere = Gesture("U0BEN", "U0ANA", "help", replace(SOURCE, key="ask:1"), AT, AT.date())

    assert thanks.gesture.help_id == gesture_id("T0", elsewhere)


def test_two_marks_of_one_act_are_kept_together() -> None:
    (one,) = with_implied_help("T0", [past(mark="clap"), past(mark="raised_hands")]).values()

    assert one.marks == {"clap": (True, 0), "raised_hands": (True, 0)}


@pytest.mark.parametrize("thanks_first", [True, False])
def test_help_that_was_taken_back_is_not_proven_again_by_its_thanks(thanks_first: bool) -> None:
    thanks = past("thanks")
    help_ = replace(past("help", giver="U0BEN", receiver="U0ANA"), retracted_at=AT)
    found = (thanks, help_) if thanks_first else (help_, thanks)

    assert sorted(brought(*found)) == [("U0ANA", "U0BEN", "thanks", True), ("U0BEN", "U0ANA", "help", False)]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("thanks <@U0CY|cy> &amp; <#C0OPS>", "thanks <@U0CY|cy> &amp; <#C0OPS>"),
        ("with <!subteam^S0OPS|@ops>, <!subteam^S0ART> and <!channel>", "with @ops, @group and "),
        ("<https://acme.com?a=1&b=2|docs>", "<https://acme.com?a=1&b=2|docs>"),
        ("R&D <3 > 2", "R&amp;D &lt;3 &gt; 2"),
        ("  ", None),
        (None, None),
        ("&lt;" * NOTE_LIMIT, "&lt;" * NOTE_LIMIT),
        ("x" * (NOTE_LIMIT + 1), None),
    ],
)
def test_words_are_kept_as_slack_would_write_them(words: str | None, kept: str | None) -> None:
    assert safe_note(words) == kept


@given(st.text(alphabet="<>&@#!U0;amplt|:/ \n\x00\ud83dü"))
def test_words_kept_once_are_kept_the_same_again(words: str) -> None:
    kept = safe_note(words)

    assert safe_note(kept) == kept
