"""The only composition root: settings become a database, a queue, a Bolt app, a worker, a clock and the web app."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.types import ASGIApp

from slackapp import listeners
from slackapp.charts.links import Links
from slackapp.domain.deliveries import WORKSPACE_CLOSED
from slackapp.jobs.shell import Shell
from slackapp.listeners.arrival import Arrival, Authorization
from slackapp.listeners.installing import Installer
from slackapp.listeners.moments import no_failure
from slackapp.logs import about
from slackapp.settings import Settings
from slackapp.sockets import connected
from slackapp.store import health, installations, pictures, queue, workspaces
from slackapp.store.database import Database, open_database
from slackapp.store.installations import Installation
from slackapp.store.revisions import pending
from slackapp.web import Doors, web_app

log = structlog.get_logger("slackapp")

NOT_HERE = "Mutual is not installed in this workspace any more, so nothing was recorded. An admin can install it again."


@dataclass(frozen=True, slots=True)
class Roles:
    """What one process does. A small team runs all three in one."""

    web: bool = True
    worker: bool = False
    clock: bool = False
    socket: bool = False  # Slack is heard through a WebSocket instead of requests


def clock_of(file: Path | None) -> Callable[[], datetime]:
    """The time. In the sandbox, time can be moved on: the file says by how much."""
    if file is None:
        return lambda: datetime.now(UTC)

    def now() -> datetime:
        with contextlib.suppress(OSError, ValueError):
            return datetime.now(UTC) + timedelta(seconds=json.loads(file.read_text())["offset"])
        return datetime.now(UTC)

    return now


def make_links(settings: Settings) -> Links | None:
    """None without a public address: then pictures are uploaded to Slack."""
    if settings.mutual_public_url is None:
        return None
    return Links(settings.mutual_secret_keys.get_secret_value().split(","), settings.mutual_public_url)


class Gallery:
    """Draws pictures when somebody fetches them, and remembers the latest: one is fetched by many."""

    MOST = 64

    def __init__(self, database: Database, links: Links | None) -> None:
        self._database, self._links = database, links
        self._drawn: dict[str, bytes] = {}

    async def picture(self, token: str) -> bytes | None:
        """None for a link that is not ours, is too old, or shows what is gone."""
        found = self._links.read(token) if self._links else None
        if found is None:
            return None
        workspace_id, picture_id = found
        async with self._database.workspace(workspace_id) as db:
            shows = await pictures.find(db, workspace_id, picture_id)
        if shows is None:  # withdrawn, however often it was fetched before
            return None
        if picture_id not in self._drawn:
            from slackapp.charts.pictures import draw

            drawn = await asyncio.to_thread(draw, shows)
            while len(self._drawn) >= self.MOST:
                self._drawn.pop(next(iter(self._drawn)))
            self._drawn[picture_id] = drawn
        return self._drawn[picture_id]


def make_arrival(settings: Settings, shell: Shell) -> Arrival:
    return Arrival(
        shell.database,
        settings.cipher,
        shell.now,
        make_links(settings),
        settings.retention,
        shell.contact,
        settings.mutual_timezone,
    )


def make_installer(settings: Settings, shell: Shell, arrival: Arrival) -> Installer | None:
    """None without the app's credentials: then workspaces do not install by themselves."""
    if not (settings.slack_client_id and settings.slack_client_secret and settings.mutual_public_url):
        return None
    return Installer(
        settings.slack_client_id,
        settings.slack_client_secret.get_secret_value(),
        settings.mutual_public_url,
        settings.slack_api_url,
        settings.mutual_timezone,
        shell.database,
        settings.cipher,
        AsyncWebClient(base_url=settings.slack_api_url, session=shell.http),
        shell.now,
        arrival.forget,
    )


def make_bolt(settings: Settings, shell: Shell, arrival: Arrival | None = None) -> AsyncApp:
    arrival = arrival or make_arrival(settings, shell)
    # Bolt gives each of its loggers the level of this one, and at DEBUG writes down every answer, note and all.
    quiet = logging.getLogger("slackapp.bolt")
    quiet.setLevel(logging.WARNING)
    bolt = AsyncApp(
        name="mutual",
        logger=quiet,
        # Slack is answered when the row is written: a failure is a 500, and Slack sends it again.
        process_before_response=True,
        request_verification_enabled=False,  # web.py has done it, before reading anything else
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        before_authorize=arrival,
        authorize=Authorization(arrival),  # type: ignore[arg-type]  # None is documented, and not typed
        user_facing_authorize_error_message=NOT_HERE,
        client=AsyncWebClient(
            base_url=settings.slack_api_url,
            session=shell.http,
            retry_handlers=[AsyncConnectionErrorRetryHandler()],
        ),
    )

    @bolt.error
    async def failed(
        error: Exception, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
    ) -> BoltResponse | None:
        if (nothing := no_failure(error, body)) is not None:
            answer, sentence = nothing
            if sentence:
                await respond(text=sentence, response_type="ephemeral", replace_original=False)
            log.info("not_done", workspace=context.get("workspace_id"), why=type(error).__name__)
            return answer
        if isinstance(error, SlackApiError) and error.response.get("error") in WORKSPACE_CLOSED:
            arrival.forget(str(context.get("workspace_id")))  # there may be a newer token
        kind = body.get("type") or body.get("command")  # never the body: it holds somebody's words
        log.error("listener_failed", workspace=context.get("workspace_id"), kind=kind, **about(error))
        return None

    listeners.register(bolt)
    return bolt


