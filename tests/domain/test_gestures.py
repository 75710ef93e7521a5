"""What people type, who can be given to, and what happened."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackapp.domain.gestures import (
    MOST_RECEIVERS,
    NOTE_LIMIT,
    Gesture,
    NotAGesture,
    Source,
    TypedKudos,
    check_giver,
    choose_receivers,
    counted_sentence,
    gesture_id,
    gestures_to,
    read_kudos,
    with_proven_help,
)
from slackapp.domain.people import Person, listed, read_person
from slackapp.domain.preferences import Preferences

ANA, BEN, CY = Person("U0ANA", "Ana"), Person("U0BEN", "Ben"), Person("U0CY", "Cy")
KNOWN = {person.user_id: person for person in (ANA, BEN, CY)}
NOW = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)


def act(
    kind: str = "kudos", giver: str = "U0ANA", receiver: str = "U0BEN", key: str = "command:1"
) -> Gesture:
    return Gesture(giver, receiver, kind, Source(key), NOW, NOW.date(), note="for the fix")


class TestReading:
    @pytest.mark.parametrize(
        ("typed", "people", "kind", "note"),
        [
            ("<@U0ANA|ana>", ("U0ANA",), "kudos", None),
            ("<@U0ANA> for the demo", ("U0ANA",), "kudos", "for the demo"),
            ("<@U0ANA|ana> <@U0BEN|ben> for the demo", ("U0ANA", "U0BEN"), "kudos", "for the demo"),
            ("<@U0ANA>, <@U0BEN> and <@W0CY> for it", ("U0ANA", "U0BEN", "W0CY"), "kudos", "for it"),
            ("<@U0ANA> &amp; <@U0BEN> + <@U0CY> yes", ("U0ANA", "U0BEN", "U0CY"), "kudos", "yes"),
            ("<@U0ANA> for helping <@U0BEN>", ("U0ANA",), "thanks", "for helping <@U0BEN>"),
            ("<@U0ANA> for walking <@U0BEN> home", ("U0ANA",), "kudos", "for walking <@U0BEN> home"),
            ("thanks <@U0ANA> for the fix", ("U0ANA",), "thanks", "thanks for the fix"),
            (
                "thanks <@U0ANA> and <@U0BEN>, you saved us",
                ("U0ANA", "U0BEN"),
                "thanks",
                "thanks, you saved us",
            ),
            ("<@U0ANA>, you saved us", ("U0ANA",), "kudos", "you saved us"),
            ("Thank you <@U0ANA>!", ("U0ANA",), "thanks", "Thank you !"),
            ("<@U0ANA> for all the help", ("U0ANA",), "thanks", "for all the help"),
            ("<@U0ANA> — great work", ("U0ANA",), "kudos", "great work"),
            ("<@U0ANA> loves `<@U0BEN>`", ("U0ANA",), "kudos", "loves `<@U0BEN>`"),
            ("<@U0ANA> <@U0ANA> twice", ("U0ANA",), "kudos", "twice"),
        ],
    )
    def test_the_first_run_of_names_receives(
        self, typed: str, people: tuple[str, ...], kind: str, note: str | None
    ) -> None:
        assert read_kudos(typed) == TypedKudos(people, (), kind, note)

    def test_a_user_group_is_named_like_a_person(self) -> None:
        assert read_kudos("<!subteam^S0REL|@release> <@U0ANA> for it") == TypedKudos(
            ("U0ANA",), ("S0REL",), "kudos", "for it"
        )

    @pytest.mark.parametrize(
        "typed", ["", "c++", "c++ is great", "well done all", "```<@U0ANA>```", "ana for it"]
    )
    def test_nobody_named_is_no_gesture(self, typed: str) -> None:
        with pytest.raises(NotAGesture, match="Name at least one person with @"):
            read_kudos(typed)

    @pytest.mark.parametrize("typed", ["<!here>", "<@U0ANA> <!channel|channel>", "@everyone wow", "hi @here"])
    def test_everybody_is_nobody(self, typed: str) -> None:
        with pytest.raises(NotAGesture, match="thank nobody in particular"):
            read_kudos(typed)

    def test_an_address_is_not_everybody(self) -> None:
        assert read_kudos("<@U0ANA> wrote to team@here.example").note == "wrote to team@here.example"

    def test_as_much_as_can_be_kept_is_kept_whole(self) -> None:
        assert read_kudos("<@U0ANA> " + "x" * NOTE_LIMIT).note == "x" * NOTE_LIMIT
        with pytest.raises(NotAGesture, match="3,001 characters and 3,000 is the most"):
            read_kudos("<@U0ANA> " + "x" * (NOTE_LIMIT + 1))

    @given(st.text(max_size=300))
    def test_whatever_is_typed_is_read_or_refused_in_a_sentence(self, typed: str) -> None:
        try:
            read = read_kudos(typed)
        except NotAGesture:
            return
        assert read.people or read.groups


def refusal(deed: Callable[[], object]) -> str:
    with pytest.raises(NotAGesture) as refused:
        deed()
    return str(refused.value)


class TestReceivers:
    def test_people_who_take_part_are_chosen_once_in_the_order_named(self) -> None:
        assert choose_receivers("U0ANA", ["U0CY", "U0BEN", "U0CY"], KNOWN).people == (CY, BEN)

    def test_those_left_out_are_told_and_the_rest_counts(self) -> None:
        robot = Person("U0BOT", "Deploy Bot", is_bot=True)
        chosen = choose_receivers("U0ANA", ["U0ANA", "U0BEN", "U0BOT"], {**KNOWN, "U0BOT": robot})

        assert chosen.people == (BEN,)
        assert chosen.left_out == (
            "Kudos are for somebody else, so you are not counted yourself. "
            "Deploy Bot is an app, and kudos are for people."
        )

    def test_an_empty_group_is_refused(self) -> None:
        assert refusal(lambda: choose_receivers("U0ANA", [], KNOWN)) == (
            "I find nobody in that group who can receive kudos. Name the people you mean, and it counts."
        )

    def test_a_crowd_is_refused_whole(self) -> None:
        crowd = {f"U{n}": Person(f"U{n}", f"P{n}") for n in range(MOST_RECEIVERS + 1)}
        assert refusal(lambda: choose_receivers("U0ANA", list(crowd), {**KNOWN, **crowd})) == (
            "That names 31 people, and 30 at once is the most. Nothing was recorded: "
            "thanks land better when they are meant for a few."
        )

    def test_a_stranger_cannot_give(self) -> None:
        eve = Person("U0EVE", "Eve", is_stranger=True)
        assert refusal(lambda: choose_receivers("U0EVE", ["U0BEN"], {**KNOWN, "U0EVE": eve})) == (
            "Mutual works within one organisation, and this one is not yours. Nothing was recorded."
        )

    @pytest.mark.parametrize(
        ("giver", "sentence"),
        [
            (None, "The giver must be a person of this workspace."),
            (Person("U0BOT", "Robo", is_bot=True), "The giver must be a person of this workspace."),
            (
                Person("U0BEN", "Ben", preferences=Preferences(paused=True)),
                "Ben has paused Mutual, so nothing is given in their name.",
            ),
        ],
    )
    def test_a_workflow_gives_in_nobodys_name_who_could_not_hear_of_it(
        self, giver: Person | None, sentence: str
    ) -> None:
        assert refusal(lambda: check_giver(giver)) == sentence


class TestWhatHappened:
    def test_the_same_act_has_the_same_id_and_every_part_matters(self) -> None:
        assert gesture_id("T1", act()) == gesture_id("T1", act())
        others = [
            gesture_id("T2", act()),
            gesture_id("T1", act(kind="thanks")),
            gesture_id("T1", act(giver="U0CY")),
            gesture_id("T1", act(receiver="U0CY")),
            gesture_id("T1", act(key="command:2")),
        ]
        assert len({gesture_id("T1", act()), *others}) == 6

    def test_thanks_prove_help_the_other_way_without_repeating_the_words(self) -> None:
        proven, thanks = with_proven_help("T1", [act(kind="thanks")])

        assert (proven.kind, proven.giver, proven.receiver, proven.note) == ("help", "U0BEN", "U0ANA", None)
        assert thanks.help_id == gesture_id("T1", proven)

    def test_kudos_prove_nothing(self) -> None:
        assert with_proven_help("T1", [act()]) == [act()]

    def test_the_day_is_the_workspaces_own(self) -> None:
        (late,) = gestures_to(
            ["U0BEN"], giver="U0ANA", kind="kudos", source=Source("x"), at=NOW, tz=ZoneInfo("Europe/Berlin")
        )
        assert late.day.isoformat() == "2026-03-05"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("kudos", "Your kudos to Ana and Ben counted."),
        ("thanks", "Your thanks to Ana and Ben counted, and so did the help you thanked for."),
        ("help", "Help for Ana and Ben counted."),
        ("offer", "Your offer to Ana and Ben counted."),
        ("check_in", "Your check-in with Ana and Ben counted."),
    ],
)
def test_every_kind_is_answered_in_one_sentence(kind: str, sentence: str) -> None:
    assert counted_sentence(kind, ["Ana", "Ben"]) == sentence


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["Ana"], "Ana"),
        (["Ana", "Ben"], "Ana and Ben"),
        (["Ana", "Ben", "Cy"], "Ana, Ben and Cy"),
        ([f"P{n}" for n in range(12)], "P0, P1, P2, P3, P4, P5, P6 and 5 more"),
    ],
)
def test_names_are_listed_as_one_says_them(names: list[str], said: str) -> None:
    assert listed(names) == said


class TestReadingPeople:
    def test_the_name_people_chose_comes_first(self) -> None:
        profile = {"display_name": "Ana", "real_name": "Ana Ferreira"}
        found = read_person(
            {"id": "U1", "team_id": "T1", "name": "ana.f", "profile": profile}, workspace_id="T1"
        )
        assert found == Person("U1", "Ana")

    @pytest.mark.parametrize(("teams", "stranger"), [(["T1", "T2"], False), (["T2", "T3"], True), ([], True)])
    def test_on_enterprise_grid_one_is_at_home_in_each_of_ones_workspaces(
        self, teams: list[str], stranger: bool
    ) -> None:
        member = {"id": "U1", "team_id": "T2", "name": "x", "enterprise_user": {"id": "W1", "teams": teams}}
        assert read_person(member, workspace_id="T1").is_stranger is stranger

    @pytest.mark.parametrize(
        ("member", "field"),
        [
            ({"is_bot": True}, "is_bot"),
            ({"id": "USLACKBOT"}, "is_bot"),
            ({"deleted": True}, "is_deactivated"),
            ({"team_id": "T2"}, "is_stranger"),
            ({"is_stranger": True}, "is_stranger"),
            ({"is_owner": True}, "is_admin"),
            ({"is_restricted": True}, "is_guest"),
            ({"is_ultra_restricted": True}, "is_guest"),
        ],
    )
    def test_who_does_not_take_part_is_seen(self, member: dict[str, object], field: str) -> None:
        found = read_person({"id": "U1", "team_id": "T1", "name": "x", **member}, workspace_id="T1")
        assert getattr(found, field)
        assert found.takes_part == (field in {"is_admin", "is_guest"})
