"""`make chaos`: real processes are killed and the database misbehaves, while gestures are given and then counted.

    python -m benchmarks.chaos --rounds 20                       every kind of fault, twenty times each
    python -m benchmarks.chaos --rounds 3 --only postgres pool   only these kinds

A client does what Slack does: it repeats an event until it is acknowledged, with the waits between two attempts made
short, and never repeats a command. Whatever was answered with 200 must be in the table once. A command without an
answer may or may not be there, as its giver saw a failure and looks; a command refused in words must not be.
"""

import argparse
import asyncio
import contextlib
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import procrastinate
import psycopg
import yaml
from cryptography.fernet import Fernet

from benchmarks.capture import up
from slackapp.jobs.timetable import hand_over
from slackapp.jobs.workers import make_queue
from slackapp.sandbox import Sandbox
from slackapp.sandbox.delivery import encode
from slackapp.store import embedded
from slackapp.store.migrations import migrate

ROOT = Path(__file__).parents[1]
SECRET = "0123456789abcdef0123456789abcdef"
PEOPLE = 40
CLIENTS = 12
PACE = 0.1  # seconds a client rests between two acts
WAITS = (
    0.0,
    0.2,
    0.5,
    1.0,
)  # Slack's: at once, after a minute, after five; the last goes on here until it succeeds
PATIENCE = 120.0  # seconds for one event to be acknowledged, and for the queue to become empty

Act = tuple[str, str, str, str]  # source, giver, receiver, kind: what may be in the table once


@dataclass
class Count:
    sent: int = 0
    acknowledged: set[Act] = field(default_factory=set)
    unanswered: set[Act] = field(default_factory=set)  # commands that may or may not have been recorded
    refused: set[Act] = field(default_factory=set)  # answered with an error
    channels: dict[str, Act] = field(default_factory=dict)  # each command has a channel of its own
    given_up: int = 0
    retries: int = 0


class Process:
    """One process of the app. It comes back when it ends, as on a platform."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], log: Path) -> None:
        self.name, self.ended = name, 0
        self._command, self._env, self._log = command, env, log
        self._process = self._start()
        self._watch = asyncio.create_task(self._keep())

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "slackapp", *self._command],
                cwd=ROOT,
                env=self._env,
                stdout=log,
                stderr=log,
                start_new_session=True,  # granian serves from a child, which must die with it
            )

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(0.2)
            if self._process.poll() is not None:
                self.ended += 1
                self._process = self._start()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, 9)
        self._process.wait()

    async def stop(self) -> None:
        self._watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watch
        self._process.terminate()
        try:
            await asyncio.to_thread(self._process.wait, 30)
        except subprocess.TimeoutExpired:
            self.kill()


def free_ports(count: int) -> list[int]:
    """Nobody's: `serve` shares a port with whoever else serves there, and an event would go to either."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class World:
    def __init__(
        self, server: Any, url: str, sandbox: Sandbox, people: list[str], queue: procrastinate.App
    ) -> None:
        self.server, self.url, self.sandbox, self.people, self.queue = server, url, sandbox, people, queue
        self.web: list[Process] = []
        self.worker: Process
        self.clock: Process
        self.ports = free_ports(2)
        self.count = Count()
        self.seen: set[Act] = set()  # what earlier trials left in the table
        self._serial = 0

    def admin(self) -> psycopg.Connection[Any]:
        """A superuser, who sees every row and may break things."""
        return psycopg.connect(self.server.get_uri(database="mutual"), autocommit=True, connect_timeout=3)

    # Slack ----------------------------------------------------------------------------------------------------

    async def load(self, stop: asyncio.Event) -> None:
        await asyncio.gather(*(self._client(stop, number) for number in range(CLIENTS)))

    async def _client(self, stop: asyncio.Event, number: int) -> None:
        chance = random.Random(number)
        while not stop.is_set():
            giver, receiver = chance.sample(self.people, 2)
            self._serial += 1
            if number % 3:
                await self._react(giver, receiver, chance.choice(["raised_hands", "pray"]))
            else:
                await self._kudos(giver, receiver)
            await asyncio.sleep(PACE)

    def _port(self) -> int:
        return self.ports[self._serial % len(self.ports)]

    async def _react(self, giver: str, receiver: str, emoji: str) -> None:
        """Until it is acknowledged, now at one process and now at the other, as a load balancer would have it."""
        channel, ts = "C0CHAOS", f"{time.time():.0f}.{self._serial:06}"
        event = {
            "type": "reaction_added",
            "user": giver,
            "reaction": emoji,
            "item": {"type": "message", "channel": channel, "ts": ts},
            "item_user": receiver,
            "event_ts": ts,
        }
        source = f"message:{channel}:{ts}"
        acts: list[Act] = [(source, giver, receiver, "kudos")]
        if emoji == "pray":
            acts = [(source, giver, receiver, "thanks"), (source, receiver, giver, "help")]
        payload, until, retry = self.sandbox.events.envelope(event), time.monotonic() + PATIENCE, 0
        count = self.count
        count.sent += len(acts)
        first = self._serial
        while time.monotonic() < until:
            body, content_type = encode("event", payload)
            attempt = await self.sandbox.courier.post(
                f"http://127.0.0.1:{self.ports[(first + retry) % len(self.ports)]}/slack/events",
                body,
                content_type,
                headers={"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_error"}
                if retry
                else None,
                retry_num=retry,
            )
            if attempt.ok:
                count.acknowledged.update(acts)
                return
            await asyncio.sleep(WAITS[min(retry, len(WAITS) - 1)])
            retry += 1
            count.retries += 1
        count.given_up += 1

    async def _kudos(self, giver: str, receiver: str) -> None:
        channel = self.sandbox.add_channel(f"room-{self._serial}", [giver, receiver])
        trigger = self.sandbox.workspace.issue_trigger(giver)
        body, content_type = encode(
            "command",
            {
                "team_id": self.sandbox.team_id,
                "channel_id": channel,
                "channel_name": "room",
                "user_id": giver,
                "user_name": "giver",
                "command": "/kudos",
                "text": f"<@{receiver}|receiver> for staying calm",
                "api_app_id": self.sandbox.app_id,
                "trigger_id": trigger,
                "response_url": self.sandbox.workspace.issue_response_url(giver, channel),
            },
        )
        act = (f"command:{trigger}", giver, receiver, "kudos")
        count = self.count
        count.sent += 1
        count.channels[channel] = act
        attempt = await self.sandbox.courier.post(
            f"http://127.0.0.1:{self._port()}/slack/events", body, content_type
        )
        if attempt.ok:
            count.acknowledged.add(act)
        elif attempt.status:
            count.refused.add(act)
        else:
            count.unanswered.add(act)

    # Afterwards -----------------------------------------------------------------------------------------------

    async def settle(self) -> str | None:
        """Wait until no job is left. What still waits after PATIENCE is the answer."""
        await asyncio.gather(*(up(port) for port in self.ports))
        until = time.monotonic() + PATIENCE
        left: list[Any] = []
        while time.monotonic() < until:
            with contextlib.suppress(psycopg.OperationalError), self.admin() as db:
                left = db.execute(
                    "SELECT task_name, status::text, count(*) FROM procrastinate_jobs "
                    "WHERE status IN ('todo', 'doing') AND task_name IN "
                    "('announce', 'refresh_homes', 'answer', 'announce_gathered') GROUP BY 1, 2 ORDER BY 1, 2"
                ).fetchall()
                if not left:
                    return None
            await asyncio.sleep(0.5)
        return ", ".join(f"{number} {task} {status}" for task, status, number in left)


