"""Messages that are sent once: whoever holds the claim sends, and nobody sends again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.deliveries import ANNOUNCEMENT, GATHERED
from slackapp.store import installations
from slackapp.store.tables import deliveries as table


@dataclass(frozen=True, slots=True)
class Delivery:
    recipient: str
    outcome: str | None  # None: claimed, and nobody knows whether it arrived
    channel_id: str | None
    message_ts: str | None


async def claim(
    db: AsyncConnection, workspace_id: str, recipient: str, kind: str, period: str, now: datetime
) -> bool:
    """True for exactly one caller, who must now send and then `finish` or `release`."""
    mine = await db.execute(
        insert(table)
        .values(workspace_id=workspace_id, recipient=recipient, kind=kind, period=period, claimed_at=now)
        .on_conflict_do_nothing()
        .returning(table.c.recipient)
    )
    return mine.one_or_none() is not None


async def release(db: AsyncConnection, workspace_id: str, recipient: str, kind: str, period: str) -> None:
    """Give the claim back: it was definitely not sent, and may be tried again."""
    await db.execute(
        delete(table).where(
            table.c.workspace_id == workspace_id,
            table.c.recipient == recipient,
            table.c.kind == kind,
            table.c.period == period,
            table.c.outcome.is_(None),
        )
    )


async def forget(
    db: AsyncConnection,
    workspace_id: str,
    recipient: str,
    kinds: Collection[str],
    outcomes: Collection[str],
) -> list[str]:
    """What ended in one of these ways may be sent again. Answers the periods."""
    gone = await db.execute(
        delete(table)
        .where(
            table.c.workspace_id == workspace_id,
            table.c.recipient == recipient,
            table.c.kind == func.any(list(kinds)),
            table.c.outcome == func.any(list(outcomes)),
        )
        .returning(table.c.period)
    )
    return sorted(gone.scalars())


async def finish(
    db: AsyncConnection,
    workspace_id: str,
    recipient: str,
    kind: str,
    period: str,
    *,
    outcome: str,
    channel_id: str | None = None,
    message_ts: str | None = None,
) -> None:
    """`outcome` is “sent”, or Slack's word for why it never will be."""
    await db.execute(
        update(table)
        .where(
            table.c.workspace_id == workspace_id,
            table.c.recipient == recipient,
            table.c.kind == kind,
            table.c.period == period,
        )
        .values(outcome=outcome, channel_id=channel_id, message_ts=message_ts)
    )


async def about(db: AsyncConnection, workspace_id: str, kind: str, period: str) -> dict[str, Delivery]:
    """What was sent about something, by recipient."""
    found = await db.execute(
        select(table.c.recipient, table.c.outcome, table.c.channel_id, table.c.message_ts).where(
            table.c.workspace_id == workspace_id, table.c.kind == kind, table.c.period == period
        )
    )
    return {row.recipient: Delivery(*row) for row in found}


async def begun_with(
    db: AsyncConnection, workspace_id: str, recipient: str, kind: str, beginning: str
) -> dict[str, Delivery]:
    """What one recipient was sent about things whose name begins so, by the whole name."""
    found = await db.execute(
        select(table.c.period, table.c.outcome, table.c.channel_id, table.c.message_ts).where(
            table.c.workspace_id == workspace_id,
            table.c.recipient == recipient,
            table.c.kind == kind,
            table.c.period.startswith(beginning, autoescape=True),
        )
    )
    return {period: Delivery(recipient, *told) for period, *told in found}


async def posted_to(db: AsyncConnection, workspace_id: str, kind: str) -> list[str]:
    """Who has a message of this kind."""
    found = await db.execute(
        select(table.c.recipient)
        .distinct()
        .where(table.c.workspace_id == workspace_id, table.c.kind == kind, table.c.message_ts.is_not(None))
    )
    return sorted(found.scalars())


async def announced_by(db: AsyncConnection, workspace_id: str, channel_id: str, message_ts: str) -> list[str]:
    """What a message of ours announces, of one giver or of several. None of it: it is about something else."""
    found = await db.execute(
        select(table.c.kind, table.c.recipient, table.c.period).where(
            table.c.workspace_id == workspace_id,
            table.c.channel_id == channel_id,
            table.c.message_ts == message_ts,
            table.c.kind.in_((ANNOUNCEMENT, GATHERED)),
        )
    )
    row = found.one_or_none()
    if row is None or row.kind == ANNOUNCEMENT:
        return [row.period] if row else []
    return await ended(db, workspace_id, row.recipient, ANNOUNCEMENT, f"{GATHERED}:{row.period}")


async def lately(db: AsyncConnection, workspace_id: str, recipient: str, kind: str, since: datetime) -> int:
    """How many messages of this kind the recipient has had since then."""
    found = await db.scalar(
        select(func.count())
        .select_from(table)
        .where(
            table.c.workspace_id == workspace_id,
            table.c.recipient == recipient,
            table.c.kind == kind,
            table.c.claimed_at > since,
            or_(table.c.outcome.is_(None), table.c.outcome == "sent"),
        )
    )
    return found or 0


async def closed(db: AsyncConnection, workspace_id: str, outcomes: Collection[str], since: datetime) -> bool:
    """Whether anything ended so since then, and since the app was installed: each install may open what was closed."""
    installed = await installations.since(db, workspace_id)
    found = await db.scalar(
        select(
            exists().where(
                table.c.workspace_id == workspace_id,
                table.c.outcome.in_(outcomes),
                table.c.claimed_at > max(since, installed or since),
            )
        )
    )
    return bool(found)


async def ended(db: AsyncConnection, workspace_id: str, recipient: str, kind: str, outcome: str) -> list[str]:
    """What ended this way for the recipient: periods, in the order in which they were claimed."""
    found = await db.execute(
        select(table.c.period)
        .where(
            table.c.workspace_id == workspace_id,
            table.c.recipient == recipient,
            table.c.kind == kind,
            table.c.outcome == outcome,
        )
        .order_by(table.c.claimed_at, table.c.period)
    )
    return list(found.scalars())
