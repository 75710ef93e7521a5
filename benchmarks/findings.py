"""The weekly job on a large workspace: against one grouped scan of the same window, in the same run.

`python -m benchmarks.findings 10` makes a tenth of 100,000 people, 5,000 teams and 10 million gestures.
"""

import asyncio
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from slackapp.domain.patterns import evaluate
from slackapp.domain.weeks import WEEK, last_closed_week
from slackapp.jobs.patterns import BATCH
from slackapp.store import embedded, evidence
from slackapp.store.database import open_database
from slackapp.store.migrations import migrate

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
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


async def scan(database: Any) -> float:
    """What one grouped scan of the window costs, whoever asks."""
    week = last_closed_week(NOW, ZoneInfo("UTC"))
    began = time.perf_counter()
    async with database.workspace(WORKSPACE) as db:
        raw = (await db.get_raw_connection()).driver_connection
        found = await raw.execute(
            "SELECT count(*) FROM (SELECT giver_id, receiver_id, kind, day FROM gestures "
            "WHERE workspace_id = %s AND day >= %s AND day < %s AND retracted_at IS NULL "
            "GROUP BY giver_id, receiver_id, kind, day) AS days",
            [WORKSPACE, week - WEEK * (evidence.WEEKS_BACK - 1), week + WEEK],
        )
        rows = (await found.fetchone())[0]
    took = time.perf_counter() - began
    print(f"one grouped scan of {rows:,} gesture-days: {took:.1f} s")
    return took


async def batch(database: Any, teams: list[UUID]) -> int:
    week = last_closed_week(NOW, ZoneInfo("UTC"))
    async with database.workspace(WORKSPACE) as db:
        histories = await evidence.histories(db, WORKSPACE, teams, week)
    said = await asyncio.to_thread(lambda: [(UUID(each.team), evaluate(each)) for each in histories])
    async with database.workspace(WORKSPACE) as db:
        for team, found in said:
            await evidence.keep(db, WORKSPACE, team, found)
    return sum(len(found.findings) for _, found in said if found)


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
        async with database.workspace(WORKSPACE) as db:
            every = [
                team for team in await evidence.team_ids(db, WORKSPACE) if team != evidence.EVERYONE_ELSE
            ]
        began = time.perf_counter()
        found = 0
        batches = [every[at : at + BATCH] for at in range(0, len(every), BATCH)]
        for team_ids in batches:
            found += await batch(database, team_ids)
        took = time.perf_counter() - began
        print(
            f"the job: {took:.1f} s in {len(batches)} batches, {found} findings, {took / one:.1f} × the scan, "
            f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
        )
        await database.close()
        server.cleanup()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
