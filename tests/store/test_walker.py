"""Every store function, called in another workspace's transaction with the first one's ids, finds and changes nothing.

The database would see to that alone; so each is called again where it does not."""

import importlib
import inspect
import os
import pkgutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp import store
from slackapp.domain.asks import Ask, offer_id_of
from slackapp.domain.digests import Suggestion
from slackapp.domain.gestures import Gesture, Mark, Source, gesture_id, gestures_to
from slackapp.domain.history import Past
from slackapp.domain.patterns import Week
from slackapp.domain.patterns.findings import Figures, Finding
from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.preferences import Preferences
from slackapp.domain.teams import Origin, Team
from slackapp.domain.visibility import Piece, Stretch
from slackapp.store import (
    absences,
    asks,
    deliveries,
    evidence,
    findings,
    gestures,
    installations,
    offers,
    people,
    pictures,
    policies,
    preferences,
    queue,
    stretches,
    teams,
    workspaces,
)
from slackapp.store.database import Database, open_database
from slackapp.store.findings import Said
from slackapp.store.installations import Installation
from slackapp.store.policies import Channel
from tests.conftest import CAST, NOW, UTC_ZONE
from tests.servers import superuser
from tests.world import rows, rows_in

TEAM = UUID("00000000-0000-4000-8000-000000000001")
CIPHER = MultiFernet([Fernet(Fernet.generate_key())])
SECRET = "SEAHORSE"  # in everything that the first workspace stores


#: Functions that are about no one workspace, each with its reason.
GLOBAL = {
    "queue.defer": "the queue serves all workspaces; arguments hold ids only",
    "installing.begin": "nobody knows yet which workspace it will be, and only a digest is kept",
    "installing.use": "as above: whoever brings the state back learns only whether it was good",
}


#: Functions that open transactions of their own, and where each is shown to stay in its workspace.
ON_THEIR_OWN = {
    "gestures.record_at_once": "test_what_is_recorded_at_once_is_of_its_own_workspace",
    "health.read": "of all workspaces, for whoever runs the app",
}


def functions() -> list[tuple[str, Callable[..., Any]]]:
    found = []
    for module in pkgutil.iter_modules(store.__path__, "slackapp.store."):
        members = inspect.getmembers(importlib.import_module(module.name), inspect.isfunction)
        for name, function in members:
            label = f"{module.name.rpartition('.')[2]}.{name}"
            ours = function.__module__ == module.name and not name.startswith("_") and label not in GLOBAL
            awaited = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
            if ours and awaited and "database" in inspect.signature(function).parameters:
                assert label in ON_THEIR_OWN, f"Say in ON_THEIR_OWN who walks {label}."
            if ours and awaited and "db" in inspect.signature(function).parameters:
                found.append((label, function))
    return found


#: What an argument is, by its name; a new name must be said here before the walk can go on.
ARGUMENTS: dict[str, Any] = {
    "user_id": "U0ANA",
    "user_ids": ["U0ANA", "U0BEN"],
    "people_asked": ["U0ANA"],
    "old": "U0ANA",
    "new": "U0BEN",
    "giver": "U0ANA",
    "viewer": "U0MIA",
    "recipient": "U0ANA",
    "source_key": "command:1",
    "slack_id": "C0TEAM",
    "channel_id": "C0TEAM",
    "team_id": TEAM,
    "now": NOW,
    "since": NOW.date(),
    "week": NOW.date(),
    "today": NOW.date(),
    "before": NOW + timedelta(days=1),
    "until": NOW.date(),
    "limit": 10,
    "cipher": CIPHER,
    "concerned": ["U0ANA"],
    "kind": "kudos",
    "kinds": ["ask"],
    "outcomes": ["sent"],
    "period": "command:1",
    "outcome": "sent",
}