# Faults -------------------------------------------------------------------------------------------------------------


async def kill_web(world: World, number: int) -> None:
    process = world.web[number % len(world.web)]
    process.kill()
    await asyncio.sleep(1.0)


async def kill_worker(world: World, _: int) -> None:
    world.worker.kill()
    # In life the clock does this when the worker has been silent for half a minute. It is dead; nobody need wait.
    await hand_over(world.queue, silent_for=0)
    await asyncio.sleep(1.5)


async def kill_clock(world: World, _: int) -> None:
    world.clock.kill()
    await asyncio.sleep(1.0)


async def kill_postgres(world: World, _: int) -> None:
    pid = world.server.get_pid()
    os.kill(pid, 9)
    with contextlib.suppress(ProcessLookupError):
        while True:  # until then it would be taken for running
            os.kill(pid, 0)
            await asyncio.sleep(0.1)
    for _attempt in range(60):
        try:
            await asyncio.to_thread(world.server.ensure_postgres_running)
        except subprocess.SubprocessError:
            await asyncio.sleep(0.5)  # processes of the one before still hold its memory
        else:
            break
    await asyncio.sleep(1.5)


async def exhaust_pool(world: World, _: int) -> None:
    def hold() -> None:
        with world.admin() as db, db.transaction():
            db.execute("LOCK TABLE gestures IN ACCESS EXCLUSIVE MODE")
            time.sleep(4)

    await asyncio.to_thread(hold)
    await asyncio.sleep(1)


def raising(code: str) -> Callable[[World, int], Awaitable[None]]:
    async def fault(world: World, _: int) -> None:
        with world.admin() as db:
            db.execute(
                "CREATE OR REPLACE FUNCTION chaos() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION 'chaos' USING ERRCODE = '{code}'; END $$"
            )
            db.execute(
                "CREATE TRIGGER chaos BEFORE INSERT OR UPDATE ON gestures FOR EACH ROW EXECUTE FUNCTION chaos()"
            )
        try:
            await asyncio.sleep(2)
        finally:
            with world.admin() as db:
                db.execute("DROP TRIGGER chaos ON gestures")
        await asyncio.sleep(1)

    return fault


FAULTS: dict[str, Callable[[World, int], Awaitable[None]]] = {
    "web": kill_web,
    "worker": kill_worker,
    "clock": kill_clock,
    "postgres": kill_postgres,
    "pool": exhaust_pool,
    "disk": raising("53100"),
    "serialization": raising("40001"),
}


