"""What a workspace decided for everybody."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.policies import Policy
from slackapp.store.tables import channels, policies

_COLUMNS = (
    policies.c.team_makers,
    policies.c.naming,
    policies.c.named_from,
    policies.c.floor,
    policies.c.announce,
    policies.c.kudos_channel,
    policies.c.in_general,
    policies.c.celebrate_channel,
)


async def of(db: AsyncConnection, workspace_id: str) -> Policy:
    """A workspace that has not chosen has the defaults."""
    row = (await db.execute(select(*_COLUMNS).where(policies.c.workspace_id == workspace_id))).one_or_none()
    return Policy(**row._mapping) if row else Policy()


async def put(db: AsyncConnection, workspace_id: str, policy: Policy) -> None:
    values = {column.name: getattr(policy, column.name) for column in _COLUMNS}
    await db.execute(
        insert(policies)
        .values(workspace_id=workspace_id, **values)
        .on_conflict_do_update(index_elements=["workspace_id"], set_=values)
    )


@dataclass(frozen=True, slots=True)
class Channel:
    is_general: bool
    is_private: bool


async def channel(db: AsyncConnection, workspace_id: str, channel_id: str) -> Channel | None:
    """None: nobody has looked yet."""
    row = (
        await db.execute(
            select(channels.c.is_general, channels.c.is_private).where(
                channels.c.workspace_id == workspace_id, channels.c.channel_id == channel_id
            )
        )
    ).one_or_none()
    return Channel(*row) if row else None


async def met_channel(db: AsyncConnection, workspace_id: str, channel_id: str, found: Channel) -> None:
    values = {"is_general": found.is_general, "is_private": found.is_private}
    await db.execute(
        insert(channels)
        .values(workspace_id=workspace_id, channel_id=channel_id, **values)
        .on_conflict_do_update(index_elements=["workspace_id", "channel_id"], set_=values)
    )


async def forget_channel(db: AsyncConnection, workspace_id: str, channel_id: str) -> None:
    await db.execute(
        delete(channels).where(channels.c.workspace_id == workspace_id, channels.c.channel_id == channel_id)
    )
