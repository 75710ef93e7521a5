"""Two web, two worker and two clock processes on one database, and Slack that says everything to both: nothing is doubled."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from sqlalchemy import text

from slackapp.app import Roles
from slackapp.domain.preferences import Preferences
from slackapp.domain.weeks import open_week
from slackapp.store import preferences
from slackapp.store.database import Database
from tests.world import KEY, ROOT, SIGNING_SECRET, World, free_port, make_world, others_are_over, words

BERLIN = ZoneInfo("Europe/Berlin")


@asynccontextmanager
async def crossroads(addresses: Sequence[str]) -> AsyncIterator[str]:
    """Whatever arrives goes to all of them at once; the first that takes it answers."""
    async with aiohttp.ClientSession() as http:

        async def send(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
            async with http.post(address, data=body, headers=headers) as answer:
                return answer.status, await answer.read(), answer.content_type

        async def forward(request: web.Request) -> web.Response:
            body = await request.read()
            headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            answers = await asyncio.gather(*(send(address, body, headers) for address in addresses))
            status, said, kind = min(answers, key=lambda answer: answer[0])
            return web.Response(status=status, body=said, content_type=kind)

        app = web.Application()
        app.router.add_post("/{path:.*}", forward)
        runner = web.AppRunner(app)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield f"http://127.0.0.1:{port}/slack/events"
        finally:
            await runner.cleanup()


@contextmanager
def processes(world: World, database_url: str, clock_file: Path, log: Path, *commands: str) -> Iterator[None]:
    env = {
        **os.environ,
        "DATABASE_URL": database_url,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_BOT_TOKEN": world.sandbox.bot_token,
        "SLACK_API_URL": f"{world.sandbox.url}/api/",
        "MUTUAL_SECRET_KEYS": KEY,
        "MUTUAL_TIMEZONE": BERLIN.key,
        "MUTUAL_CLOCK_FILE": str(clock_file),
        "MUTUAL_POST_INTERVAL": "0",
    }
    running = []
    with log.open("wb") as out:
        for command in commands:
            name, _, port = command.partition(":")
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "slackapp", name],
                    env={**env, "PORT": port} if port else env,
                    cwd=ROOT,
                    stdout=out,
                    stderr=out,
                )
            )
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=40)


async def answers(address: str) -> None:
    async with aiohttp.ClientSession() as http:
        for _ in range(300):
            try:
                async with http.get(address) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
    raise TimeoutError(address)


async def told(world: World, kind: str, count: int) -> None:
    for _ in range(600):
        async with world.database.workspace(world.id) as db:
            found = await db.scalar(
                text("SELECT count(*) FROM deliveries WHERE kind = :kind AND outcome IS NOT NULL"),
                {"kind": kind},
            )
        if found == count:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{found} of {count} {kind}")


async def test_nothing_is_doubled(database_url: str, database: Database, tmp_path: Path) -> None:
    await others_are_over(database)
    clock_file, port = tmp_path / "clock", free_port()
    log = tmp_path / "log"
    commands = [f"serve:{port}", "worker", "worker", "clock", "clock"]
    roles = Roles(web=True)
    async with (
        make_world(database_url, database, roles=roles, clock_file=clock_file) as world,
        AsyncExitStack() as stack,
    ):
        stack.enter_context(processes(world, database_url, clock_file, log, *commands))
        other = f"http://127.0.0.1:{port}"
        await answers(f"{other}/health/ready")
        async with crossroads([world.sandbox.app_url, f"{other}/slack/events"]) as both:
            world.sandbox.app_url = both
            circle = [world.ana, world.ben, world.cy, world.zed, world.mia]
            names = {user: name for name, user in world.people.items()}
            for giver, receiver in zip(circle, [*circle[1:], circle[0]], strict=True):
                await world.sandbox.command(
                    giver, world.team, "/kudos", f"thanks @{names[receiver]} for the fix"
                )
                ts = await world.sandbox.say(receiver, world.team, "Shipped!")
                await world.sandbox.react(giver, world.team, ts, "clap")
            await world.settle()

            async with world.database.workspace(world.id) as db:
                for user in circle:
                    await preferences.put(db, world.id, user, Preferences(digest=True))
            monday = open_week(world.now(), BERLIN) + timedelta(weeks=1)
            then = datetime.combine(monday, time(11), BERLIN)
            world.sandbox.clock.advance((then - world.now()).total_seconds())
            await told(world, "digest", 5)
            await world.settle()

        async with world.database.workspace(world.id) as db:
            kinds = Counter(await db.scalars(text("SELECT kind FROM gestures WHERE retracted_at IS NULL")))
            unknown = await db.scalar(text("SELECT count(*) FROM deliveries WHERE outcome IS NULL"))
        assert kinds == {"thanks": 5, "help": 5, "kudos": 5}
        assert unknown == 0
        async with database.engine.connect() as db:
            failed = await db.scalars(
                text(
                    "SELECT task_name FROM procrastinate_jobs WHERE status = 'failed' AND args->>'workspace_id' = :id"
                ),
                {"id": world.id},
            )
            assert list(failed) == [], log.read_text()
        for user in circle:
            read = [message["text"] for message in world.sandbox.messages(world.sandbox.dm(user))]
            assert sum(said.startswith("Your week with Mutual.") for said in read) == 1
        posted = Counter(
            words(message.get("blocks")) or message["text"]
            for message in world.sandbox.messages(world.team)
            if message.get("bot_id")
        )
        assert posted
        assert max(posted.values()) == 1
