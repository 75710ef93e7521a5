"""Removing what is older than it may be, a batch at a time, so that no transaction holds many rows for long."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.store.tables import OURS, workspaces

BATCH = 2000
_EVER = datetime.max.replace(tzinfo=UTC)


async def remove_notes(db: AsyncConnection, workspace_id: str, before: datetime, *, most: int = BATCH) -> int:
    """The words go; that there was a gesture stays."""
    done = await db.execute(
        text(
            "UPDATE gestures SET note = NULL WHERE workspace_id = :workspace_id AND gesture_id IN "
            "(SELECT gesture_id FROM gestures WHERE workspace_id = :workspace_id AND note IS NOT NULL "
            "AND happened_at < :before LIMIT :most FOR UPDATE)"
        ),
        {"workspace_id": workspace_id, "before": before, "most": most},
    )
    return int(done.rowcount)


async def remove_words(db: AsyncConnection, workspace_id: str, before: datetime, *, most: int = BATCH) -> int:
    """What was asked and offered goes as notes do. An ask whose words are gone is withdrawn."""
    asked = {"workspace_id": workspace_id, "before": before, "most": most}
    asks = await db.execute(
        text(
            "UPDATE asks SET state = 'withdrawn', text = NULL WHERE workspace_id = :workspace_id AND ask_id IN "
            "(SELECT ask_id FROM asks WHERE workspace_id = :workspace_id AND text IS NOT NULL "
            "AND changed_at < :before LIMIT :most FOR UPDATE)"
        ),
        asked,
    )
    offers = await db.execute(
        text(
            "UPDATE offers SET text = NULL WHERE workspace_id = :workspace_id AND offer_id IN "
            "(SELECT offer_id FROM offers WHERE workspace_id = :workspace_id AND text IS NOT NULL "
            "AND changed_at < :before LIMIT :most FOR UPDATE)"
        ),
        asked,
    )
    return int(asks.rowcount) + int(offers.rowcount)


async def remove_gestures(
    db: AsyncConnection, workspace_id: str, before: datetime, *, most: int = BATCH
) -> int:
    old = (
        await db.scalars(
            text(
                "SELECT gesture_id FROM gestures WHERE workspace_id = :workspace_id AND happened_at < :before "
                "LIMIT :most FOR UPDATE"
            ),
            {"workspace_id": workspace_id, "before": before, "most": most},
        )
    ).all()
    if old:
        asked = {"workspace_id": workspace_id, "ids": old}
        # A thanks may outlive the help it proved by one batch.
        await db.execute(
            text(
                "UPDATE gestures SET help_id = NULL WHERE workspace_id = :workspace_id AND help_id = ANY(:ids)"
            ),
            asked,
        )
        await db.execute(
            text("DELETE FROM gestures WHERE workspace_id = :workspace_id AND gesture_id = ANY(:ids)"), asked
        )
    return len(old)


async def remove_traces(
    db: AsyncConnection, workspace_id: str, before: datetime, *, most: int = BATCH
) -> int:
    """What was sent, asked and offered, who looked, and absences: kept no longer than the gestures they are about."""
    asked = {"workspace_id": workspace_id, "before": before, "most": most}
    removed = 0
    for table, moment in (
        ("deliveries", "claimed_at"),
        ("offers", "changed_at"),
        ("asks", "changed_at"),
        ("looks", "looked_at"),
        ("absences", "ends_on"),
    ):
        removed += await _remove(db, table, f"{moment} < :before", asked)
    return removed


async def _remove(db: AsyncConnection, table: str, which: str, asked: Mapping[str, Any]) -> int:
    done = await db.execute(
        text(
            f"DELETE FROM {table} WHERE workspace_id = :workspace_id AND ctid IN "  # noqa: S608
            f"(SELECT ctid FROM {table} WHERE workspace_id = :workspace_id AND {which} LIMIT :most FOR UPDATE)"
        ),
        asked,
    )
    return int(done.rowcount)


async def uninstalled_before(db: AsyncConnection, workspace_id: str, before: datetime) -> bool:
    found = await db.scalar(
        text(
            "SELECT uninstalled_at <= :before FROM workspaces WHERE workspace_id = :workspace_id FOR UPDATE"
        ),
        {"workspace_id": workspace_id, "before": before},
    )
    return bool(found)


async def purge(db: AsyncConnection, workspace_id: str, *, most: int = BATCH) -> bool:
    """A batch of what is in the workspace is gone; once nothing is left, so is the workspace. True: there may be more.

    Gestures first, since they point at each other; then what points at other tables before those.
    """
    if await remove_gestures(db, workspace_id, _EVER, most=most):
        return True
    asked = {"workspace_id": workspace_id, "most": most}
    for table in reversed(OURS):
        if await _remove(db, table.name, "true", asked):
            return table is not workspaces
    return False