# The run ------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def everything(folder: Path) -> AsyncIterator[World]:
    logging_folder = folder / "logs"
    logging_folder.mkdir()
    server, url = embedded.start(folder / "postgres")
    migrate(url)
    sandbox = Sandbox(yaml.safe_load((ROOT / "manifest.yml").read_text()), SECRET)
    people = [sandbox.add_user(f"person{number}") for number in range(PEOPLE)]
    await sandbox.start()
    env = {
        **os.environ,
        "DATABASE_URL": url,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_API_URL": f"{sandbox.url}/api/",
        "MUTUAL_SECRET_KEYS": Fernet.generate_key().decode(),
    }
    async with make_queue(url).open_async() as queue:
        world = World(server, url, sandbox, people, queue)
        try:
            for port in world.ports:
                log = logging_folder / f"web-{port}.log"
                world.web.append(Process(f"web {port}", ["serve"], {**env, "PORT": str(port)}, log))
            world.worker = Process("worker", ["worker"], env, logging_folder / "worker.log")
            world.clock = Process("clock", ["clock"], env, logging_folder / "clock.log")
            await asyncio.gather(*(up(port) for port in world.ports))
            while True:
                with world.admin() as db:
                    if db.execute("SELECT 1 FROM installations").fetchone():
                        break
                await asyncio.sleep(0.1)
            yield world
        finally:
            for process in [*world.web, world.worker, world.clock]:
                await process.stop()
            await sandbox.stop()


async def trial(world: World, name: str, rounds: int) -> bool:
    """One kind of fault, so many times under load. True: as promised."""
    world.count = count = Count()
    stop = asyncio.Event()
    load = asyncio.create_task(world.load(stop))
    for number in range(rounds):
        await asyncio.sleep(random.uniform(0.5, 1.5))
        await FAULTS[name](world, number)
    await asyncio.sleep(0.5)
    stop.set()
    await load
    waiting = await world.settle()
    with world.admin() as db:
        found: Counter[Act] = Counter(
            {
                (source, giver, receiver, kind): standing
                for source, giver, receiver, kind, standing in db.execute(
                    "SELECT source_key, giver_id, receiver_id, kind, count(*) FILTER (WHERE retracted_at IS NULL) "
                    "FROM gestures GROUP BY 1, 2, 3, 4"
                )
            }
        )
        claimed = dict(
            db.execute(
                "SELECT recipient, outcome FROM deliveries WHERE kind = 'announcement' AND recipient LIKE 'C%'"
            ).fetchall()
        )
    known = count.acknowledged | count.unanswered | count.refused
    ours = {act: times for act, times in found.items() if act not in world.seen}
    world.seen.update(found)
    lost = [act for act in count.acknowledged if found[act] < 1]
    doubled = [act for act, times in ours.items() if times > 1]
    surprises = [act for act in ours if act not in known]
    unsure = [act for act in ours if act in count.unanswered | count.refused]
    posted = {channel: len(world.sandbox.messages(channel)) for channel in count.channels}
    doubled_posts = [channel for channel, messages in posted.items() if messages > 1]
    unposted = [
        channel
        for channel, act in count.channels.items()
        if found[act] and not posted[channel] and channel not in claimed
    ]
    unresolved = sum(1 for channel in count.channels if channel in claimed and claimed[channel] is None)
    print(
        f"{name:14} {rounds} rounds, {count.sent} sent, {len(count.acknowledged)} acknowledged "
        f"({count.retries} retries), {len(ours)} recorded, {len(lost)} lost, {len(doubled)} doubled, "
        f"{len(surprises)} unexplained, {len(doubled_posts)} announcements doubled, {len(unposted)} missing, "
        f"{unresolved} unresolved; {len(count.refused)} commands refused, {len(count.unanswered)} unanswered, "
        f"of these {len(unsure)} recorded",
        flush=True,
    )
    if count.given_up:
        print(f"    {count.given_up} events never acknowledged in {PATIENCE:.0f} s", flush=True)
    if waiting:
        print(f"    still waiting after {PATIENCE:.0f} s: {waiting}", flush=True)
    return not (lost or doubled or surprises or doubled_posts or unposted or count.given_up or waiting)


async def main(options: argparse.Namespace) -> int:
    good = True
    folder = Path(tempfile.mkdtemp(prefix="mutual-chaos-"))
    print(f"What the processes said is in {folder / 'logs'}.", flush=True)
    async with everything(folder) as world:
        for name in options.only or FAULTS:
            good &= await trial(world, name, options.rounds)
        for process in [*world.web, world.worker, world.clock]:
            print(f"    {process.name}: started again {process.ended} times")
    print("All as promised." if good else "Not as promised.")
    return 0 if good else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20, help="of each kind")
    parser.add_argument("--only", nargs="+", choices=list(FAULTS), help="only these kinds")
    sys.exit(asyncio.run(main(parser.parse_args())))
