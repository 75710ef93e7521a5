"""Whether the database is behind this version. Without Alembic, which `serve` would hold in memory for this alone."""

import re
from functools import cache

from sqlalchemy import Connection, text

from slackapp.files import shipped

FOLDER = shipped("migrations")


@cache
def _known() -> tuple[frozenset[str], str]:
    """Every revision there is, and the one that no other follows."""
    said = [
        dict(re.findall(r'^(revision|down_revision) = "(\w+)"', path.read_text(), re.MULTILINE))
        for path in FOLDER.glob("versions/*.py")
    ]
    every = frozenset(one["revision"] for one in said)
    (newest,) = every - {one.get("down_revision") for one in said}
    return every, newest


def newest() -> str:
    return _known()[1]


def pending(db: Connection) -> bool:
    """Ahead of this version is fine: the next version's migrations only add."""
    if db.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return True
    found: str | None = db.scalar(text("SELECT version_num FROM alembic_version"))
    every, head = _known()
    return found is None or (found in every and found != head)
