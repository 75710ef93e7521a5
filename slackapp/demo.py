"""`slackapp demo`: a sandbox Slack, a database and Mutual, started together and stopped together."""

import asyncio
import os
import secrets
import signal
import socket
import sys
import time
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

import aiohttp
import typer
import yaml
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.gestures import Gesture, Mark, Source, message_source
from slackapp.domain.people import Person, read_person
from slackapp.domain.teams import Origin, Team
from slackapp.domain.weeks import WEEK, local_day
from slackapp.files import shipped
from slackapp.sandbox import Sandbox, story
from slackapp.store import embedded, gestures, people, queue, teams, workspaces
from slackapp.store.database import Database, open_database
from slackapp.store.migrations import migrate

NEWCOMER = "sam"
TEAMS = {"team-harbour": "Harbour", "team-care": "Customer care"}  # by their channel
TIMEZONE = ZoneInfo("Europe/Stockholm")  # where most of the story's people live


def run(home: Path, port: int, *, open_browser: bool) -> None:
    """Serve until interrupted. Every start begins the story anew; nothing of an earlier demo is kept."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(home, port, open_browser))


async def _run(home: Path, port: int, open_browser: bool) -> None:
    server, _ = embedded.start(home / "postgres")
    url = embedded.create(server, "demo", anew=True)
    migrate(url)
    clock_file = home / "clock.json"
    secret = secrets.token_hex(16)
    sandbox = Sandbox(yaml.safe_load(shipped("manifest.yml").read_text()), secret, clock_file=clock_file)
    story.populate(sandbox, sandbox.clock.now())
    await sandbox.start(_free(port))
    await _seed(sandbox, url)
    app_port = _free(port + 1)
    sandbox.app_url = f"http://127.0.0.1:{app_port}/slack/events"
    app = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "slackapp", "serve", "--all"),
        env={
            **os.environ,
            "DATABASE_URL": url,
            "SLACK_SIGNING_SECRET": secret,
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_API_URL": f"{sandbox.url}/api/",
            "MUTUAL_SECRET_KEYS": Fernet.generate_key().decode(),
            "MUTUAL_TIMEZONE": TIMEZONE.key,
            "MUTUAL_CLOCK_FILE": str(clock_file),
            "MUTUAL_HOST": "127.0.0.1",
            "PORT": str(app_port),
            # The page passes through a Monday's working hours in seconds.
            "MUTUAL_POST_INTERVAL": "0.05",
        },
        start_new_session=True,  # Ctrl-C reaches us; we tell it to stop, and it finishes what it holds
    )
    try:
        await _ready(app, f"http://127.0.0.1:{app_port}/health/ready")
        typer.echo(
            f"\n  Mutual is in the sandbox workspace “{sandbox.team_name}”. Open  {sandbox.url}\n\n"
            "  You can be anybody: switch who you are at the top of the page.\n"
            "  Try /kudos in a channel, react to a message, open Mutual's Home. Ctrl-C stops everything.\n"
        )
        if open_browser and (os.environ.get("DISPLAY") or sys.platform in {"darwin", "win32"}):
            webbrowser.open(sandbox.url)
        await _until_stopped(app)
    finally:
        if app.returncode is None:
            app.terminate()
            await app.wait()
        await sandbox.stop()


def _free(port: int) -> int:
    """This port, or any other when somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        bound: int = probe.getsockname()[1]
        return bound


async def _seed(sandbox: Sandbox, url: str) -> None:
    """Half a year of gestures, as if Mutual had been here all along."""
    database = open_database(url)
    met = await _directory(sandbox)
    now = datetime.fromtimestamp(sandbox.clock.now(), UTC)
    async with database.workspace(sandbox.team_id) as db:
        await workspaces.add(db, sandbox.team_id, name=sandbox.team_name, timezone=TIMEZONE.key)
        await people.put(db, sandbox.team_id, met, now)
        await gestures.record(db, sandbox.team_id, _history(now), Mark("history"), now)
        await _teams(db, sandbox, now - WEEK * 30)
        await queue.defer(db, queue.find_patterns(sandbox.team_id))
    await _analyze_statistics(database)
    await database.close()


async def _teams(db: AsyncConnection, sandbox: Sandbox, since: datetime) -> None:
    """Two teams that follow their channels; Mia manages both."""
    mia = story.ID["mia"]
    for place in story.PLACES:
        if place.name in TEAMS:
            team = Team(
                uuid5(NAMESPACE_URL, place.id), TEAMS[place.name], Origin("channel", place.id), (mia,)
            )
            await teams.make(db, sandbox.team_id, team, since)
            members = [story.ID[handle] for handle in place.members]
            new = [story.ID[NEWCOMER]] if NEWCOMER in place.members else []
            await teams.keep(
                db, sandbox.team_id, team.team_id, [who for who in members if who not in new], since.date()
            )
            await teams.join(db, sandbox.team_id, [team.team_id], new, (since + WEEK * 25).date())


async def _directory(sandbox: Sandbox) -> Sequence[Person]:
    headers = {"Authorization": f"Bearer {sandbox.bot_token}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        answer = await http.get(f"{sandbox.url}/api/users.list", params={"limit": 200})
        members = (await answer.json())["members"]
    return [read_person(member, workspace_id=sandbox.team_id) for member in members]


def _history(now: datetime) -> list[Gesture]:
    return [
        Gesture(
            giver=told.giver,
            receiver=told.receiver,
            kind=told.kind,
            source=message_source(told.channel, told.ts)
            if told.channel and told.ts
            else Source(f"history:{number}"),
            happened_at=told.moment,
            day=local_day(told.moment, TIMEZONE),
            visibility=told.visibility,
            note=told.note or None,
        )
        for number, told in enumerate(story.history(now))
    ]


async def _analyze_statistics(database: Database) -> None:
    """Tell PostgreSQL's planner that the tables are no longer empty."""
    async with database.engine.connect() as db:
        await db.exec_driver_sql("ANALYZE")


async def _ready(app: asyncio.subprocess.Process, url: str) -> None:
    async with aiohttp.ClientSession() as http:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if app.returncode is not None:
                raise SystemExit("Mutual did not start; its last words are above.")
            with suppress(aiohttp.ClientError):
                async with http.get(url) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.05)
    raise SystemExit("Mutual did not become ready within 30 seconds.")


async def _until_stopped(app: asyncio.subprocess.Process) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    waits = [asyncio.create_task(stop.wait()), asyncio.create_task(app.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in waits:
        task.cancel()
