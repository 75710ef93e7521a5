"""Home and Settings as a person reads them, from top to bottom."""

from datetime import UTC, date, datetime
from typing import Any

from slackapp.blocks.home import home
from slackapp.blocks.settings import settings_form
from slackapp.domain.balances import Tally, balance
from slackapp.domain.homes import CheckIns, HomeFacts, Note
from slackapp.domain.people import Person
from slackapp.domain.preferences import Preferences
from slackapp.domain.weeks import recent_weeks
from tests.conftest import UTC_ZONE
from tests.world import words

NOW = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)  # a Wednesday
TODAY = NOW.date()
WEEKS = recent_weeks(NOW, UTC_ZONE, 12)
ANA = Person("U0ANA", "Ana")
NOTHING = balance([], WEEKS)
GREEN, WHITE = ":large_green_square:", ":white_large_square:"
BUTTONS = ["Give kudos", "Ask for help", "Offer help", "Settings"]
KNOWN = [
    "*What Mutual knows, and who sees it*",
    "• It keeps the kudos, thanks and help people record with it: who, to whom, when, and the note. "
    "In channels it is invited to it looks for kudos, and keeps nothing else of what is written.",
    "• This page is yours. Nobody can look up your balance or your rhythm, unless you share them with a team you "
    "are on, and nobody at all your notes.",
    "• There are no points and no rankings, and every kind of gesture weighs the same.",
    "Privacy",
]


def test_more_check_ins_than_home_has_room_for_are_counted() -> None:
    many = tuple(f"U{number}" for number in range(6))
    shown = read(
        HomeFacts(ANA, NOTHING, dict.fromkeys(many, "Ben"), (), TODAY, check_ins=CheckIns(today=many))
    )

    assert shown.count("You checked in with *Ben* today.") == 4
    assert "And with 2 more people." in shown
    assert "And with 1 more person." in read(
        HomeFacts(ANA, NOTHING, {}, (), TODAY, check_ins=CheckIns(today=many[:5]))
    )
    assert not [
        line
        for line in read(HomeFacts(ANA, NOTHING, {}, (), TODAY, check_ins=CheckIns(today=many[:4])))
        if "more" in line
    ]


def read(facts: HomeFacts, contact: str | None = None) -> list[str]:
    return words(home(facts, contact).to_dict()["blocks"]).split("\n")


def test_home_on_the_first_day() -> None:
    assert read(HomeFacts(ANA, NOTHING, {}, (), TODAY)) == [
        "Your give and take",
        "Nothing is recorded for you yet. A small, honest thank-you to one person is a good way to begin.",
        *BUTTONS,
        "*Ways to begin*",
        "• Type `/kudos @name for …` in any channel.",
        "• React to a message with :raised_hands: or :clap: for kudos, :pray: for thanks.",
        "• Open *Settings* and say how you like to be thanked and what help is welcome.",
        "Your weeks appear here by themselves, as a row of squares: green for a week with a gesture.",
        "*Words for you*",
        "Notes that people write to you will be kept here.",
        *KNOWN,
        "Questions? Type `/mutual help`, or ask the person who installed Mutual here.",
    ]


def test_home_that_is_lived_in() -> None:
    given = [
        Tally("U0BEN", "kudos", date(2026, 3, 2), True, 2),
        Tally("U0BEN", "help", date(2026, 2, 24), False, 1),
        Tally("U0CY", "check_in", date(2026, 1, 5), False, 1),
    ]
    facts = HomeFacts(
        ANA,
        balance(given, WEEKS),
        {"U0BEN": "Ben", "U0CY": "Cy"},
        (Note("U0BEN", "thanks", "You saved my week", NOW, "private"),),
        TODAY,
        check_ins=CheckIns("U0CY", ("U0BEN",), TODAY),
    )

    assert read(facts, "ops@example.org")[2:] == [
        *BUTTONS,
        "*Am I giving?*  1 of 12 weeks",
        WHITE * 11 + GREEN,
        "*Am I open to receiving?*  2 of 12 weeks",
        WHITE * 3 + GREEN + WHITE * 6 + GREEN + WHITE,
        "Each square is a week, this week on the right. Green means at least one gesture in that week.",
        "*What you gave*",
        "Kudos: 2",
        "Help: 0",
        "Check-ins: 0",
        "*What you received*",
        "Kudos: 0",
        "Help: 1",
        "Check-ins: 1",
        "*You and others*",
        "⇄  *Ben*  you gave 2, they gave 1",
        "←  *Cy*  you gave 0, they gave 1",
        "*Checking in*",
        "Undo",
        "You checked in with *Ben* today.",
        "I checked in",
        "You and *Cy* have not crossed paths here for a while. How are they doing?",
        "*Words for you*",
        ">You saved my week",
        "*Ben*, <!date^1772620200^{date_short_pretty}|4 March>, in private",
        *KNOWN,
        "Questions? Type `/mutual help`, or write to <mailto:ops@example.org|ops@example.org>.",
    ]


