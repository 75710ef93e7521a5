"""What the weekly digests are made from, and who has had theirs."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.balances import WINDOW_WEEKS, balance
from slackapp.domain.digests import Celebrated, DigestFacts, OpenAsk, Suggestion, due, period_of, zone_of
from slackapp.domain.people import Person
from slackapp.domain.weeks import WEEK, local_day, monday_of
from slackapp.store import asks, findings, gestures, people
from slackapp.store.tables import channels, deliveries, preferences
from slackapp.store.tables import gestures as gestures_table

KIND = "digest"
MOST_CELEBRATED = 12  # in one message


async def waiting(
    db: AsyncConnection, workspace_id: str, now: datetime, only: Collection[str] | None = None
) -> list[tuple[Person, str]]:
    """Who is due now and has not had it: (person, period), in the order of ids."""
    opted = select(preferences.c.user_id).where(
        preferences.c.workspace_id == workspace_id, preferences.c.digest.is_(True)
    )
    if only is not None:
        opted = opted.where(preferences.c.user_id == func.any(list(only)))
    known = await people.known(db, workspace_id, (await db.execute(opted)).scalars().all())
    found = [
        (person, period)
        for person in known.people.values()
        if (period := due(person, now, known.timezone)) is not None
    ]
    told = await _told(db, workspace_id, {period for _, period in found})
    return sorted(
        ((person, period) for person, period in found if (person.user_id, period) not in told),
        key=lambda pair: pair[0].user_id,
    )


async def _told(db: AsyncConnection, workspace_id: str, periods: Collection[str]) -> set[tuple[str, str]]:
    if not periods:
        return set()
    rows = await db.execute(
        select(deliveries.c.recipient, deliveries.c.period).where(
            deliveries.c.workspace_id == workspace_id,
            deliveries.c.kind == KIND,
            deliveries.c.period == func.any(list(periods)),
        )
    )
    return {(row.recipient, row.period) for row in rows}


async def still_due(db: AsyncConnection, workspace_id: str, user_id: str, now: datetime) -> bool:
    """False once their day is over, and when they have stopped or paused it since a run began."""
    known = await people.known(db, workspace_id, [user_id])
    person = known.people.get(user_id)
    return person is not None and due(person, now, known.timezone) is not None


async def facts(db: AsyncConnection, workspace_id: str, user_id: str, now: datetime) -> DigestFacts | None:
    """One person's week. None for somebody we have not met."""
    known = await people.known(db, workspace_id, [user_id])
    person = known.people.get(user_id)
    if person is None:
        return None
    today = local_day(now, zone_of(person.timezone, known.timezone))
    # Over where they are: of the week that has just begun, a digest on Monday morning could only say that it is empty.
    weeks = [monday_of(today) - WEEK * back for back in range(WINDOW_WEEKS, 0, -1)]
    tallies = await gestures.tallies(db, workspace_id, user_id, weeks[0])
    notes = [
        note
        for note in await gestures.latest_notes(db, workspace_id, user_id, 5)
        if note.happened_at > now - WEEK
    ]
    waiting = await _open_asks(db, workspace_id, person, now, today)
    suggested = await _suggested(db, workspace_id, user_id, period_of(today))
    others = (
        {tally.other for tally in tallies} | {note.giver for note in notes} | {ask.asker for ask in waiting}
    )
    met = (await people.known(db, workspace_id, others)).people
    return DigestFacts(
        person=person,
        today=today,
        balance=balance(tallies, weeks),
        tallies=tuple(tallies),
        notes=tuple(notes),
        names={other.user_id: other.name for other in met.values()},
        asks=tuple(waiting),
        findings=tuple(await findings.for_person(db, workspace_id, user_id, today)),
        suggested=tuple(suggested),
        here=frozenset(other.user_id for other in met.values() if other.is_here(today)),
        with_room=frozenset(other.user_id for other in met.values() if other.has_room(today)),
    )


SUGGESTED = "suggested"


