"""Workspaces and what they chose."""

from collections.abc import Mapping

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.gestures import DEFAULT_EMOJI
from slackapp.store.tables import workspaces


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


async def join(db: AsyncConnection, workspace_id: str, enterprise_id: str) -> None:
    """A workspace that its organisation's installation serves. Its name is not known yet."""
    await db.execute(
        insert(workspaces)
        .values(
            workspace_id=workspace_id,
            name=workspace_id,
            emoji=dict(DEFAULT_EMOJI),
            enterprise_id=enterprise_id,
        )
        .on_conflict_do_update(
            index_elements=["workspace_id"], set_={"enterprise_id": enterprise_id, "uninstalled_at": None}
        )
    )


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
    await db.execute(
        update(workspaces)
        .where(workspaces.c.workspace_id == workspace_id)
        .values(emoji=dict(emoji), timezone=timezone)
    )


async def timezone(db: AsyncConnection, workspace_id: str) -> str:
    found = await db.scalar(select(workspaces.c.timezone).where(workspaces.c.workspace_id == workspace_id))
    return found or "UTC"