MONDAY = date(2026, 3, 2)
GIVEN = gestures_to(
    ["U0BEN"],
    giver="U0ANA",
    kind="thanks",
    source=Source("command:1", "C0TEAM"),
    at=NOW,
    tz=UTC_ZONE,
    note="a forgery",
)
PAST = Past(GIVEN[0], {"command": (True, 0.0)})
FOUND = Week(
    MONDAY,
    (
        Finding(
            str(TEAM),
            MONDAY,
            "isolated",
            ("U0ANA",),
            "entered",
            MONDAY,
            Figures(
                window=8,
                counts={"weeks": 8.0, "gestures": 1.0, "usual": 9.0},
                share=0.1,
                low=0.0,
                high=0.2,
                p=0.01,
                adjusted_p=0.01,
            ),
        ),
    ),
    frozenset({"isolated"}),
)
TOLD = Stretch(
    *(str(TEAM), "exchange", MONDAY, 1, frozenset({"U0ANA", "U0BEN"})),
    frozenset({Piece(("U0ANA", "U0BEN"), MONDAY, (("U0ANA", "help", 9),))}),
)
FORGED = Team(TEAM, "Forged", Origin("channel", "C0TEAM"), ("U0ANA",))
ASK = UUID("00000000-0000-4000-8000-0000000000a1")
ASKED = Ask(ASK, "U0ANA", "Somebody to forge", "eyes", None, "C0TEAM", ("U0BEN",), "open", NOW)
ARGUMENTS |= {
    "ask": ASKED,
    "ask_id": ASK,
    "asker": "U0ANA",
    "at": NOW + timedelta(days=1),
    "by": "U0ANA",
    "by_when": MONDAY,
    "day": MONDAY,
    "enterprise_id": "E0",
    "floor": 1,
    "helper": "U0CY",
    "message_ts": "1700000000.000100",
    "note": "a forgery",
    "other": "U0CY",
    "pairs": [("U0BEN", "U0ANA")],
    "paused": True,
    "queue": "default",
    "receiver": "U0ANA",
    "thanks": GIVEN[0],
    "user": "U0ANA",
    "what": "confirm",
    "words": "a forgery",
    "first": MONDAY,
    "after": MONDAY,
    "last_week": MONDAY,
    "weeks": [MONDAY],
    "asked": [TEAM],
    "team_ids": [TEAM],
    "role": "other",
    "manager": "U0MIA",
    "managers": ["U0ANA"],
    "mark": Mark("command", at=NOW.timestamp() + 1),
    "met": [Person("U0ANA", "Forged")],
    "picture_id": "0",
    "picture_ids": ["0"],
    "file_id": "F0",
    "shows": {"kind": "rhythm", "counts": [1], "floor": 5},
    "policy": Policy(),
    "chosen": Preferences(help_me="a forgery"),
    "team": FORGED,
    "name": "Forged",
    "person": CAST["U0ANA"],
    "shares": True,
    "timezone": "Asia/Tokyo",
    "emoji": {"eyes": "kudos"},
    "installation": Installation("xoxb-forged", "B0", "U0BOT", []),
    "given": GIVEN,
}
SPECIAL: dict[tuple[str, str], Any] = {
    ("asks.ask", "asked"): ASKED,
    ("asks.follow_slack", "met"): [replace(CAST["U0ANA"], is_deactivated=True)],
    ("offers.wait_again", "answered_at"): NOW,
    ("offers.words", "offers"): [],
    ("chains.links", "thanks"): GIVEN,
    ("findings.expect", "said"): Said("isolated", ("U0ANA",)),
    ("findings.one", "said"): Said("isolated", ("U0ANA",)),
    ("findings.remark", "said"): Said("isolated", ("U0ANA",)),
    ("findings.teams_of", "said"): Said("isolated", ("U0ANA",)),
    ("findings.remark", "since"): MONDAY,
    ("evidence.keep", "said"): {TEAM: None},
    ("digests.suggest", "found"): Suggestion("thanks", "U0BEN", NOW.date()),
    ("history.bring_in", "found"): [PAST],
    ("history.unknown", "found"): [PAST],
    ("policies.met_channel", "found"): Channel(is_general=False, is_private=False),
    ("absences.follow", "before"): replace(CAST["U0ANA"], on_vacation=True),
    ("retention.remove_notes", "before"): NOW + timedelta(days=1),
    ("retention.remove_words", "before"): NOW + timedelta(days=1),
    ("stretches.forget", "before"): MONDAY,
    ("deliveries.lately", "since"): NOW - timedelta(days=1),
    ("deliveries.closed", "since"): NOW - timedelta(days=1),
    ("deliveries.closed", "outcomes"): ["sent"],
    ("deliveries.ended", "outcome"): "sent",
    ("deliveries.begun_with", "beginning"): "command:",
    ("gestures.shown", "mark"): "command",
    ("stretches.keep", "told"): [TOLD],
}


def chain_of(workspace_id: str) -> dict[str, Any]:
    """Ids that follow from the workspace's own."""
    offer_id = offer_id_of(workspace_id, "U0CY", ASK)
    helped = Gesture("U0CY", "U0ANA", "help", Source(f"offer:{offer_id}"), NOW, MONDAY)
    return {
        "offer_id": offer_id,
        "offers": [offer_id],
        "help_ids": [gesture_id(workspace_id, helped)],
    }


