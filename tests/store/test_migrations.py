"""A database is behind, up to date, or ahead of the version that looks at it."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text

from slackapp.store.database import driver_url
from slackapp.store.migrations import check, migrate
from slackapp.store.revisions import pending
from tests.servers import another_database


@pytest.fixture
def empty(database_url: str) -> Iterator[str]:
    with another_database(database_url, f"migrations_{os.getpid()}") as url:
        yield url


def is_behind(url: str, *, revision: str | None = None) -> bool:
    engine = create_engine(driver_url(url))
    with engine.begin() as db:
        if revision:
            db.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        found = pending(db)
    engine.dispose()
    return found


def test_a_process_is_ready_from_its_own_migration_on_and_stays_so_through_the_next(empty: str) -> None:
    """While versions are exchanged one process after another, the old ones go on answering."""
    assert is_behind(empty)
    migrate(empty)
    assert not is_behind(empty)
    assert is_behind(empty, revision="teams")
    assert not is_behind(empty, revision="of_the_next_version")


def test_two_at_once_and_once_more_do_no_harm(empty: str) -> None:
    with ThreadPoolExecutor(2) as both:
        list(both.map(migrate, [empty, empty]))
    migrate(empty)

    check(empty)
