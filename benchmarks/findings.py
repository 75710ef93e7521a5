"""The weekly job on a large workspace: against one grouped scan of the same window, in the same run.

`python -m benchmarks.findings --share 10` makes a tenth of 100,000 people, 5,000 teams and 10 million gestures.
"""

import argparse
import asyncio
import os
import resource
import secrets
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from cryptography.fernet import Fernet
from sqlalchemy import text

from slackapp.domain.weeks import WEEK, last_closed_week
from slackapp.store import embedded, evidence, queue
from slackapp.store.database import Database, driver, open_database
from slackapp.store.migrations import migrate

NOW = datetime.now(UTC)
ROOT = Path(__file__).parents[1]
WORKSPACE = "T0BENCH"


def fill(url: str, people: int, teams: int, gestures: int) -> None:
    """A year of gestures, nine in ten within the giver's team."""
    size = people // teams
    with psycopg.connect(url) as db:
        db.execute("SELECT set_config('mutual.workspace_id', %s, true)", [WORKSPACE])
        db.execute(
            "INSERT INTO workspaces (workspace_id, name, emoji) VALUES (%s, 'Bench', '{}')", [WORKSPACE]
        )
        db.execute(
            "INSERT INTO people (workspace_id, user_id, name) "
            "SELECT %s, 'U' || n, 'Person ' || n FROM generate_series(0, %s - 1) AS n",
            [WORKSPACE, people],
        )
        db.execute(
            "INSERT INTO teams (workspace_id, team_id, name, origin, made_at) "
            "SELECT %s, CAST(lpad(to_hex(n + 1), 32, '0') AS uuid), 'Team ' || n, 'people', '2024-01-01' "
            "FROM generate_series(0, %s - 1) AS n",
            [WORKSPACE, teams],
        )
        db.execute(
            "INSERT INTO team_members (workspace_id, team_id, user_id, joined_on) "
            "SELECT %s, CAST(lpad(to_hex(n / %s + 1), 32, '0') AS uuid), 'U' || n, '2024-01-01' "
            "FROM generate_series(0, %s - 1) AS n",
            [WORKSPACE, size, people],
        )
        # Far away from the row-level checks that a bulk load would pay for one by one.
        db.execute("ALTER TABLE gestures DISABLE TRIGGER USER")
        db.execute(
            """
            INSERT INTO gestures (workspace_id, gesture_id, giver_id, receiver_id, kind, source_key, happened_at,
                                  day, visibility, marks)
            SELECT %(w)s, gen_random_uuid(), 'U' || giver, 'U' || receiver, kind, 'bench:' || n, day, day, 'private', '{}'
            FROM (
                SELECT n, giver, CASE WHEN random() < .9 THEN giver / %(size)s * %(size)s + floor(random() * %(size)s)::int
                                      ELSE floor(random() * %(people)s)::int END AS receiver,
                       (ARRAY['kudos','thanks','help','offer'])[1 + floor(random() * 4)::int] AS kind,
                       CAST(%(now)s AS date) - 7 - floor(random() * 364)::int AS day
                FROM (SELECT n, floor(random() * %(people)s)::int AS giver FROM generate_series(1, %(gestures)s) AS n) AS g
            ) AS acts
            WHERE giver <> receiver
            """,
            {"w": WORKSPACE, "size": size, "people": people, "gestures": gestures, "now": NOW},
        )
        db.commit()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("ANALYZE")


async def scan(database: Database) -> float:
    """What one grouped scan of the window costs, whoever asks."""
    week = last_closed_week(NOW, ZoneInfo("UTC"))
    began = time.perf_counter()
    async with database.workspace(WORKSPACE) as db:
        found = await driver(db).execute(
            "SELECT count(*) FROM (SELECT giver_id, receiver_id, kind, day FROM gestures "
            "WHERE workspace_id = %s AND day >= %s AND day < %s AND retracted_at IS NULL "
            "GROUP BY giver_id, receiver_id, kind, day) AS days",
            [WORKSPACE, week - WEEK * (evidence.WEEKS_BACK - 1), week + WEEK],
        )
        (rows,) = await found.fetchone() or (0,)
    took = time.perf_counter() - began
    print(f"one grouped scan of {rows:,} gesture-days: {took:.1f} s")
    return took


async def looked_at(database: Database, url: str) -> float:
    """The job as it is run: two workers, one process each, take the batches from the queue."""
    env = {
        **os.environ,
        "DATABASE_URL": url,
        "SLACK_SIGNING_SECRET": secrets.token_hex(16),
        "MUTUAL_SECRET_KEYS": Fernet.generate_key().decode(),
        "MUTUAL_LOG_LEVEL": "WARNING",
    }
    workers = [
        await asyncio.create_subprocess_exec(sys.executable, "-m", "slackapp", "worker", cwd=ROOT, env=env)
        for _ in range(2)
    ]
    try:
        await asyncio.sleep(5)  # they are up, and wait
        began = time.perf_counter()
        async with database.workspace(WORKSPACE) as db:
            await queue.defer(db, queue.find_patterns(WORKSPACE, again=True))
        while await _waiting(database):
            await asyncio.sleep(0.1)
        return time.perf_counter() - began
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            await worker.wait()


async def _waiting(database: Database) -> bool:
    async with database.workspace(WORKSPACE) as db:
        counted = await db.execute(
            text(
                "SELECT CAST(status AS text) AS status, count(*) AS jobs FROM procrastinate_jobs GROUP BY status"
            )
        )
        states = {row.status: row.jobs for row in counted}
    if states.get("failed"):
        raise RuntimeError(f"jobs failed: {states}")
    return bool(states.get("todo") or states.get("doing"))


async def main(share: int) -> None:
    people, teams, gestures = 100_000 // share, 5_000 // share, 10_000_000 // share
    with tempfile.TemporaryDirectory() as folder:
        server, url = embedded.start(Path(folder) / "postgres")
        migrate(url)
        began = time.perf_counter()
        fill(url, people, teams, gestures)
        print(
            f"{people:,} people, {teams:,} teams, {gestures:,} gestures made in {time.perf_counter() - began:.0f} s"
        )
        database = open_database(url)
        await scan(database)
        one = await scan(database)
        took = await looked_at(database, url)
        async with database.workspace(WORKSPACE) as db:
            found = await db.scalar(text("SELECT count(*) FROM findings"))
        print(f"the job, two workers: {took:.1f} s, {found} findings, {took / one:.1f} × the scan")
        print(f"the larger worker: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MB")
        await database.close()
        server.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--share", type=int, default=1, metavar="N", help="only an Nth of everything")
    asyncio.run(main(parser.parse_args().share))
