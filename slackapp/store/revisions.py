"""Whether the database is behind this version. Without Alembic, which `serve` would hold in memory for this alone."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, text

FOLDER = Path(__file__).parents[2] / "migrations"


@cache
def newest() -> str:
    """The one that no other follows."""
    said = [
        dict(re.findall(r'^(revision|down_revision) = "(\w+)"', path.read_text(), re.MULTILINE))
        for path in FOLDER.glob("versions/*.py")
    ]
    head: str
    (head,) = {one["revision"] for one in said} - {one.get("down_revision") for one in said}
    return head


def pending(db: Connection) -> bool:
    if db.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return True
    found: str | None = db.scalar(text("SELECT version_num FROM alembic_version"))
    return found != newest()
