"""What pictures show, under a name made from it: the same picture is drawn and fetched once."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.store.tables import pictures as table

KEPT = timedelta(days=2)  # longer than any link to it is good for


async def put(db: AsyncConnection, workspace_id: str, shows: Mapping[str, Any], now: datetime) -> str:
    """Answers the picture's name."""
    picture_id = hashlib.sha256(json.dumps(shows, sort_keys=True).encode()).hexdigest()[:32]
    await db.execute(
        insert(table)
        .values(workspace_id=workspace_id, picture_id=picture_id, shows=dict(shows), asked_at=now)
        .on_conflict_do_update(index_elements=["workspace_id", "picture_id"], set_={"asked_at": now})
    )
    return picture_id


async def find(db: AsyncConnection, workspace_id: str, picture_id: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = await db.scalar(
        select(table.c.shows).where(table.c.workspace_id == workspace_id, table.c.picture_id == picture_id)
    )
    return found


async def forget(db: AsyncConnection, workspace_id: str, now: datetime) -> None:
    await db.execute(delete(table).where(table.c.workspace_id == workspace_id, table.c.asked_at < now - KEPT))
