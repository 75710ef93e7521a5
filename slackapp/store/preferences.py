"""What a person told us about themselves."""

from datetime import date

from sqlalchemy import Update, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.preferences import Preferences
from slackapp.store.tables import preferences


async def put(db: AsyncConnection, workspace_id: str, user_id: str, chosen: Preferences) -> None:
    values = {
        "thanked": chosen.thanked,
        "help_me": chosen.help_me,
        "need_now": chosen.need_now,
        "digest": chosen.digest,
        "away_until": chosen.away_until,
        "digest_day": chosen.digest_day,
        "digest_hour": chosen.digest_hour,
        "digest_paused_until": chosen.digest_paused_until,
        "at_capacity_until": chosen.at_capacity_until,
        "paused": chosen.paused,
    }
    await db.execute(
        insert(preferences)
        .values(workspace_id=workspace_id, user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["workspace_id", "user_id"], set_=values)
    )


async def pause_digest(db: AsyncConnection, workspace_id: str, user_id: str, until: date) -> bool:
    """No digests up to and including that day. False, and nothing is kept, for somebody who gets none anyway."""
    found = await db.execute(
        _mine(workspace_id, user_id).where(preferences.c.digest).values(digest_paused_until=until)
    )
    return bool(found.rowcount)


async def stop_digest(db: AsyncConnection, workspace_id: str, user_id: str) -> None:
    await db.execute(_mine(workspace_id, user_id).values(digest=False, digest_paused_until=None))


def _mine(workspace_id: str, user_id: str) -> Update:
    return update(preferences).where(
        preferences.c.workspace_id == workspace_id, preferences.c.user_id == user_id
    )


async def pause(db: AsyncConnection, workspace_id: str, user_id: str, paused: bool) -> None:
    """Pausing twice is pausing once; everything else they chose stays as it is."""
    await db.execute(
        insert(preferences)
        .values(workspace_id=workspace_id, user_id=user_id, paused=paused)
        .on_conflict_do_update(index_elements=["workspace_id", "user_id"], set_={"paused": paused})
    )
