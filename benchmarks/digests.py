"""`make chaos`: digests for many people while workers are killed at any moment, and the pace without kills.

    python -m benchmarks.digests --people 1000 --rounds 20                  nothing doubled, nothing lost
    python -m benchmarks.digests --people 10000 --workspaces 2 --speed 20   the pace of two workspaces side by side

The sandbox's rate limits are on. Its clock runs `speed` times faster, and so does the interval between two messages:
at `--speed 20` a second of Slack's is a twentieth of ours.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from cryptography.fernet import Fernet, MultiFernet
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import text

from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.people import Person
from slackapp.domain.preferences import Preferences
from slackapp.jobs.timetable import hand_over
from slackapp.jobs.workers import make_queue
from slackapp.sandbox import Clock, Sandbox
from slackapp.store import embedded, gestures, health, installations, people, preferences, queue, workspaces
from slackapp.store.database import Database, open_database
from slackapp.store.installations import Installation
from slackapp.store.migrations import migrate

ROOT = Path(__file__).parents[1]
SECRET = "0123456789abcdef0123456789abcdef"


async def start(count: int, speed: float) -> list[Sandbox]:
    """Several workspaces behind one address, told apart by their tokens, as Slack does it."""
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    made: list[Sandbox] = []
    for number in range(count):
        clock, name = Clock(speed=speed), f"Bench {number}"
        sandbox = Sandbox(manifest, f"{number:032}", rate_limits=True, clock=clock, team_name=name)
        await sandbox.start(beside=made[0] if made else None)
        made.append(sandbox)
    return made


async def furnish(database: Database, sandbox: Sandbox, count: int, cipher: MultiFernet) -> list[str]:
    """Everyone asked for a digest today, and has something to read. They live where today has only just begun."""
    now, team = datetime.now(UTC), sandbox.team_id
    zone = (
        f"Etc/GMT{now.hour:+}" if now.hour < 12 else f"Etc/GMT{now.hour - 24:+}"
    )  # the sign is the wrong way round
    users = [sandbox.add_user(f"person{number}") for number in range(count)]
    chosen = Preferences(digest=True, digest_day=now.astimezone(ZoneInfo(zone)).weekday(), digest_hour=0)
    async with database.workspace(team) as db:
        await workspaces.add(db, team, name=sandbox.team_name, timezone="UTC")
        await installations.put(
            db, team, Installation(sandbox.bot_token, sandbox.bot_id, sandbox.bot_user_id, []), cipher, now
        )
        for first in range(0, count, 1000):
            met = [
                Person(user, f"Person {n}", zone) for n, user in enumerate(users[first : first + 1000], first)
            ]
            await people.put(db, team, met, now)
        for user in users:
            await preferences.put(db, team, user, chosen)
        for first in range(0, count, 500):
            thanked = [user for user in users[first : first + 500] if user != users[0]]
            acts = gestures_to(
                thanked,
                giver=users[0],
                kind="kudos",
                source=Source(f"bench:{first}"),
                at=now - timedelta(days=1),
                tz=ZoneInfo("UTC"),
            )
            await gestures.record(db, team, acts, Mark("command"), now)
    return users[1:]


class Crew:
    """Worker processes, which can be killed without a word."""

    def __init__(self, env: dict[str, str], count: int, log: Path) -> None:
        self._env, self._count, self._log = env, count, log
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._running = [
                subprocess.Popen(
                    [sys.executable, "-m", "slackapp", "worker"], env=self._env, stdout=log, stderr=log
                )
                for _ in range(self._count)
            ]

    def kill(self) -> None:
        for worker in self._running:
            worker.kill()
        for worker in self._running:
            worker.wait()
        self._running = []

    def stop(self) -> None:
        for worker in self._running:
            worker.terminate()
        for worker in self._running:
            worker.wait(timeout=40)


async def left_to_send(database: Database, team: str) -> int:
    async with database.workspace(team) as db:
        return int(
            await db.scalar(
                text(
                    "SELECT (SELECT count(*) FROM preferences WHERE digest) - "
                    "(SELECT count(*) FROM deliveries WHERE kind = 'digest')"
                )
            )
            or 0
        )


async def tick(database: Database, teams: list[str]) -> None:
    """What a clock does each ten minutes, at once."""
    for team in teams:
        try:
            async with database.workspace(team) as db:
                await queue.defer(db, queue.deliver_digests(team))
        except AlreadyEnqueued:
            continue


async def main(options: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="mutual-digests-"))
    url = os.environ.get("DATABASE_URL") or embedded.start(folder / "postgres")[1]
    migrate(url)
    database, jobs = open_database(url), make_queue(url)
    key = Fernet.generate_key().decode()
    sandboxes = await start(options.workspaces, options.speed)
    wanted = {
        sandbox.team_id: await furnish(database, sandbox, options.people + 1, MultiFernet([Fernet(key)]))
        for sandbox in sandboxes
    }
    interval = 1 / options.speed
    env = {
        **os.environ,
        "DATABASE_URL": url,
        "SLACK_SIGNING_SECRET": SECRET,
        "MUTUAL_SECRET_KEYS": key,
        "SLACK_API_URL": f"{sandboxes[0].url}/api/",
        "MUTUAL_POST_INTERVAL": str(interval),
    }
    env.pop("SLACK_BOT_TOKEN", None)
    crew = Crew(env, options.workers, folder / "workers.log")
    teams = list(wanted)
    chance = random.Random(options.seed)
    kills = 0
    async with jobs.open_async():
        crew.start()
        await tick(database, teams)
        while any([await left_to_send(database, team) for team in teams]):
            if kills < options.rounds:
                await asyncio.sleep(chance.uniform(1.5, 5.0))  # a worker is up after about a second
                crew.kill()
                kills += 1
                # Nobody is alive, so whatever was being done goes to those who come; the clock does so within a minute.
                await hand_over(jobs, silent_for=0)
                await tick(database, teams)
                crew.start()
            else:
                await asyncio.sleep(0.5)
                if options.rounds:
                    await tick(database, teams)
        crew.stop()
    found = await health.read(database, datetime.now(UTC) + timedelta(minutes=10), datetime.now(UTC))
    listed = Counter(line.workspace_id for line in found.unresolved)
    bad = 0
    for sandbox in sandboxes:
        team = sandbox.team_id
        read = Counter({user: len(sandbox.messages(sandbox.dm(user))) for user in wanted[team]})
        doubled = sum(1 for messages in read.values() if messages > 1)
        unread = {user for user, messages in read.items() if not messages}
        unresolved = {line.recipient for line in found.unresolved if line.workspace_id == team}
        silent = len(unread - unresolved)  # neither delivered nor listed: must not be
        # By Slack's own stamps, so in Slack's own seconds.
        sent = [float(m["ts"]) for user in wanted[team] for m in sandbox.messages(sandbox.dm(user))]
        took, limit = max(sent) - min(sent), float(len(sent) - 1)
        print(
            f"{sandbox.team_name}: {len(wanted[team]):,} people, {sum(read.values()):,} delivered, {doubled} doubled, "
            f"{listed[team]} unresolved and listed by doctor, {silent} lost; {kills} kills; "
            f"{took:,.0f} s of Slack's for {limit:,.0f} at one a second ({took / limit:.3f})"
        )
        bad += doubled + silent + max(0, listed[team] - kills * options.workers)
        if not options.rounds:
            bad += took > 1.05 * limit
    for sandbox in reversed(sandboxes):
        await sandbox.stop()
    await database.close()
    print("All as promised." if not bad else "Not as promised.")
    return 1 if bad else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20, help="how often all workers are killed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--workspaces", type=int, default=1)
    parser.add_argument("--speed", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    sys.exit(asyncio.run(main(parser.parse_args())))
