"""What it costs to know who asks: one read, once in half a minute, and no call to Slack."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from sqlalchemy import event

from slackapp.app import Roles, make_bolt
from slackapp.jobs.shell import Shell
from slackapp.store import installations, workspaces
from slackapp.store.database import Database, open_database
from slackapp.store.installations import Installation
from tests.world import World, make_world


class Counted:
    """A Bolt app of its own, and every statement that its requests send; BEGIN carries the workspace along."""

    def __init__(self, bolt: AsyncApp, database: Database) -> None:
        self._bolt, self.statements = bolt, list[str]()
        event.listen(
            database.engine.sync_engine,
            "before_cursor_execute",
            lambda _c, _cursor, statement, *_: self.statements.append(statement),
        )

    async def react(self, world: World, emoji: str) -> None:
        self.statements.clear()
        event = {
            "type": "reaction_added",
            "user": world.ana,
            "reaction": emoji,
            "item": {"type": "message", "channel": world.team, "ts": "1700000000.000100"},
            "item_user": world.ben,
            "event_ts": "1700000001.000100",
        }
        body = {"type": "event_callback", "team_id": world.id, "event": event, "event_time": 1700000001}
        answer = await self._bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
        assert answer.status == 200

    async def ask(self, world: World, *, enterprise: str | None = None, command: str = "/kudos") -> str:
        """`/kudos help` reads nothing itself."""
        self.statements.clear()
        world.sandbox.calls.clear()
        answer = await self._bolt.async_dispatch(
            AsyncBoltRequest(
                mode="socket_mode",
                body={
                    "command": command,
                    "text": "help" if command == "/kudos" else "",
                    "team_id": world.id,
                    **({"enterprise_id": enterprise, "is_enterprise_install": "true"} if enterprise else {}),
                    "user_id": world.ana,
                    "channel_id": world.team,
                    "trigger_id": "1.2.3",
                },
            )
        )
        assert command != "/kudos" or world.sandbox.calls == []
        return answer.body


@pytest.fixture
async def quiet(database_url: str, database: Database) -> AsyncIterator[World]:
    async with make_world(database_url, database, roles=Roles(web=True)) as world:
        yield world


@pytest.fixture
async def counted(quiet: World, database_url: str) -> AsyncIterator[Counted]:
    own = open_database(database_url, connections=1)
    async with aiohttp.ClientSession() as http:
        settings = quiet.settings
        shell = Shell(own, settings.cipher, settings.slack_api_url, http, quiet.now)
        yield Counted(make_bolt(settings, shell), own)
    await own.close()


async def test_the_first_request_reads_once_and_the_next_nothing(quiet: World, counted: Counted) -> None:
    assert "How to use Mutual" in await counted.ask(quiet)
    assert len([one for one in counted.statements if one.lstrip().startswith("SELECT")]) == 1

    assert "How to use Mutual" in await counted.ask(quiet)
    assert counted.statements == []


async def test_a_reaction_that_no_longer_means_anything_reads_nothing_more(
    quiet: World, counted: Counted
) -> None:
    async with quiet.database.workspace(quiet.id) as db:
        await workspaces.choose(db, quiet.id, emoji={"taco": "kudos"}, timezone="UTC")

    await counted.react(quiet, "clap")
    assert len(counted.statements) == 1
    await counted.react(quiet, "clap")
    assert counted.statements == []


async def test_a_token_that_slack_takes_no_longer_is_read_anew_by_the_next_request(
    quiet: World, counted: Counted
) -> None:
    """Another process was told that the app was removed and installed again."""

    async def installed(token: str) -> None:
        async with quiet.database.workspace(quiet.id) as db:
            installation = Installation(token, quiet.sandbox.bot_id, quiet.sandbox.bot_user_id, [])
            await installations.put(db, quiet.id, installation, quiet.settings.cipher, quiet.now())

    await installed("xoxb-of-before-it-was-removed")
    await counted.ask(quiet, command="/ask")  # a form, which Slack will not open
    await installed(quiet.sandbox.bot_token)
    await counted.ask(quiet)

    assert len(counted.statements) == 1


async def test_a_workspace_that_its_organisation_serves_costs_no_more(quiet: World, counted: Counted) -> None:
    organisation = f"E{quiet.id}"
    token = Installation(quiet.sandbox.bot_token, "B", "U", [])
    async with quiet.database.workspace(organisation) as db:
        await workspaces.add(db, organisation, name="Acme Group", timezone="UTC", is_organisation=True)
        await installations.put(db, organisation, token, quiet.settings.cipher, quiet.now())
    async with quiet.database.workspace(quiet.id) as db:
        await installations.remove(db, quiet.id, quiet.now())
        await workspaces.join(db, quiet.id, organisation, quiet.now(), timezone="UTC")

    assert "How to use Mutual" in await counted.ask(quiet, enterprise=organisation)
    assert len(counted.statements) == 1


async def test_a_workspace_without_the_app_costs_one_read_each_time(quiet: World, counted: Counted) -> None:
    async with quiet.database.workspace(quiet.id) as db:
        await installations.remove(db, quiet.id, quiet.now())
    for _ in range(2):
        assert "not installed" in await counted.ask(quiet)
        assert len(counted.statements) == 1
