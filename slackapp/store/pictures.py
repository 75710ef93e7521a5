"""What pictures show, under a name made from it: the same picture is drawn, and uploaded to Slack, once."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.store.tables import pictures as table

KEPT = timedelta(days=2)  # longer than any link to it is good for
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def name_of(shows: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(shows, sort_keys=True).encode()).hexdigest()[:32]


async def put(db: AsyncConnection, workspace_id: str, shows: Mapping[str, Any], now: datetime) -> str:
    """Answers the picture's name."""
    picture_id = name_of(shows)
    values = {"shows": dict(shows), "asked_at": now}
    await db.execute(
        insert(table)
        .values(workspace_id=workspace_id, picture_id=picture_id, **values)
        .on_conflict_do_update(index_elements=["workspace_id", "picture_id"], set_=values)
    )
    return picture_id


async def find(db: AsyncConnection, workspace_id: str, picture_id: str) -> dict[str, Any] | None:
    """None for a picture that was never asked for, or was withdrawn."""
    found: dict[str, Any] | None = await db.scalar(
        select(table.c.shows).where(table.c.workspace_id == workspace_id, table.c.picture_id == picture_id)
    )
    return found or None


async def files(db: AsyncConnection, workspace_id: str, picture_ids: Collection[str]) -> dict[str, str]:
    """The files in Slack, of those pictures that were uploaded."""
    found = await db.execute(
        select(table.c.picture_id, table.c.file_id).where(
            table.c.workspace_id == workspace_id,
            table.c.picture_id.in_(picture_ids),
            table.c.file_id.is_not(None),
        )
    )
    return {row.picture_id: row.file_id for row in found}


async def uploaded(db: AsyncConnection, workspace_id: str, picture_id: str, file_id: str | None) -> None:
    """None: Slack has it no more, and it must be uploaded again."""
    await db.execute(
        update(table)
        .where(table.c.workspace_id == workspace_id, table.c.picture_id == picture_id)
        .values(file_id=file_id)
    )


async def withdraw(db: AsyncConnection, workspace_id: str, user_ids: Collection[str]) -> None:
    """Nothing shows these people's names any more; files with them are the next to be removed."""
    await db.execute(
        text(
            "UPDATE pictures SET shows = '{}', asked_at = :long_ago WHERE workspace_id = :workspace_id AND EXISTS "
            "(SELECT FROM jsonb_array_elements_text(shows -> 'nodes') AS node JOIN people ON people.name = node "
            "WHERE people.workspace_id = :workspace_id AND people.user_id = ANY(:user_ids))"
        ),
        {"workspace_id": workspace_id, "user_ids": list(user_ids), "long_ago": _LONG_AGO},
    )


async def old(db: AsyncConnection, workspace_id: str, now: datetime) -> dict[str, str | None]:
    """What nobody has asked for lately: pictures, with their files in Slack."""
    found = await db.execute(
        select(table.c.picture_id, table.c.file_id).where(
            table.c.workspace_id == workspace_id, table.c.asked_at < now - KEPT
        )
    )
    return {row.picture_id: row.file_id for row in found}


async def remove(db: AsyncConnection, workspace_id: str, picture_ids: Collection[str], now: datetime) -> None:
    """Those that somebody has asked for meanwhile stay, and are uploaded again."""
    these = (table.c.workspace_id == workspace_id, table.c.picture_id.in_(picture_ids))
    await db.execute(delete(table).where(*these, table.c.asked_at < now - KEPT))
    await db.execute(update(table).where(*these).values(file_id=None))
