"""Every screen about teams and every digest within Slack's limits, from the largest and the strangest data."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from slackapp.blocks import digest as digests
from slackapp.blocks import team as teams
from slackapp.blocks.home import home
from slackapp.blocks.kit import loading
from slackapp.blocks.policies import policy_fields
from slackapp.blocks.replies import announcements
from slackapp.blocks.settings import settings_form
from slackapp.domain.balances import Tally, balance
from slackapp.domain.digests import Celebrated, DigestFacts, OpenAsk
from slackapp.domain.findings import FindingWords, with_names
from slackapp.domain.gestures import Recorded, Source
from slackapp.domain.homes import HomeFacts, Note
from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.preferences import Preferences
from slackapp.domain.teampages import (
    REST,
    AskFigures,
    Flow,
    GroupFigures,
    Sharing,
    TeamPage,
    figures,
    flow_described,
    help_flow,
    rhythm_described,
)
from slackapp.domain.teams import Look, Membership, Origin, OwnTeam, Team, TeamsOnHome
from slackapp.domain.visibility import TABLE
from slackapp.domain.weeks import recent_weeks
from slackapp.sandbox.validation import check_blocks, check_view, is_too_long
from tests.world import words

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MONDAY = date(2026, 2, 23)
WEEKS = tuple(MONDAY - timedelta(weeks=n) for n in range(11, -1, -1))
NAMES = {
    "long": "Ä" * 80,
    "right to left": "\u202e" + "مريم عبد الله" * 6,
    "emoji": "🙌🏽👩‍👩‍👧‍👦" * 8,
    "markup": "<!channel> *_~`&<https://x|y>" + "&" * 50,
    "one letter": "X",
}
NOTE = "&lt;words&gt; " * 230  # as long as a person may write, escaped


@pytest.fixture(params=NAMES.values(), ids=NAMES.keys())
def name(request: pytest.FixtureRequest) -> str:
    named: str = request.param[:80]
    return named


def fits(view: Any, surface: str) -> str:
    made = view if isinstance(view, dict) else view.to_dict()
    assert check_view(made, surface) == []
    return words(made["blocks"])


def message_fits(message: digests.Message | None) -> str:
    assert message is not None
    text, blocks = message
    plain = [block if isinstance(block, dict) else block.to_dict() for block in blocks]
    assert check_blocks(plain, "message") == []
    assert not is_too_long(plain)
    assert 0 < len(text) <= 3000
    return words(plain)


def mrkdwn(message: digests.Message | None) -> str:
    """What Slack would read markup in: not the plain text of headers and buttons."""
    assert message is not None
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("type") == "mrkdwn":
                found.append(node["text"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    walk([block if isinstance(block, dict) else block.to_dict() for block in message[1]])
    return "\n".join([message[0], *found])


def team(name: str, number: int = 0) -> Team:
    return Team(UUID(int=number), name, Origin(), tuple(f"U0M{n}" for n in range(10)))


def crowd(size: int = 500) -> list[Flow]:
    people = [f"U{n:04}" for n in range(size)]
    return [
        Flow(giver, people[(n * 7 + hop) % size], "help" if hop % 2 else "kudos", week, 7)
        for n, giver in enumerate(people)
        for hop in (1, 2, 3)
        for week in WEEKS[hop:]
        if giver != people[(n * 7 + hop) % size]
    ]


def groups(name: str) -> GroupFigures:
    sizes = tuple((f"{name[:77]}{n}", 5) for n in range(100))
    return GroupFigures((*sizes, (REST, 5)), WEEKS, 9999, 9998, 0.5)


def page(name: str, **changed: Any) -> TeamPage:
    flows = crowd()
    people = {flow.giver for flow in flows}
    sharing = dict.fromkeys(sorted(people)[:400], name)
    whole = TeamPage(
        team=team(name),
        people=500,
        figures=replace(figures(flows, WEEKS), asks=AskFigures(9999, 9998, 47.9), groups=groups(name)),
        hidden=None,
        findings=tuple(
            FindingWords(
                "one_sided_pair", ("U0001", "U0002"), with_names("U0001 " * 6, {"U0001": name}), MONDAY
            )
            for _ in range(200)
        ),
        counted=dict.fromkeys(TABLE, 499),
        sharing=tuple(
            Sharing(user, name, "Gave in 12 and received in 12 of 12 weeks.", (True,) * 12, (False,) * 12)
            for user in sorted(people)[:10]
        ),
        more_after=True,
        flow=help_flow(flows, sharing),
        waiting=11,
    )
    return replace(whole, **changed)


def test_where_nothing_may_be_counted_the_page_says_why_and_not_that_there_is_nothing(name: str) -> None:
    def read(**about: Any) -> str:
        shown = page(name, findings=(), counted={}, **about)
        return fits(teams.team_page(shown, teams.Pictures(None, None)), "modal")

    assert "is not counted here at the moment. It is once a number can point at nobody" in read(counts=False)
    assert "What Mutual noticed" not in read(counts=True)
    assert "What Mutual noticed" not in read(counts=False, manages=False)


def test_the_largest_team_page(name: str) -> None:
    found = page(name)
    assert found.flow is not None
    assert found.figures is not None
    link = teams.linked("https://mutual.example.com/charts/" + "x" * 200)
    fits(teams.team_page(found, teams.Pictures(link, link)), "modal")
    filed = teams.filed("F0" + "X" * 9)
    read = fits(teams.team_page(replace(found, number=3), teams.Pictures(filed, filed)), "modal")

    assert "500 people" in read
    assert "← Back" in read
    assert "More →" in read
    assert "And 192 more." in read
    shown = teams.team_page(found, teams.Pictures(filed, filed)).to_dict()["blocks"]
    assert "<!channel>" not in mrkdwn(("", shown))
    assert len(flow_described(found.flow)) <= 2000
    assert len(rhythm_described(found.figures)) <= 2000


def test_a_hidden_page_and_a_members_page(name: str) -> None:
    fits(
        teams.team_page(page(name, figures=None, hidden="Not yet.", findings=(), counted={}, sharing=())),
        "modal",
    )
    read = fits(teams.team_page(page(name, manages=False, sharing=(), counted={})), "modal")
    assert "Balances shared with you" not in read
    assert "Change this team" not in read


ANNOUNCED = Policy(naming="named", named_from=date(2026, 3, 9), floor=499)


def on_home(name: str, count: int) -> TeamsOnHome:
    return TeamsOnHome(
        mine=tuple(OwnTeam(team(name, n), shares=n % 2 == 0) for n in range(count)),
        managed=tuple((team(name, n), 500) for n in range(count)),
        looks=tuple(Look(name, "U0M1", NOW, "U0ANA" if n else None) for n in range(3)),
        may_make=True,
        policy=ANNOUNCED,
        today=MONDAY,
        names={f"U0M{n}": name for n in range(10)},
    )


def test_home_with_a_hundred_teams_stays_a_home(name: str) -> None:
    weeks = recent_weeks(NOW, ZoneInfo("UTC"), 12)
    tallies = [Tally(f"U{n}", "help", MONDAY, given=bool(n % 2), count=99) for n in range(500)]
    facts = HomeFacts(
        person=Person("U0ANA", name),
        balance=balance(tallies, weeks),
        names={f"U{n}": name for n in range(500)},
        notes=tuple(Note("U1", "kudos", NOTE, NOW, "channel") for _ in range(5)),
        today=MONDAY,
        teams=on_home(name, 100),
    )
    read = fits(home(facts), "home")
    assert "All 100" in read
    assert "*Something changes on Monday, 9 March.*" in read


def test_lists_of_teams_turn_pages(name: str) -> None:
    found = on_home(name, 100)
    for managed in (True, False):
        assert "More →" in fits(teams.team_list(found, managed=managed, number=0), "modal")
        last = fits(teams.team_list(found, managed=managed, number=6), "modal")
        assert "← Back" in last
        assert "More →" not in last


def test_all_teams_turn_pages(name: str) -> None:
    found = [(team(name), 500)] * 50 + [(replace(team(name), managers=()), 1)]
    assert "More →" in fits(teams.all_teams(found, {"U0M1": name}, number=0), "modal")
    last = fits(teams.all_teams(found, {}, number=50 // teams.TEAMS_A_PAGE), "modal")
    assert "← Back" in last
    assert "1 person, looked after by nobody at the moment" in last


def test_who_looked_turns_pages(name: str) -> None:
    looks = [Look(name, "U0M1", NOW, "U0ANA" if n % 2 else None, times=n) for n in range(teams.LOOKS_A_PAGE)]
    read = fits(teams.look_list(looks, {"U0M1": name}, me="U0ANA", number=1, more=True), "modal")
    assert "← Back" in read
    assert "More →" in read
    assert "19 times that day, last" in read
    assert "Nobody has looked." in fits(teams.look_list([], {}, me="U0ANA", number=0, more=False), "modal")


def test_forms_for_the_largest_team(name: str) -> None:
    members = [Membership(f"U{n:04}", MONDAY, group=f"{name[:70]}{n % 40}") for n in range(500)]
    fits(teams.make_team("U0ANA", ANNOUNCED, MONDAY, [(f"S{n}", name) for n in range(300)]), "modal")
    fits(teams.change_team(team(name), members), "modal")
    fits(teams.change_team(team(name), members[:100]), "modal")
    fits(teams.change_team(replace(team(name), origin=Origin("channel", "C0TEAM")), members), "modal")


def test_screens_without_data() -> None:
    fits(teams.who_sees_what(ANNOUNCED, MONDAY), "modal")
    fits(teams.not_yours(), "modal")
    fits(loading("Change this team"), "modal")
    assert teams.on_home(TeamsOnHome()) == []


def test_settings_with_everything_in_them(name: str) -> None:
    person = Person(
        "U0ANA",
        name,
        is_admin=True,
        preferences=Preferences(help_me="x" * 300, need_now="y" * 300, digest=True),
    )
    emoji = {f"emoji_{n}": "kudos" for n in range(40)}
    policy = Policy(
        announce="channel", kudos_channel="C1", celebrate_channel="C2", in_general=True, floor=999
    )
    fits(settings_form(person, today=MONDAY, workspace=("Europe/Berlin", emoji), policy=policy), "modal")
    assert len(policy_fields(policy)) == 8


def test_the_largest_digest(name: str) -> None:
    tallies = [
        Tally(f"U{n}", kind, date(2026, 3, 2) - timedelta(days=n % 30), given=False, count=99)
        for n in range(500)
        for kind in ("help", "thanks", "kudos")
    ]
    facts = DigestFacts(
        person=Person("U0ANA", name, preferences=Preferences(digest=True, digest_hour=23)),
        today=date(2026, 3, 2),
        balance=balance(tallies, recent_weeks(NOW, ZoneInfo("UTC"), 12)),
        tallies=tuple(tallies),
        notes=tuple(Note("U1", "kudos", NOTE, NOW, "channel") for _ in range(5)),
        names={f"U{n}": name for n in range(500)},
        here=frozenset(f"U{n}" for n in range(500)),
        asks=(OpenAsk("ask", "U1"),),
        findings=(FindingWords("over_giver", ("U0ANA",), with_names("U0ANA " * 9, {"U0ANA": name}), MONDAY),),
    )
    message_fits(digests.digest(facts))
    assert "<!channel>" not in mrkdwn(digests.digest(facts))
    read = message_fits(digests.digest(replace(facts, tallies=(), findings=())))
    assert "still waits for a hand" in read


def test_the_largest_team_digest_and_celebration(name: str) -> None:
    message_fits(digests.team_digest(page(name)))
    assert "<!channel>" not in mrkdwn(digests.team_digest(page(name)))
    everyone = tuple(f"U{number}" for number in range(30))
    given = [Celebrated("U0", everyone, "thanks", NOTE)] * 12
    said = message_fits(digests.celebration(given, 200, dict.fromkeys(everyone, name)))
    assert re.search(r"And 1[89]\d more\.", said)
    message_fits(digests.stopped())
    message_fits(digests.paused("30 March"))


def test_two_hundred_gathered_kudos_are_one_message() -> None:
    acts = [
        [
            Recorded(uuid4(), "U0ANA", f"U{n:09}", "kudos", Source("x", "C1"), "channel", NOTE, True)
            for n in range(30)
        ]
        for _ in range(200)
    ]
    message_fits(announcements(acts))
