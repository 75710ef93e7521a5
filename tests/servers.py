"""More of the PostgreSQL that the tests run on: its superuser, and databases beside theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest

from slackapp.store.database import libpq_url


def superuser(url: str) -> str:
    """Who sees all workspaces, and may make databases. Row-level security binds our own role."""
    plain = libpq_url(url)
    if "://mutual@" not in plain:
        pytest.skip("this needs a superuser, and of this server only our own role is known")
    return plain.replace("://mutual@", "://postgres:@", 1)


def beside(url: str, name: str) -> str:
    """The same server and role, another database."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextmanager
def another_database(url: str, name: str) -> Iterator[str]:
    """An empty one of ours, gone at the end."""
    admin = superuser(url)
    with psycopg.connect(admin, autocommit=True) as db:
        db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        db.execute(f'CREATE DATABASE "{name}" OWNER mutual')
    try:
        yield beside(libpq_url(url), name)
    finally:
        with psycopg.connect(admin, autocommit=True) as db:
            db.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