def test_home_reminds_of_what_was_chosen_for_a_while() -> None:
    def says(**about: Any) -> list[str]:
        person = Person(
            "U0ANA", "Ana", on_vacation=about.pop("on_vacation", False), preferences=Preferences(**about)
        )
        shown = read(HomeFacts(person, NOTHING, {}, (), TODAY))
        return shown[2 : shown.index("Settings") + 1]

    paused = "Mutual is paused for you: no message from it reaches you, and nothing is recorded from your reactions and messages."
    later, over = date(2026, 3, 6), date(2026, 3, 3)
    change = "You can change it in *Settings*."

    assert says() == says(away_until=over, at_capacity_until=over) == BUTTONS
    assert says(paused=True) == [paused, change, *BUTTONS]
    assert says(away_until=TODAY) == ["You are away until 4 March.", change, *BUTTONS]
    assert says(on_vacation=True) == ["You are away: your status in Slack says so.", change, *BUTTONS]
    assert says(paused=True, away_until=later, on_vacation=True, at_capacity_until=later) == [
        paused,
        "You are away until 6 March.",
        "You are at capacity until 6 March, and suggested to nobody.",
        change,
        *BUTTONS,
    ]


def test_home_of_an_admin_where_slack_was_not_asked_for_enough() -> None:
    assert read(HomeFacts(ANA, NOTHING, {}, (), TODAY, lacks=("im:write", "files:write")))[0] == (
        "*Mutual needs something more from Slack.* Parts of it do not work until you, or another admin, install it "
        "again and allow: `im:write`, `files:write`. Nothing that was recorded is lost."
    )


MINE = [
    "How do you like to be thanked?",
    "No preference",
    "In public, so the team can join in",
    "In private, just to me",
    "Good ways to help you",
    "A second pair of eyes before I publish",
    "People see this when they are about to give you something.",
    "What you need right now",
    "An hour with somebody who knows the billing code",
    "Away until (your last day away)",
    "While you are away you get no digest and are suggested to nobody, people who want to ask you read that you are "
    "away, and the weeks do not count for anything. Kudos, asks and offers still reach you; to hear nothing at all, "
    "pause Mutual below.",
    "At capacity until (the last day)",
    "You are suggested to nobody, and people who want to ask you are told so kindly.",
    "Pause Mutual",
    "No messages to me, and nothing recorded from my reactions and messages",
    "Weekly digest",
    "Send me a short digest once a week",
    "Day of the digest",
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "Not before",
    *(f"{hour}:00" for hour in range(24)),
    "Show me what it would say today",
]
OF_ALL = [
    "For the whole workspace",
    "You see this part because you are an admin. A change takes effect within a minute.",
    "Time zone in which weeks close",
    "Reactions that mean kudos",
    "Reactions that mean thanks",
    ":clap: :raised_hands:",
    "Who may make teams?",
    "Admins",
    "Admins, and managers of a team",
    "Anyone",
    "What do managers of a team see by name?",
    "Managers see names only of people who share",
    "Managers see names; everyone is told a week before",
    "Whoever mostly receives is never named to anybody else, whatever you choose.",
    "Active people a team needs before its figures are shown",
    "Five is the least: with fewer, figures would be about somebody in particular.",
    "Where are public kudos posted?",
    "In the channel where they were given",
    "All in one channel",
    "Nowhere: receivers are told in private",
    "The one channel for kudos",
    "Choose a public channel",
    "#general",
    "Also in #general, when kudos are given there",
    "Otherwise kudos given in #general are told to their receivers in private.",
    "A channel that gathers the week’s public kudos on Mondays",
]


def test_settings_of_ones_own() -> None:
    form = settings_form(ANA, today=TODAY).to_dict()

    assert set(words(form["blocks"]).split("\n")) == set(MINE)


def test_a_pause_of_the_digest_is_there_to_be_ended_while_it_lasts() -> None:
    def digest(until: date) -> str:
        paused = Person("U0ANA", "Ana", preferences=Preferences(digest=True, digest_paused_until=until))
        return words(settings_form(paused, today=TODAY).to_dict()["blocks"])

    assert "None until 4 March, as I chose" in digest(TODAY)
    assert "None until" not in digest(date(2026, 3, 3))


def test_settings_of_an_admin() -> None:
    workspace = ("Europe/Berlin", {"clap": "kudos", "pray": "thanks"})
    form = settings_form(ANA, today=TODAY, workspace=workspace).to_dict()

    assert set(words(form["blocks"]).split("\n")) == {*MINE, *OF_ALL}
