"""Workspaces and what they chose."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, false, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.gestures import DEFAULT_EMOJI
from slackapp.store.tables import installations, workspaces


async def add(
    db: AsyncConnection,
    workspace_id: str,
    *,
    name: str,
    timezone: str,
    enterprise_id: str | None = None,
    is_organisation: bool = False,
) -> None:
    """A workspace that comes back keeps what it chose."""
    known = {"name": name, "enterprise_id": enterprise_id, "is_organisation": is_organisation}
    await db.execute(
        insert(workspaces)
        .values(workspace_id=workspace_id, timezone=timezone, emoji=dict(DEFAULT_EMOJI), **known)
        .on_conflict_do_update(
            index_elements=["workspace_id"],
            # Single-workspace mode does not know the organisation, and must not forget it.
            set_={
                "name": name,
                "uninstalled_at": None,
                "enterprise_id": func.coalesce(enterprise_id, workspaces.c.enterprise_id),
            },
        )
    )


async def join(
    db: AsyncConnection,
    workspace_id: str,
    enterprise_id: str,
    at: datetime,
    *,
    timezone: str,
    again: bool = True,
) -> bool:
    """A workspace that its organisation's installation serves. Its name is not known yet; what it chose it keeps.

    False, and nothing changes, when it left after `at`, or left at all unless `again`: what Slack tells late must not
    bring it back.
    """
    since_left = workspaces.c.uninstalled_at < at if again else false()
    joined = await db.execute(
        insert(workspaces)
        .values(
            workspace_id=workspace_id,
            name=workspace_id,
            timezone=timezone,
            emoji=dict(DEFAULT_EMOJI),
            enterprise_id=enterprise_id,
            installed_at=at,
        )
        .on_conflict_do_update(
            index_elements=["workspace_id"],
            set_={
                "enterprise_id": enterprise_id,
                "uninstalled_at": None,
                "installed_at": func.greatest(workspaces.c.installed_at, at),
            },
            where=or_(workspaces.c.uninstalled_at.is_(None), since_left),
        )
        .returning(workspaces.c.workspace_id)
    )
    return joined.first() is not None


async def part(
    db: AsyncConnection, workspace_id: str, enterprise_id: str, at: datetime, *, timezone: str = "UTC"
) -> bool:
    """Its organisation's installation serves it no longer. True when nothing else does, and for the first time.

    Nothing changes when it joined after `at`; and one that was never met is remembered as gone, until it is purged.
    """
    mine = workspaces.c.workspace_id == workspace_id
    theirs = workspaces.c.enterprise_id == enterprise_id
    own = select(installations.c.workspace_id).where(installations.c.workspace_id == workspace_id)
    if (await db.execute(own)).first() is not None:
        await db.execute(
            update(workspaces).where(mine, theirs, workspaces.c.installed_at <= at).values(enterprise_id=None)
        )
        return False
    before = (await db.execute(select(workspaces.c.uninstalled_at).where(mine).with_for_update())).first()
    left = await db.execute(
        insert(workspaces)
        .values(
            workspace_id=workspace_id,
            name=workspace_id,
            timezone=timezone,
            emoji=dict(DEFAULT_EMOJI),
            enterprise_id=enterprise_id,
            installed_at=at,
            uninstalled_at=at,
        )
        .on_conflict_do_update(
            index_elements=["workspace_id"],
            set_={"uninstalled_at": func.greatest(workspaces.c.uninstalled_at, at)},
            where=and_(theirs, workspaces.c.installed_at <= at),
        )
        .returning(workspaces.c.workspace_id)
    )
    return left.first() is not None and (before is None or before.uninstalled_at is None)


async def exists(db: AsyncConnection, workspace_id: str) -> bool:
    found = await db.scalar(
        select(workspaces.c.workspace_id).where(workspaces.c.workspace_id == workspace_id)
    )
    return found is not None


async def emoji(db: AsyncConnection, workspace_id: str) -> Mapping[str, str]:
    """What a reaction means here: emoji name to kind of gesture."""
    found = await db.scalar(select(workspaces.c.emoji).where(workspaces.c.workspace_id == workspace_id))
    return found or {}


async def choose(db: AsyncConnection, workspace_id: str, *, emoji: Mapping[str, str], timezone: str) -> None:
    """What emoji meant until now is remembered, so that what they gave can still be taken back."""
    await db.execute(
        update(workspaces)
        .where(workspaces.c.workspace_id == workspace_id)
        .values(
            emoji=dict(emoji), former_emoji=workspaces.c.former_emoji + workspaces.c.emoji, timezone=timezone
        )
    )


async def knows_zone(db: AsyncConnection, name: str) -> bool:
    """Whether the database has this time zone too: with one that it lacks, every query for a local day would fail."""
    found = await db.scalar(
        text("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = :name)"), {"name": name}
    )
    return bool(found)


async def timezone(db: AsyncConnection, workspace_id: str) -> str:
    found = await db.scalar(select(workspaces.c.timezone).where(workspaces.c.workspace_id == workspace_id))
    return found or "UTC"