async def fill(db: AsyncConnection, workspace_id: str, mark: str) -> None:
    """A row in each table, about the same people, team, ask and messages in whichever workspace it is.

    In the first everything can still be changed: an ask not yet read by all, a claim without an outcome, an old offer.
    """
    given = [replace(gesture, note=mark) for gesture in GIVEN]
    answered = gestures_to(
        ["U0ANA"],
        giver="U0BEN",
        kind="kudos",
        source=Source("command:2"),
        at=NOW,
        tz=UTC_ZONE,
        note=mark,
    )
    team = Team(TEAM, mark, Origin("channel", "C0TEAM"), ("U0MIA",))
    asked = replace(ASKED, text=mark)
    await installations.put(db, workspace_id, Installation(f"xoxb-{mark}", "B0", "U0BOT", []), CIPHER, NOW)
    await policies.put(db, workspace_id, Policy(team_makers="anyone", floor=9))
    await policies.met_channel(db, workspace_id, "C0TEAM", Channel(is_general=True, is_private=False))
    await people.put(db, workspace_id, [replace(person, name=mark) for person in CAST.values()], NOW)
    await people.opened_home(db, workspace_id, "U0ANA", NOW)
    await gestures.record(db, workspace_id, [*given, *answered], Mark("command"), NOW)
    for user in ("U0ANA", "U0BEN"):
        await preferences.put(db, workspace_id, user, Preferences(help_me=mark, digest=True))
        await absences.note(db, workspace_id, user, MONDAY + timedelta(days=9), MONDAY)
        await deliveries.claim(db, workspace_id, user, "kudos", "command:1", NOW)
        if mark != SECRET:
            await deliveries.finish(
                db,
                workspace_id,
                user,
                "kudos",
                "command:1",
                outcome="sent",
                channel_id="C0TEAM",
                message_ts="1700000000.000100",
            )
    await teams.make(db, workspace_id, team, NOW)
    await teams.keep(db, workspace_id, TEAM, ["U0ANA", "U0BEN"], NOW.date())
    await teams.looked(db, workspace_id, TEAM, "U0MIA", NOW)
    await teams.looked(db, workspace_id, TEAM, "U0MIA", NOW, "U0ANA")
    await stretches.keep(db, workspace_id, [TOLD], NOW)
    await pictures.put(db, workspace_id, {"kind": "rhythm", "counts": [9], "floor": 5}, NOW)
    await asks.ask(db, workspace_id, asked)
    if mark != SECRET:
        await asks.seen_by_all(db, workspace_id, ASK)
    await offers.offer(db, workspace_id, asked, helper="U0CY", now=NOW, day=MONDAY)
    await offers.offer_unasked(
        db,
        workspace_id,
        "view:1",
        helper="U0BEN",
        receiver="U0ANA",
        words=mark,
        now=NOW - timedelta(days=90),
        day=MONDAY,
    )
    await evidence.keep(db, workspace_id, {TEAM: FOUND})
    await findings.looked_at(db, workspace_id, MONDAY)
    await findings.expect(db, workspace_id, "U0ANA", Said("isolated", ("U0ANA",)), "other", MONDAY)
    await findings.remark(db, workspace_id, "U0ANA", Said("isolated", ("U0ANA",)), MONDAY, NOW)


@pytest.fixture(scope="module")
async def two(database: Database) -> tuple[str, str]:
    """Twins: what is told apart by nothing but its workspace is told apart by that."""
    first, other = f"T0WALK{os.getpid()}", f"T0WALK{os.getpid()}OTHER"
    for place, mark in ((first, SECRET), (other, "PLAIN")):
        async with database.workspace(place) as db:
            await workspaces.add(db, place, name="Acme", timezone="Europe/Berlin")
            await fill(db, place, mark)
        empty = [name for name, kept in (await rows(database, place)).items() if not kept]
        assert empty == ["install_states"], "there is one only while somebody installs"
    return first, other


async def test_the_first_workspace_has_what_the_walk_asks_for(
    database: Database, two: tuple[str, str]
) -> None:
    chain = chain_of(two[0])
    async with database.workspace(two[0]) as db:
        asked, offer = await asks.find(db, two[0], ASK), await offers.find(db, two[0], chain["offer_id"])
    assert asked is not None
    assert offer is not None
    assert (asked.text, [offer.help_id]) == (SECRET, chain["help_ids"])


