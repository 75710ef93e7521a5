"""When people were away: from the day they said so until their last day away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.people import Person
from slackapp.domain.weeks import local_day
from slackapp.store import people
from slackapp.store.people import Known
from slackapp.store.tables import absences as table


@dataclass(frozen=True, slots=True)
class Absence:
    person: str
    start: date
    end: date  # the last day away


async def meet(db: AsyncConnection, workspace_id: str, met: Sequence[Person], now: datetime) -> Known:
    """Remember people as the directory describes them now, and who is away. Answers who was known before."""
    before = await people.known(db, workspace_id, [person.user_id for person in met])
    await people.put(db, workspace_id, met, now)
    today = local_day(now, before.timezone)
    for person in met:
        old = before.people.get(person.user_id)
        new = replace(person, preferences=old.preferences) if old else person
        await follow(db, workspace_id, old, new, today)
    return before


async def follow(
    db: AsyncConnection, workspace_id: str, before: Person | None, person: Person, today: date
) -> None:
    """Keep to what is known of a person now. Where nothing about it changed, a vacation goes on and gets no longer."""
    before = before or Person(person.user_id, person.name)
    told = (person.on_vacation, person.preferences.away_until)
    if told != (before.on_vacation, before.preferences.away_until):
        await note(db, workspace_id, person.user_id, person.last_day_away(today), today)


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