async def suggest(
    db: AsyncConnection, workspace_id: str, user_id: str, found: Suggestion, period: str, now: datetime
) -> None:
    """This person's digest of that period suggests it: no later one does. Doing it again changes nothing."""
    await db.execute(
        insert(deliveries)
        .values(
            workspace_id=workspace_id,
            recipient=user_id,
            kind=SUGGESTED,
            # The id last, where it is found when its person changes or leaves.
            period=f"{found.what} {found.day} {found.about}",
            claimed_at=now,
            outcome=period,
        )
        .on_conflict_do_nothing()
    )


async def _suggested(db: AsyncConnection, workspace_id: str, user_id: str, period: str) -> list[Suggestion]:
    """What digests of other periods suggested; that of this one may have to be written again."""
    told = await db.execute(
        select(deliveries.c.period).where(
            deliveries.c.workspace_id == workspace_id,
            deliveries.c.recipient == user_id,
            deliveries.c.kind == SUGGESTED,
            deliveries.c.outcome != period,
        )
    )
    found = []
    for (key,) in told:
        what, day, about = key.split(" ", 2)
        found.append(Suggestion(what, about, date.fromisoformat(day)))
    return found


async def _open_asks(
    db: AsyncConnection, workspace_id: str, person: Person, now: datetime, today: date
) -> list[OpenAsk]:
    """What this person could answer, and nobody does yet; nothing for somebody who has no room for more right now."""
    if not person.has_room(today):
        return []
    found = await asks.answerable(db, workspace_id, person.user_id, now=now, waiting=True)
    return [OpenAsk(str(ask.ask_id), ask.asker, ask.asked_at.date()) for ask in found]


async def celebrated(
    db: AsyncConnection, workspace_id: str, channel_id: str, first: date, after: date
) -> tuple[list[Celebrated], int]:
    """What may be told in this channel of what was given from `first` until before `after`, and how much there is.

    Only what was given there or in a channel known to be public, and nobody who prefers private thanks.
    """
    rows = await db.execute(
        select(
            gestures_table.c.giver_id,
            gestures_table.c.kind,
            func.min(gestures_table.c.note).label("note"),
            func.array_agg(gestures_table.c.receiver_id).label("receivers"),
            func.count().over().label("all"),
        )
        .select_from(_GIVEN)
        .where(*_to_celebrate(workspace_id, channel_id, first, after))
        .group_by(gestures_table.c.source_key, gestures_table.c.giver_id, gestures_table.c.kind)
        .order_by(func.min(gestures_table.c.happened_at))
        .limit(MOST_CELEBRATED)
    )
    found = rows.all()
    given = [Celebrated(row.giver_id, tuple(sorted(row.receivers)), row.kind, row.note) for row in found]
    return given, found[0].all if found else 0


async def celebrated_from(
    db: AsyncConnection, workspace_id: str, channel_id: str, first: date, after: date
) -> Sequence[str]:
    """The other channels out of which something would be told in this one."""
    found = await db.execute(
        select(gestures_table.c.channel_id)
        .distinct()
        .select_from(_GIVEN)
        .where(
            *_to_celebrate(workspace_id, channel_id, first, after), gestures_table.c.channel_id != channel_id
        )
    )
    return found.scalars().all()


_GIVEN = gestures_table.outerjoin(
    preferences,
    and_(
        preferences.c.workspace_id == gestures_table.c.workspace_id,
        preferences.c.user_id == gestures_table.c.receiver_id,
    ),
).outerjoin(
    channels,
    and_(
        channels.c.workspace_id == gestures_table.c.workspace_id,
        channels.c.channel_id == gestures_table.c.channel_id,
    ),
)


def _to_celebrate(
    workspace_id: str, channel_id: str, first: date, after: date
) -> tuple[ColumnElement[bool], ...]:
    return (
        gestures_table.c.workspace_id == workspace_id,
        or_(gestures_table.c.channel_id == channel_id, channels.c.is_private.is_(False)),
        gestures_table.c.day >= first,
        gestures_table.c.day < after,
        gestures_table.c.retracted_at.is_(None),
        gestures_table.c.visibility == "channel",
        gestures_table.c.kind == func.any(["kudos", "thanks"]),
        func.coalesce(preferences.c.thanked, "either") != "private",
    )