@pytest.mark.parametrize(("name", "function"), functions(), ids=[name for name, _ in functions()])
async def test_nothing_of_another_workspace_is_returned_or_changed(
    name: str, function: Callable[..., Any], database: Database, two: tuple[str, str]
) -> None:
    first, other = two
    arguments = _arguments(name, function, first)
    before = await rows(database, first)

    answered: Any = None
    try:
        async with database.workspace(other) as db:
            if inspect.isasyncgenfunction(function):
                answered = [item async for item in function(db, **arguments)]
            else:
                answered = _all_of(await function(db, **arguments))
    except (DBAPIError, psycopg.Error) as refused:
        # A policy or a key refuses a write; what matters is that nothing was told or changed.
        answered = str(refused)

    assert SECRET not in repr(answered)
    assert await rows(database, first) == before


@pytest.fixture(scope="session")
async def unbound(database_url: str) -> AsyncIterator[Database]:
    """Transactions of somebody whom no policy binds."""
    opened = open_database(superuser(database_url))
    yield opened
    await opened.close()


@pytest.mark.parametrize(("name", "function"), functions(), ids=[name for name, _ in functions()])
async def test_a_statement_names_its_workspace_also_where_no_policy_adds_it(
    name: str, function: Callable[..., Any], database: Database, unbound: Database, two: tuple[str, str]
) -> None:
    """Asked by the other workspace for itself, with ids of the first and its own: as where the policies bind."""
    first, other = two
    before = await rows(database, first)
    for whose in (first, other):
        arguments = _arguments(name, function, whose)
        arguments |= dict.fromkeys(arguments.keys() & {"workspace_id"}, other)

        bound, _ = await _answer(database, other, function, arguments, first)
        free, after = await _answer(unbound, other, function, arguments, first)

        assert free == bound
        assert SECRET not in free
        assert after in (before, None)


@pytest.mark.parametrize("policies", ["bind", "are absent"])
async def test_what_is_recorded_at_once_is_of_its_own_workspace(
    database: Database, unbound: Database, two: tuple[str, str], policies: str
) -> None:
    first, other = two
    before = await rows(database, first)
    acts = [replace(GIVEN[0], kind="kudos", source=Source(f"command:{policies}"))]

    known = await gestures.record_at_once(
        database if policies == "bind" else unbound,
        other,
        acts,
        "command",
        timezone=ZoneInfo("Europe/Berlin"),
        then=[queue.announce(other, acts[0].source.key, "U0ANA", ["U0BEN"])],
    )

    assert known is not None
    assert {person.name for person in known.people.values()} == {"PLAIN"}
    assert await rows(database, first) == before


def _all_of(answered: Any) -> Any:
    """What comes one after the other, all at once: an iterator would tell nothing of what is in it."""
    return list(answered) if isinstance(answered, Iterator) else answered


async def _answer(
    database: Database, workspace_id: str, function: Callable[..., Any], arguments: dict[str, Any], first: str
) -> tuple[str, dict[str, list[str]] | None]:
    """In words, or how it was refused; and what the first workspace then has, before all of it is undone."""
    answered, after = "", None
    try:
        async with database.workspace(workspace_id) as db:
            if inspect.isasyncgenfunction(function):
                answered = repr([item async for item in function(db, **arguments)])
            else:
                answered = repr(_all_of(await function(db, **arguments)))
            everything = await rows_in(db)
            after = {
                name: [row for row in kept if row.startswith(f"({first},")]
                for name, kept in everything.items()
            }
            raise LookupError
    except LookupError:
        pass
    except (DBAPIError, psycopg.Error) as refused:
        answered = type(getattr(refused, "orig", None) or refused).__name__
    return answered, after


def _arguments(name: str, function: Callable[..., Any], workspace_id: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    known = ARGUMENTS | chain_of(workspace_id)
    for parameter in list(inspect.signature(function).parameters.values()):
        if parameter.name == "db":
            continue
        if parameter.name == "workspace_id":
            given["workspace_id"] = workspace_id
        elif (name, parameter.name) in SPECIAL:
            given[parameter.name] = SPECIAL[name, parameter.name]
        elif parameter.default is not inspect.Parameter.empty:
            continue
        else:
            assert parameter.name in known, f"Say in ARGUMENTS or SPECIAL what {parameter.name} of {name} is."
            given[parameter.name] = known[parameter.name]
    return given
