"""A real PostgreSQL for every test run, and a workspace of its own for every test."""

import logging
import os
import struct
from collections.abc import AsyncIterator, Generator, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import structlog

from slackapp.domain.people import Person
from slackapp.jobs.shell import Shell
from slackapp.logs import configure_logs
from slackapp.store import embedded, people, workspaces
from slackapp.store.database import Database, open_database
from slackapp.store.migrations import migrate
from tests import heard
from tests.browser import chromium
from tests.world import World, make_world

__all__ = ["chromium"]

NOW = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)  # a Wednesday
UTC_ZONE = ZoneInfo("UTC")
_numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def logs() -> "logging.StreamHandler[Any]":
    """As every process of the app writes them, to where pytest listens."""
    configure_logs("INFO")
    structlog.configure(
        cache_logger_on_first_use=False
    )  # what is cached is not heard by structlog's capture_logs
    (handler,) = (one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
    return handler


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """See tests/heard.py. What pytest itself formats of a log is left aside: no process writes it like that."""
    report = yield
    if call.when == "teardown":  # by then there is a section for each phase
        printed = "\n".join(said for name, said in report.sections if "log" not in name)
        if found := heard.leaked(printed):
            report.outcome = "failed"
            report.longrepr = f"Printed or logged: {', '.join(found)}"
    return report


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """DATABASE_URL when given, so that the tests run on any PostgreSQL; otherwise an embedded one."""
    if url := os.environ.get("DATABASE_URL"):
        migrate(url)
        yield url
        return
    # Not pytest's own folder: the server runs as another user, who cannot enter it.
    server, url = embedded.start(Path(mkdtemp(prefix="mutual-tests-")), throw_away=True)
    migrate(url)
    yield url
    server.cleanup()


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()


CAST = {
    "U0ANA": Person("U0ANA", "Ana"),
    "U0BEN": Person("U0BEN", "Ben"),
    "U0CY": Person("U0CY", "Cy"),
    "U0MIA": Person("U0MIA", "Mia", is_admin=True),
    "U0ZED": Person("U0ZED", "Zed"),
    "U0BOT": Person("U0BOT", "Deploy Bot", is_bot=True),
    "U0GONE": Person("U0GONE", "Gus", is_deactivated=True),
    "U0EXT": Person("U0EXT", "Eve", is_stranger=True),
}


@pytest.fixture
async def workspace_id(database: Database) -> str:
    """A workspace with the cast: Ana and Ben are teammates, Cy is on another team, Mia manages, Zed sees nothing."""
    made = f"T0{next(_numbers):04}{os.getpid()}"
    async with database.workspace(made) as db:
        await workspaces.add(db, made, name="Acme", timezone="Europe/Berlin")
        await people.put(db, made, list(CAST.values()), NOW)
    return made


@pytest.fixture
def new_zone(tmp_path: Path) -> str:
    """A time zone that a machine which looks into `tmp_path` knows of, and the database does not yet."""
    name = "Middle/Earth"
    (tmp_path / name).parent.mkdir()
    nothing_but_utc = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + bytes(6) + b"UTC\0"
    (tmp_path / name).write_bytes(nothing_but_utc)
    return name


@pytest.fixture
async def world(database_url: str, database: Database) -> AsyncIterator[World]:
    """A sandbox workspace with Mutual in it, over real HTTP; see tests/world.py."""
    async with make_world(database_url, database) as made:
        yield made


@pytest.fixture
async def shell(world: World) -> AsyncIterator[Shell]:
    """For a test that runs a job itself."""
    async with aiohttp.ClientSession() as http:
        settings = world.settings
        yield Shell(world.database, settings.cipher, settings.slack_api_url, http, world.now)
