"""Every store function, called in another workspace's transaction with the first one's ids, finds and changes nothing.

The database would see to that alone; so each is called again where it does not."""

import importlib
import inspect
import pkgutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy.exc import DBAPIError

from slackapp import store
from slackapp.domain.asks import Ask, offer_id_of
from slackapp.domain.digests import Suggestion
from slackapp.domain.gestures import Gesture, Mark, Source, gesture_id, gestures_to
from slackapp.domain.history import Past
from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.preferences import Preferences
from slackapp.domain.teams import Origin, Team
from slackapp.domain.visibility import Piece, Stretch
from slackapp.store import asks, gestures, installations, offers, people, preferences, teams, workspaces
from slackapp.store.database import Database, open_database
from slackapp.store.findings import Said
from slackapp.store.installations import Installation
from slackapp.store.policies import Channel
from tests.conftest import CAST, NOW, UTC_ZONE
from tests.servers import superuser
from tests.world import rows

TEAM = UUID("00000000-0000-4000-8000-000000000001")
CIPHER = MultiFernet([Fernet(Fernet.generate_key())])
SECRET = "SEAHORSE"  # in everything that the first workspace stores


#: Functions that are about no one workspace, each with its reason.
GLOBAL = {
    "queue.defer": "the queue serves all workspaces; arguments hold ids only",
    "installing.begin": "nobody knows yet which workspace it will be, and only a digest is kept",
    "installing.use": "as above: whoever brings the state back learns only whether it was good",
}


def functions() -> list[tuple[str, Callable[..., Any]]]:
    found = []
    for module in pkgutil.iter_modules(store.__path__, "slackapp.store."):
        members = inspect.getmembers(importlib.import_module(module.name), inspect.isfunction)
        for name, function in members:
            label = f"{module.name.rpartition('.')[2]}.{name}"
            ours = function.__module__ == module.name and not name.startswith("_") and label not in GLOBAL
            awaited = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
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
    "kind": "kudos",
    "kinds": ["ask"],
    "outcomes": ["sent"],
    "period": "command:1",
    "outcome": "sent",
}


MONDAY = date(2026, 3, 2)
GIVEN = gestures_to(
    [CAST["U0BEN"]],
    giver="U0ANA",
    kind="thanks",
    source=Source("command:1", "C0TEAM"),
    at=NOW,
    tz=UTC_ZONE,
    note="a forgery",
)
PAST = Past(GIVEN[0], {"command": (True, 0.0)})
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
    ("offers.wait_again", "answered_at"): NOW,
    ("offers.words", "offers"): [],
    ("chains.links", "thanks"): GIVEN,
    ("findings.expect", "said"): Said("isolated", ("U0ANA",)),
    ("findings.one", "said"): Said("isolated", ("U0ANA",)),
    ("findings.remark", "said"): Said("isolated", ("U0ANA",)),
    ("findings.teams_of", "said"): Said("isolated", ("U0ANA",)),
    ("findings.remark", "since"): MONDAY,
    ("evidence.keep", "said"): None,
    ("digests.suggest", "found"): Suggestion("thanks", "U0BEN", NOW.date()),
    ("history.bring_in", "found"): [PAST],
    ("history.unknown", "found"): [PAST],
    ("policies.met_channel", "found"): Channel(is_general=False, is_private=False),
    ("retention.remove_notes", "before"): NOW + timedelta(days=1),
    ("retention.remove_words", "before"): NOW + timedelta(days=1),
    ("stretches.forget", "before"): MONDAY,
    ("deliveries.lately", "since"): NOW - timedelta(days=1),
    ("deliveries.closed", "since"): NOW - timedelta(days=1),
    ("deliveries.closed", "outcomes"): ["sent"],
    ("deliveries.ended", "outcome"): "sent",
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


@pytest.fixture
async def two(database: Database, workspace_id: str) -> tuple[str, str]:
    other = f"{workspace_id}OTHER"
    given = [replace(gesture, note=SECRET) for gesture in GIVEN]
    async with database.workspace(workspace_id) as db:
        await installations.put(
            db, workspace_id, Installation("xoxb-" + SECRET, "B0", "U0BOT", []), CIPHER, NOW
        )
        await gestures.record(db, workspace_id, given, Mark("command"), NOW)
        await preferences.put(db, workspace_id, "U0ANA", Preferences(help_me=SECRET))
        team = Team(TEAM, SECRET, Origin("channel", "C0TEAM"), ("U0MIA",))
        await teams.make(db, workspace_id, team, NOW)
        await teams.keep(db, workspace_id, TEAM, ["U0ANA", "U0BEN"], NOW.date())
        asked = replace(ASKED, text=SECRET)
        await asks.ask(db, workspace_id, asked)
        await asks.seen_by_all(db, workspace_id, ASK)
        await offers.offer(db, workspace_id, asked, helper="U0CY", now=NOW, day=MONDAY)
        await people.put(db, workspace_id, [Person("U0ANA", SECRET)], NOW)
    async with database.workspace(other) as db:
        await workspaces.add(db, other, name="Other", timezone="UTC")
    return workspace_id, other


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
                answered = await function(db, **arguments)
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
    """Asked by the other workspace for itself, with ids of the first: people, teams, asks, channels, kudos."""
    first, other = two
    arguments = _arguments(name, function, first)
    arguments |= dict.fromkeys(arguments.keys() & {"workspace_id"}, other)
    before = await rows(database, first)

    answered: Any = None
    try:
        async with unbound.workspace(other) as db:
            if inspect.isasyncgenfunction(function):
                answered = [item async for item in function(db, **arguments)]
            else:
                answered = await function(db, **arguments)
    except (DBAPIError, psycopg.Error) as refused:
        answered = str(refused)

    assert SECRET not in repr(answered)
    assert await rows(database, first) == before


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
