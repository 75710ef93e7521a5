"""When a digest is due, and what it says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from slackapp.domain.balances import Tally, balance
from slackapp.domain.digests import (
    QUESTIONS,
    SECTIONS,
    DigestFacts,
    OpenAsk,
    Passage,
    Press,
    Section,
    Suggestion,
    compose,
    due,
    period_of,
    quiet_with,
    small_gesture,
    unthanked,
)
from slackapp.domain.findings import FindingWords
from slackapp.domain.homes import Note
from slackapp.domain.people import Person
from slackapp.domain.preferences import Preferences
from slackapp.domain.weeks import recent_weeks

BERLIN = ZoneInfo("Europe/Berlin")
WANTS = Preferences(digest=True, digest_day=0, digest_hour=9)


def person(timezone: str = "Europe/Berlin", **chosen: object) -> Person:
    return Person("U0ANA", "Ana", timezone, preferences=replace(WANTS, **chosen))


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("situation", "who", "now", "expected"),
    [
        ("before the hour", person(), "2026-03-02T07:59", None),
        ("at the hour", person(), "2026-03-02T08:00", "2026-W10"),
        ("the clock was down until the evening", person(), "2026-03-02T22:59", "2026-W10"),
        ("the clock was down until the next day", person(), "2026-03-02T23:00", None),
        ("still Sunday in New York", person("America/New_York"), "2026-03-02T04:00", None),
        ("Monday nine o'clock in New York", person("America/New_York"), "2026-03-02T14:00", "2026-W10"),
        ("Monday has long begun in Kiritimati", person("Pacific/Kiritimati"), "2026-03-01T19:00", "2026-W10"),
        ("half an hour apart in Kolkata", person("Asia/Kolkata"), "2026-03-02T03:30", "2026-W10"),
        ("summer time began yesterday", person(), "2026-03-30T07:00", "2026-W14"),
        ("summer time began yesterday, an hour before", person(), "2026-03-30T06:59", None),
        ("summer time ended yesterday", person(), "2026-10-26T08:00", "2026-W44"),
        ("summer time ended yesterday, an hour before", person(), "2026-10-26T07:59", None),
        ("two o'clock does not exist", person(digest_day=6, digest_hour=2), "2026-03-29T01:00", "2026-W13"),
        (
            "two o'clock exists twice, first",
            person(digest_day=6, digest_hour=2),
            "2026-10-25T00:30",
            "2026-W43",
        ),
        (
            "two o'clock exists twice, again",
            person(digest_day=6, digest_hour=2),
            "2026-10-25T01:30",
            "2026-W43",
        ),
        ("another day was chosen", person(digest_day=2), "2026-03-02T12:00", None),
        ("the year turns in the middle of the week", person(digest_day=3), "2026-12-31T12:00", "2026-W53"),
        ("nobody asked for it", person(digest=False), "2026-03-02T12:00", None),
        ("away until today", person(away_until=date(2026, 3, 2)), "2026-03-02T12:00", None),
        ("back since today", person(away_until=date(2026, 3, 1)), "2026-03-02T12:00", "2026-W10"),
        ("paused until today", person(digest_paused_until=date(2026, 3, 2)), "2026-03-02T12:00", None),
        ("the pause is over", person(digest_paused_until=date(2026, 3, 1)), "2026-03-02T12:00", "2026-W10"),
        ("a zone nobody knows is the workspace's", person("Mars/Olympus"), "2026-03-02T08:00", "2026-W10"),
        (
            "their status says that they are on vacation",
            replace(person(), on_vacation=True),
            "2026-03-02T12:00",
            None,
        ),
        ("somebody who left", replace(person(), is_deactivated=True), "2026-03-02T12:00", None),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_a_digest_is_due_from_the_chosen_hour_until_the_day_is_over(
    situation: str, who: Person, now: str, expected: str | None
) -> None:
    assert due(who, at(now), BERLIN) == expected, situation


def test_in_a_year_of_ten_minute_ticks_each_week_comes_up_once_wherever_one_lives() -> None:
    for zone in (
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Apia",
    ):
        who = person(zone, digest_day=6, digest_hour=2)
        days: dict[str, set[date]] = {}
        tick = at("2026-01-01T00:00")
        while tick < at("2027-01-01T00:00"):
            if period := due(who, tick, BERLIN):
                days.setdefault(period, set()).add(tick.astimezone(ZoneInfo(zone)).date())
            tick += timedelta(minutes=30)
        assert len(days) == 52
        assert all(len(local) == 1 for local in days.values())


def test_nothing_is_due_to_somebody_who_paused_mutual() -> None:
    monday = at("2026-03-02T12:00")
    assert due(person(), monday, BERLIN) is not None

    assert due(person(paused=True), monday, BERLIN) is None


def test_choosing_another_day_gives_no_second_digest_that_week() -> None:
    assert due(person(), at("2026-03-02T12:00"), BERLIN) == due(
        person(digest_day=4), at("2026-03-06T12:00"), BERLIN
    )
    assert period_of(date(2026, 3, 1)) == "2026-W09"


# What it says

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
NAMES = {"U0BEN": "Ben", "U0CY": "Cy", "U0MIA": "Mia"}
SMALL = "A small gesture, if you like"


def tally(other: str, kind: str, days_ago: int, *, given: bool = False) -> Tally:
    return Tally(other, kind, TODAY - timedelta(days=days_ago), given, 1)


def facts(*tallies: Tally, **more: object) -> DigestFacts:
    weeks = recent_weeks(NOW, BERLIN, 12)
    plain = DigestFacts(
        person(),
        TODAY,
        balance(tallies, weeks),
        tuple(tallies),
        names=NAMES,
        here=frozenset(NAMES),
        with_room=frozenset(NAMES),
    )
    return replace(plain, **more)


def said(found: DigestFacts) -> dict[str, str]:
    digest = compose(found)
    assert digest is not None
    return {passage.title: passage.text for passage in digest.passages}


def test_a_week_without_anything_to_say_writes_to_nobody() -> None:
    assert compose(facts()) is None
    assert compose(facts(tally("U0BEN", "kudos", 1, given=True))) is None


def test_thanks_help_and_words_of_the_week_come_first() -> None:
    note = Note("U0BEN", "thanks", "for the calm release", NOW, "channel")
    found = compose(facts(tally("U0BEN", "thanks", 1), tally("U0CY", "help", 2), notes=(note,)))

    assert found is not None
    first = found.passages[0]
    assert first.text == "Ben thanked you or thought of you this week. Cy helped you."
    assert first.quotes == ("for the calm release\n— Ben",)
    assert found.summary == (
        "Your week with Mutual. Ben thanked you or thought of you this week. Cy helped you."
    )
    assert [passage.title for passage in found.passages] == [
        "What came your way",
        "Your rhythm",
        "A question to take along",
        "",
    ]


def test_both_rows_of_weeks_begin_their_line_so_that_they_line_up_and_do_not_break() -> None:
    _, gave, given, received, got, legend = said(facts(tally("U0BEN", "thanks", 1)))["Your rhythm"].split(
        "\n"
    )
    assert (gave, received) == ("Gave:", "Received:")
    assert given == ":white_large_square:" * 12
    assert got.count("_square:") == 12
    assert legend == "Each square is a week, last week on the right."


def test_last_weeks_thanks_are_not_told_again() -> None:
    assert compose(facts(tally("U0BEN", "thanks", 8))) is None


def test_many_givers_are_not_a_list() -> None:
    many = [tally(f"U{n}", "kudos", 1) for n in range(40)]
    names = {f"U{n}": f"N{n}" for n in range(40)}
    assert said(facts(*many, names=names))["What came your way"].startswith(
        "N0, N1, N2, N3 and 36 others thanked you"
    )
    assert said(facts(*many, names={}))["What came your way"].startswith("40 people thanked you")
    assert said(facts(many[0], names={}))["What came your way"].startswith("Somebody thanked you")


@pytest.mark.parametrize(
    ("situation", "tallies", "expected"),
    [
        ("helped and thanked", [tally("U0BEN", "help", 5), tally("U0BEN", "thanks", 4, given=True)], None),
        ("helped yesterday", [tally("U0BEN", "help", 1)], None),
        ("helped long ago", [tally("U0BEN", "help", 40)], None),
        ("helped by somebody who left", [tally("U0GONE", "help", 5)], None),
        ("helped and not thanked", [tally("U0BEN", "help", 5)], "U0BEN"),
        (
            "thanked before the help",
            [tally("U0BEN", "help", 5), tally("U0BEN", "thanks", 9, given=True)],
            "U0BEN",
        ),
        ("two helped, the latest first", [tally("U0BEN", "help", 9), tally("U0CY", "help", 5)], "U0CY"),
        ("gave help", [tally("U0BEN", "help", 5, given=True)], None),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_a_late_thank_you_is_suggested_once_it_is_late(
    situation: str, tallies: list[Tally], expected: str | None
) -> None:
    found = unthanked(tallies, TODAY, NAMES)
    assert next((other for other, _ in found), None) == expected, situation


def test_one_small_gesture_is_suggested_with_a_button_that_does_it() -> None:
    ask = OpenAsk("ask-1", "U0MIA")
    found = compose(facts(tally("U0BEN", "help", 5), asks=(ask,)))
    assert found is not None
    (gesture,) = [passage for passage in found.passages if passage.title == "A small gesture, if you like"]
    assert gesture.text == "Ben helped you on Wednesday, 25 February. A late thank-you is still a good one."
    assert [(press.text, press.action, press.value) for press in gesture.buttons] == [
        ("Thank Ben", "digest_thank", "U0BEN 2026-02-25")
    ]

    found = compose(facts(asks=(ask,)))
    assert found is not None
    assert found.passages[0].text == "Mia still waits for a hand."
    assert found.passages[0].quotes == ()
    assert [(press.text, press.action, press.value) for press in found.passages[0].buttons] == [
        ("Read it", "read_ask", "ask-1"),
        ("I can help", "can_help", "ask-1"),
    ]


def test_somebody_quiet_for_longer_than_usual_is_suggested() -> None:
    usually = [tally("U0CY", "kudos", 7 * weeks, given=weeks % 2 == 0) for weeks in range(3, 9)]

    assert quiet_with(usually, TODAY, NAMES) == [("U0CY", date(2026, 2, 9))]
    assert quiet_with([*usually, tally("U0CY", "help", 14)], TODAY, NAMES) == []
    assert quiet_with(usually[:4], TODAY, NAMES) == []
    assert quiet_with(usually, TODAY, {}) == []
    found = compose(facts(*usually))
    assert found is not None
    (gesture,) = [passage for passage in found.passages if passage.title == SMALL]
    assert gesture.text == (
        "You and Cy have been quiet for longer than usual. “How are you doing?” is enough."
    )
    assert gesture.buttons == (Press("I checked in", "check_in", "U0CY"),)


def test_checking_in_is_not_suggested_beside_something_noticed_about_the_same_person() -> None:
    usually = [tally("U0CY", "kudos", 7 * weeks, given=weeks % 2 == 0) for weeks in range(3, 9)]
    about = FindingWords("one_sided_pair", ("U0ANA", "U0CY"), "You did 18 things for Cy.", TODAY)
    also = [tally("U0BEN", "kudos", 7 * weeks, given=True) for weeks in range(3, 8)]

    assert SMALL not in said(facts(*usually, findings=(about,)))
    assert said(facts(*usually, *also, findings=(about,)))[SMALL].startswith("You and Ben have been quiet")


def test_checking_in_is_not_suggested_on_somebody_who_has_no_room() -> None:
    usually = [tally("U0CY", "kudos", 7 * weeks, given=weeks % 2 == 0) for weeks in range(3, 9)]

    assert SMALL not in said(facts(*usually, tally("U0BEN", "thanks", 1), with_room=frozenset({"U0BEN"})))


def suggestion(*tallies: Tally, **more: object) -> Suggestion | None:
    passage = small_gesture(facts(*tallies, **more))
    return passage.suggests if passage else None


class TestSuggestedOnce:
    """What an earlier digest suggested is not suggested again: once, then silence."""

    def test_the_same_help(self) -> None:
        first = suggestion(tally("U0BEN", "help", 5))
        assert first == Suggestion("thanks", "U0BEN", TODAY - timedelta(days=5))

        assert suggestion(tally("U0BEN", "help", 5), suggested=(first,)) is None

    def test_nor_help_of_the_same_person_before_it(self) -> None:
        told = Suggestion("thanks", "U0BEN", TODAY - timedelta(days=5))

        assert suggestion(tally("U0BEN", "help", 9), suggested=(told,)) is None

    def test_but_later_help_and_help_of_others_is(self) -> None:
        told = Suggestion("thanks", "U0BEN", TODAY - timedelta(days=5))

        later = suggestion(tally("U0BEN", "help", 4), suggested=(told,))
        other = suggestion(tally("U0BEN", "help", 5), tally("U0CY", "help", 9), suggested=(told,))
        assert (later and later.day, other and other.about) == (TODAY - timedelta(days=4), "U0CY")

    def test_an_ask(self) -> None:
        asks = (
            OpenAsk("ask-1", "U0MIA", TODAY),
            OpenAsk("ask-2", "U0CY", TODAY),
        )
        first = suggestion(asks=asks)
        assert first == Suggestion("ask", "ask-1", TODAY)

        second = suggestion(asks=asks, suggested=(first,))
        assert second is not None
        assert second.about == "ask-2"
        assert suggestion(asks=asks, suggested=(first, second)) is None

    def test_checking_in_until_something_passed_between_the_two_again(self) -> None:
        usually = [tally("U0CY", "kudos", 7 * weeks, given=True) for weeks in range(3, 9)]
        first = suggestion(*usually)
        assert first == Suggestion("check_in", "U0CY", date(2026, 2, 9))

        assert suggestion(*usually, suggested=(first,)) is None
        assert suggestion(*usually, suggested=(replace(first, day=date(2026, 1, 9)),)) == first


def test_a_late_thank_you_is_suggested_to_the_one_who_was_helped_and_not_to_the_helper() -> None:
    assert suggestion(tally("U0BEN", "help", 5)) is not None
    assert suggestion(tally("U0BEN", "help", 5, given=True)) is None


def test_a_finding_is_told_in_its_own_kind_words() -> None:
    found = FindingWords("over_giver", ("U0ANA",), "You give a lot at the moment.", TODAY, team="Lanterns")
    assert said(facts(findings=(found,)))["Something Mutual noticed"] == (
        "You give a lot at the moment.\nCounted between members of *Lanterns*, in weeks that are over."
    )


def test_it_always_says_how_to_change_or_stop_it() -> None:
    digest = compose(facts(tally("U0BEN", "thanks", 1)))
    assert digest is not None
    assert digest.passages[-1].text == (
        "You get this on Mondays after 9:00, because you asked for it. Only you see it."
    )
    assert [press.action for press in digest.passages[-1].buttons] == [
        "open_settings",
        "digest_pause",
        "digest_stop",
    ]


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        (TODAY, f"You paused it. It comes again after {TODAY:%-d %B}."),
        (
            TODAY - timedelta(days=1),
            "You asked for it, so it comes next Friday after 9:00, as it stands then.",
        ),
    ],
)
def test_a_preview_says_when_a_paused_digest_comes_again(until: date, sentence: str) -> None:
    paused = person(digest_day=4, digest_paused_until=until)
    digest = compose(facts(tally("U0BEN", "thanks", 1), person=paused, preview=True))
    assert digest is not None
    assert digest.passages[-1].text == f"{sentence} Only you see it."


def test_a_preview_says_when_it_comes_or_how_to_ask_for_it() -> None:
    def last(chosen: bool) -> Passage:
        found = facts(tally("U0BEN", "thanks", 1), person=person(digest=chosen, digest_day=4), preview=True)
        digest = compose(found)
        assert digest is not None
        return digest.passages[-1]

    asked = last(True)
    assert (
        asked.text
        == "You asked for it, so it comes next Friday after 9:00, as it stands then. Only you see it."
    )
    assert [press.action for press in asked.buttons] == ["open_settings", "digest_pause", "digest_stop"]
    assert last(False) == Passage(
        "",
        "You have not asked for it. Tick *Weekly digest* in Settings, and it comes each Friday after 9:00. "
        "Only you see it.",
    )


def test_the_question_changes_every_week_and_none_is_missed() -> None:
    asked = {said(facts(tally("U0BEN", "thanks", 1), today=TODAY)).get("A question to take along")} | {
        QUESTIONS[(TODAY + timedelta(weeks=n)).isocalendar().week % len(QUESTIONS)]
        for n in range(len(QUESTIONS))
    }
    assert asked == set(QUESTIONS)


def test_a_section_is_one_function_more() -> None:
    def weather(found: DigestFacts) -> Passage:
        return Passage("Weather", f"Sunny for {found.person.name}.")

    digest = compose(facts(), (*SECTIONS, Section(weather, worth=True)))
    assert digest is not None
    assert digest.summary == "Your week with Mutual. Sunny for Ana."
