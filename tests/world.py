"""A whole world for one test: a sandbox workspace, and Mutual beside it over real HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from cryptography.fernet import Fernet
from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.app import Roles, create_web
from slackapp.domain.balances import WINDOW_WEEKS
from slackapp.domain.homes import HomeFacts
from slackapp.domain.weeks import recent_weeks
from slackapp.sandbox import Sandbox
from slackapp.settings import Settings
from slackapp.store import gestures, homes
from slackapp.store.database import Database
from slackapp.store.tables import OURS
from tests import heard

ROOT = Path(__file__).parents[1]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())
SIGNING_SECRET = "0123456789abcdef0123456789abcdef"
KEY = Fernet.generate_key().decode()
_numbers = count(1)


@dataclass
class World:
    """Ana and Ben are teammates, Cy is on another team, Mia is an admin and manages, Zed must see nothing."""

    sandbox: Sandbox
    database: Database
    settings: Settings
    people: dict[str, str] = field(default_factory=dict)
    team: str = ""  # a channel Mutual is a member of
    side: str = ""  # a channel it is not in

    def __getattr__(self, name: str) -> str:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def id(self) -> str:
        return self.sandbox.team_id

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.sandbox.clock.now(), UTC)

    async def settle(self, *others: str) -> None:
        """Everything Slack sent has arrived, and every job that followed has run, also those of other workspaces."""
        await self.sandbox.settle()
        for _ in range(6000):
            async with self.database.engine.connect() as db:
                waiting = await db.scalar(
                    text(
                        "SELECT count(*) FROM procrastinate_jobs WHERE args->>'workspace_id' = ANY(:ids) AND "
                        "(status = 'doing' OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))"
                    ),
                    {"ids": [self.id, *others]},
                )
            if not waiting:
                return
            await asyncio.sleep(0.01)
        async with self.database.engine.connect() as db:
            left = await db.execute(
                text(
                    "SELECT task_name, status, attempts, lock FROM procrastinate_jobs "
                    "WHERE args->>'workspace_id' = ANY(:ids) AND status IN ('todo', 'doing')"
                ),
                {"ids": [self.id, *others]},
            )
            raise TimeoutError(f"The queue does not come to rest: {[tuple(row) for row in left]}")

    async def waits_until(self, task: str) -> datetime:
        """When the one job of this name that waits is due."""
        async with self.database.engine.connect() as db:
            (due,) = await db.scalars(
                text(
                    "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = :task AND status = 'todo' "
                    "AND args->>'workspace_id' = :id"
                ),
                {"task": task, "id": self.id},
            )
        assert isinstance(due, datetime)
        return due

    async def waits_no_longer(self) -> None:
        """Whatever job waits is due now, and has run."""
        async with self.database.engine.begin() as db:
            await db.execute(
                text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE args->>'workspace_id' = :id"),
                {"id": self.id},
            )
        await self.settle()

    async def standing(self) -> set[tuple[str, str, str]]:
        """Everything that counts: (giver, receiver, kind), by the cast's names."""
        names = {user: name for name, user in self.people.items()}
        weeks = recent_weeks(self.now(), ZoneInfo("UTC"), WINDOW_WEEKS)
        found = set()
        async with self.database.workspace(self.id) as db:
            for user in names:
                for tally in await gestures.tallies(db, self.id, user, weeks[0]):
                    if tally.given:
                        found.add((names[user], names[tally.other], tally.kind))
        return found

    async def mean(self, *, kudos: str, thanks: str = ":pray:") -> None:
        """Mia chooses in Settings what emoji mean."""
        view = await self.sandbox.open_home(self.mia)
        assert view is not None
        await self.sandbox.press(self.mia, view["id"], "open_settings")
        form = self.sandbox.modal(self.mia)
        assert form is not None
        chosen = {"emoji_kudos": kudos, "emoji_thanks": thanks}
        assert await self.sandbox.submit(self.mia, form["id"], chosen) == {}

    async def facts(self, user: str) -> HomeFacts:
        async with self.database.workspace(self.id) as db:
            facts = await homes.read(db, self.id, user, self.now())
        assert facts is not None
        return facts


