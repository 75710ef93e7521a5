"""When people were away: from the day they said so until their last day away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.store.tables import absences as table


@dataclass(frozen=True, slots=True)
class Absence:
    person: str
    start: date
    end: date  # the last day away


async def note(db: AsyncConnection, workspace_id: str, user_id: str, until: date | None, today: date) -> None:
    """Remember what settings say today; None: back. Saying it again changes nothing."""
    current = (table.c.workspace_id == workspace_id, table.c.user_id == user_id, table.c.ends_on >= today)
    if until is not None and until >= today:
        extended = await db.execute(
            update(table).where(*current).values(ends_on=until).returning(table.c.starts_on)
        )
        if extended.first() is None:
            await db.execute(
                insert(table)
                .values(workspace_id=workspace_id, user_id=user_id, starts_on=today, ends_on=until)
                .on_conflict_do_update(
                    index_elements=["workspace_id", "user_id", "starts_on"], set_={"ends_on": until}
                )
            )
        return
    await db.execute(delete(table).where(*current, table.c.starts_on >= today))
    await db.execute(update(table).where(*current).values(ends_on=today - timedelta(days=1)))


async def since(
    db: AsyncConnection, workspace_id: str, user_ids: Iterable[str], first: date
) -> list[Absence]:
    """Absences of these people that last until `first` or later, in order."""
    found = await db.execute(
        select(table.c.user_id, table.c.starts_on, table.c.ends_on)
        .where(
            table.c.workspace_id == workspace_id,
            table.c.user_id == func.any(list(user_ids)),
            table.c.ends_on >= first,
        )
        .order_by(table.c.user_id, table.c.starts_on)
    )
    return [Absence(*row) for row in found]