async def join_workspace(settings: Settings, shell: Shell) -> None:
    """Single-workspace mode: the token in the environment says which workspace this is."""
    assert settings.slack_bot_token is not None
    token = settings.slack_bot_token.get_secret_value()
    client = AsyncWebClient(token=token, base_url=settings.slack_api_url, session=shell.http)
    who = await client.auth_test()
    scopes = str(who.headers.get("x-oauth-scopes") or "").replace(" ", "")
    workspace_id = who["team_id"]
    async with shell.database.workspace(workspace_id) as db:
        await workspaces.add(db, workspace_id, name=who["team"], timezone=settings.mutual_timezone)
        await installations.put(
            db,
            workspace_id,
            Installation(
                token, who["bot_id"], who["user_id"], [scope for scope in scopes.split(",") if scope]
            ),
            settings.cipher,
            shell.now(),
        )
        await queue.defer(db, queue.sync_directory(workspace_id))


async def _keep_joining(settings: Settings, shell: Shell) -> None:
    """Slack or the database may not be there yet when we start."""
    wait = 1.0
    while True:
        try:
            await join_workspace(settings, shell)
        except (SlackApiError, SQLAlchemyError, psycopg.Error, aiohttp.ClientError, OSError) as error:
            said = error.response.get("error") if isinstance(error, SlackApiError) else None
            log.warning("join_failed", error=type(error).__name__, slack_error=said, next_try_in=wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 60)
        else:
            return


@asynccontextmanager
async def running(settings: Settings, roles: Roles) -> AsyncIterator[Doors]:
    """Everything one process does, from start to graceful end. `settings.database_url` must be set."""
    assert settings.database_url is not None
    async with AsyncExitStack() as stack:
        database = open_database(settings.database_url, answers_slack=roles.web)
        stack.push_async_callback(database.close)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30, connect=5))
        )
        shell = Shell(
            database,
            settings.cipher,
            settings.slack_api_url,
            http,
            clock_of(settings.mutual_clock_file),
            settings.mutual_post_interval,
            settings.retention,
            settings.mutual_support_email,
        )
        if settings.slack_bot_token is not None:
            stack.push_async_callback(_end, asyncio.create_task(_keep_joining(settings, shell)))
        if roles.worker or roles.clock:
            await stack.enter_async_context(_work(settings, shell, roles))
        arrival = make_arrival(settings, shell)
        bolt = make_bolt(settings, shell, arrival)
        if roles.socket:
            assert settings.slack_app_token is not None
            await stack.enter_async_context(connected(bolt, settings.slack_app_token.get_secret_value()))
        verifier = SignatureVerifier(settings.slack_signing_secret.get_secret_value())
        metrics_token = settings.mutual_metrics_token
        watch = health.Watch(database)
        log.info("started", **asdict(roles))
        yield Doors(
            verifier,
            bolt.async_dispatch,
            lambda: _missing(database),
            picture=Gallery(database, make_links(settings)).picture,
            health=lambda: watch.read(shell.now(), datetime.now(UTC)),
            metrics_token=metrics_token.get_secret_value() if metrics_token else None,
            retention=settings.retention,
            contact=settings.mutual_support_email,
            installer=make_installer(settings, shell, arrival),
        )


@asynccontextmanager
async def _work(settings: Settings, shell: Shell, roles: Roles) -> AsyncIterator[None]:
    # Imported by those who work only: answering Slack needs none of it.
    from slackapp.jobs.workers import keep_working, make_queue

    assert settings.database_url is not None
    jobs = make_queue(settings.database_url)
    async with jobs.open_async(), AsyncExitStack() as stack:
        if roles.web:
            # Connections of their own: however busy the jobs are, Slack is answered.
            database = open_database(settings.database_url)
            stack.push_async_callback(database.close)
            shell = replace(shell, database=database)
        if roles.clock:
            from slackapp.jobs.timetable import clock

            scheduler = clock(jobs, shell)
            scheduler.start()
            stack.callback(scheduler.shutdown, wait=False)
        if roles.worker:
            # A run of digests mostly waits for the next second; what people wait for must not queue behind it.
            workers = [
                asyncio.create_task(keep_working(jobs, shell, queue_name, concurrency))
                for queue_name, concurrency in (("default", 8), ("digests", 32))
            ]
            stack.push_async_callback(_end, *workers)
            stack.callback(shell.ending.set)
        yield


async def _end(*tasks: "asyncio.Task[None]") -> None:
    """Cancelling a worker lets it finish what it holds."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _missing(database: Database) -> str | None:
    try:
        async with database.engine.connect() as db:
            return "The database needs `slackapp migrate`." if await db.run_sync(pending) else None
    except (SQLAlchemyError, OSError):
        return "The database does not answer."


def create_web(settings: Settings, roles: Roles) -> ASGIApp:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with running(settings, roles) as doors:
            yield {"doors": doors}

    return web_app(lifespan)