_ROWS = " UNION ALL ".join(
    f"SELECT '{table.name}' AS name, CAST(t AS text) AS kept FROM {table.name} AS t" for table in OURS
)


async def rows(database: Database, workspace_id: str) -> dict[str, list[str]]:
    """Everything that is stored of a workspace: each row of each table, as text."""
    async with database.workspace(workspace_id) as db:
        return await rows_in(db)


async def rows_in(db: AsyncConnection) -> dict[str, list[str]]:
    """Everything that this transaction sees."""
    found: dict[str, list[str]] = {table.name: [] for table in OURS}
    for name, kept in await db.execute(text(f"{_ROWS} ORDER BY 1, 2")):
        found[name].append(kept)
    return found


def words(blocks: list[dict[str, Any]] | None) -> str:
    """What a person reads in these blocks, one line a text."""
    lines: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("text"), str):
                lines.append(node["text"])
            for name, value in node.items():
                if name != "text" or not isinstance(value, str):
                    walk(value)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    walk(blocks or [])
    return "\n".join(lines)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def serving(app: Any, port: int) -> AsyncIterator[None]:
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    task = asyncio.create_task(server.serve())
    for _ in range(400):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            break
    try:
        yield
    finally:
        server.stop()
        await task


@asynccontextmanager
async def make_world(
    database_url: str,
    database: Database,
    *,
    roles: Roles = Roles(web=True, worker=True),
    settings: dict[str, Any] | None = None,
    **sandbox: Any,
) -> AsyncIterator[World]:
    """`settings`: those that differ, by their names in the environment's lower case."""
    made = Sandbox(MANIFEST, SIGNING_SECRET, team_name=f"Lantern {next(_numbers)} {id(database)}", **sandbox)
    await made.start()
    since = heard.so_far()
    heard.secret(SIGNING_SECRET, KEY, made.bot_token, made.app_token, made.app.client_secret)
    people: dict[str, Callable[[], str] | str] = {}
    given = Settings.model_validate(
        {
            "slack_signing_secret": SIGNING_SECRET,
            "slack_bot_token": made.bot_token,
            "slack_api_url": f"{made.url}/api/",
            "mutual_secret_keys": KEY,
            "database_url": database_url,
            "mutual_timezone": "Europe/Berlin",
            "mutual_clock_file": sandbox.get("clock_file"),
            **(settings or {}),
        }
    )
    world = World(made, database, given)
    for name in ("ana", "ben", "cy", "zed"):
        people[name] = made.add_user(name, real_name=name.title())
    people["mia"] = made.add_user("mia", real_name="Mia", is_admin=True)
    world.people = {name: str(user) for name, user in people.items()}
    world.team = made.add_channel("team", members=world.people.values())
    world.side = made.add_channel("side", members=world.people.values(), app_in=False)
    port = free_port()
    made.app_url = f"http://127.0.0.1:{port}/slack/events"
    async with AsyncExitStack() as stack:
        stack.callback(lambda: heard.written([sent.payload for sent in made.deliveries], since))
        stack.push_async_callback(made.stop)
        await stack.enter_async_context(serving(create_web(given, roles), port))
        await _installed(world)
        if roles.worker:
            await world.settle()
        yield world


async def _installed(world: World) -> None:
    for _ in range(500):
        async with world.database.workspace(world.id) as db:
            if await db.scalar(text("SELECT count(*) FROM installations")):
                return
        await asyncio.sleep(0.01)
    raise TimeoutError("Mutual did not join the workspace.")


async def others_are_over(database: Database) -> None:
    """The clock looks after every workspace there is: those of earlier tests would keep the workers from this one."""
    for workspace_id in await database.workspace_ids(organisations=True, gone=True):
        async with database.workspace(workspace_id) as db:
            await db.execute(
                text("DELETE FROM workspaces WHERE workspace_id = :workspace_id"),
                {"workspace_id": workspace_id},
            )
