"""Asks. Each change is one conditional statement: of two people who press at once, one is first.

A change that is not possible any more answers None and changes nothing, so pressing twice is pressing once.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.asks import MOST_LISTED, Ask
from slackapp.domain.homes import Asking
from slackapp.domain.people import Person
from slackapp.store import offers, queue
from slackapp.store.tables import asks as table

_ASK = "ask_id, asker_id, text, kind, by_when, channel_id, people, state, asked_at, is_public"
_CARD = """(
    SELECT message_ts FROM deliveries WHERE deliveries.workspace_id = asks.workspace_id
    AND deliveries.kind = 'ask' AND period = asks.ask_id::text AND recipient = asks.channel_id
) AS card_ts"""


async def ask(db: AsyncConnection, workspace_id: str, asked: Ask) -> bool:
    """True when this ask is new. The same form sent again is the same ask."""
    made = await db.execute(
        insert(table)
        .values(
            workspace_id=workspace_id,
            ask_id=asked.ask_id,
            asker_id=asked.asker,
            text=asked.text,
            kind=asked.kind,
            by_when=asked.by_when,
            channel_id=asked.channel_id,
            people=list(asked.people),
            asked_at=asked.asked_at,
            changed_at=asked.asked_at,
        )
        .on_conflict_do_nothing()
        .returning(table.c.ask_id)
    )
    return made.one_or_none() is not None


async def find(db: AsyncConnection, workspace_id: str, ask_id: UUID) -> Ask | None:
    row = (
        await db.execute(
            text(f"SELECT {_ASK}, {_CARD} FROM asks WHERE workspace_id = :workspace_id AND ask_id = :ask_id"),  # noqa: S608
            {"workspace_id": workspace_id, "ask_id": ask_id},
        )
    ).one_or_none()
    return _ask(row) if row else None


def _change(values: str, where: str) -> TextClause:
    return text(f"""
        UPDATE asks SET {values}, changed_at = :now
        WHERE workspace_id = :workspace_id AND ask_id = :ask_id AND asker_id = :asker AND {where}
        RETURNING {_ASK}, {_CARD}
    """)  # noqa: S608 - no value of anybody's is written into the statement


_EDIT = _change("text = :text, kind = :kind, by_when = :by_when", "state = 'open'")
_CLOSE = _change("state = 'closed'", "state = 'open'")
_REOPEN = _change("state = 'open'", "state = 'closed'")
_WITHDRAW = _change("state = 'withdrawn', text = NULL", "state <> 'withdrawn'")
_ALSO = _change(
    "people = array_append(people, :other)",
    """state = 'open' AND asker_id <> :other AND NOT (:other = ANY(people))
       AND NOT EXISTS (SELECT FROM offers WHERE offers.workspace_id = asks.workspace_id
                       AND offers.ask_id = asks.ask_id AND helper_id = :other
                       AND (offers.state NOT IN ('withdrawn', 'expired') OR offers.confirmed_at IS NOT NULL))""",
)


async def edit(
    db: AsyncConnection,
    workspace_id: str,
    ask_id: UUID,
    *,
    asker: str,
    words: str,
    kind: str,
    by_when: date | None,
    now: datetime,
) -> Ask | None:
    new = {"text": words, "kind": kind, "by_when": by_when}
    return await _changed(db, _EDIT, workspace_id, ask_id, asker, now, **new)


async def close(
    db: AsyncConnection,
    workspace_id: str,
    ask_id: UUID,
    *,
    asker: str,
    now: datetime,
    helpers: Sequence[str] = (),
) -> Ask | None:
    """No more offers; those without an answer get a kind one. What was helped stays.

    `helpers`: whom the asker goes on to name, held together with those who wait.
    """
    return await _end(db, _CLOSE, workspace_id, ask_id, asker, now, helpers)


async def reopen(
    db: AsyncConnection, workspace_id: str, ask_id: UUID, *, asker: str, now: datetime
) -> Ask | None:
    """Offers that got a kind no when it was closed wait for an answer again."""
    asked = {"workspace_id": workspace_id, "ask_id": ask_id}
    closed_at = await db.scalar(
        text(
            "SELECT changed_at FROM asks WHERE workspace_id = :workspace_id AND ask_id = :ask_id FOR UPDATE"
        ),
        asked,
    )
    opened = await _changed(db, _REOPEN, workspace_id, ask_id, asker, now)
    if opened is not None:
        await offers.wait_again(db, workspace_id, ask_id, answered_at=closed_at, now=now)
    return opened


async def withdraw(
    db: AsyncConnection, workspace_id: str, ask_id: UUID, *, asker: str, now: datetime
) -> Ask | None:
    """Take the ask back: its text is gone for good. What was helped stays."""
    return await _end(db, _WITHDRAW, workspace_id, ask_id, asker, now)


async def also_ask(
    db: AsyncConnection, workspace_id: str, ask_id: UUID, *, asker: str, other: str, now: datetime
) -> Ask | None:
    """Somebody knew somebody: the ask goes to one more person. None: asked before, or they offer already."""
    return await _changed(db, _ALSO, workspace_id, ask_id, asker, now, other=other)


async def _changed(
    db: AsyncConnection,
    statement: TextClause,
    workspace_id: str,
    ask_id: UUID,
    asker: str,
    now: datetime,
    **new: Any,
) -> Ask | None:
    row = (
        await db.execute(
            statement, {"workspace_id": workspace_id, "ask_id": ask_id, "asker": asker, "now": now, **new}
        )
    ).one_or_none()
    return _ask(row) if row else None


async def _end(
    db: AsyncConnection,
    statement: TextClause,
    workspace_id: str,
    ask_id: UUID,
    asker: str,
    now: datetime,
    helpers: Sequence[str] = (),
) -> Ask | None:
    ended = await _changed(db, statement, workspace_id, ask_id, asker, now)
    await offers.hold_waiting(db, workspace_id, ask_id, [(helper, asker) for helper in helpers])
    if ended is not None:
        await offers.answer_waiting(db, workspace_id, ask_id, now)
    return ended


async def seen_by_all(db: AsyncConnection, workspace_id: str, ask_id: UUID) -> None:
    """The ask's channel is public, so its text may be shown to everybody here."""
    await db.execute(
        text(
            "UPDATE asks SET is_public = true WHERE workspace_id = :workspace_id AND ask_id = :ask_id AND NOT is_public"
        ),
        {"workspace_id": workspace_id, "ask_id": ask_id},
    )


async def stay_in(db: AsyncConnection, workspace_id: str, channel_id: str) -> None:
    """The channel is public no more, so what is asked there is shown to nobody elsewhere."""
    await db.execute(
        text(
            "UPDATE asks SET is_public = false WHERE workspace_id = :workspace_id AND channel_id = :channel AND is_public"
        ),
        {"workspace_id": workspace_id, "channel": channel_id},
    )


async def public_channels(db: AsyncConnection, workspace_id: str, *, now: datetime) -> Sequence[str]:
    """The channels whose open asks are shown to everybody here."""
    found = await db.execute(
        text(f"""
            SELECT DISTINCT channel_id FROM asks WHERE workspace_id = :workspace_id AND is_public AND {_FRESH}
        """),  # noqa: S608
        {"workspace_id": workspace_id, "now": now},
    )
    return found.scalars().all()


async def own(
    db: AsyncConnection, workspace_id: str, asker: str, *, now: datetime, limit: int = 10
) -> list[Ask]:
    """A person's own open asks, latest first."""
    return await _list(db, workspace_id, "asker_id = :user", "asked_at DESC", limit, user=asker, now=now)


async def answerable(
    db: AsyncConnection, workspace_id: str, user: str, *, now: datetime, limit: int = 5, waiting: bool = False
) -> list[Ask]:
    """Open asks this person may read and has not answered, soonest needed first, whoever asks.

    `waiting`: only those for which nobody's help was said yes to, or has come.
    """
    return await _list(
        db,
        workspace_id,
        f"""{_IN_TIME} AND {_READABLE}
           AND NOT EXISTS (SELECT FROM offers WHERE offers.workspace_id = asks.workspace_id
                           AND offers.ask_id = asks.ask_id
                           AND (helper_id = :user AND {offers.STANDS}
                                OR CAST(:waiting AS boolean) AND {offers.ON_ITS_WAY}))""",
        "by_when NULLS LAST, asked_at DESC",
        limit,
        user=user,
        now=now,
        waiting=waiting,
    )


async def readable(db: AsyncConnection, workspace_id: str, ask_id: UUID, user: str) -> Ask | None:
    """An ask that was suggested to this person, as long as it is open and they may read it."""
    row = (
        await db.execute(
            text(f"""
                SELECT {_ASK}, {_CARD} FROM asks
                WHERE workspace_id = :workspace_id AND ask_id = :ask_id AND state = 'open' AND {_READABLE}
            """),  # noqa: S608
            {"workspace_id": workspace_id, "ask_id": ask_id, "user": user},
        )
    ).one_or_none()
    return _ask(row) if row else None


async def in_channel(db: AsyncConnection, workspace_id: str, channel_id: str, *, now: datetime) -> list[Ask]:
    """Open asks whose card is in this channel, soonest needed first: one more than a list shows, which then says so."""
    return await _list(
        db,
        workspace_id,
        f"channel_id = :channel AND {_IN_TIME}",
        "by_when NULLS LAST, asked_at",
        MOST_LISTED + 1,
        channel=channel_id,
        now=now,
    )


async def to_show_in(
    db: AsyncConnection, workspace_id: str, channel_id: str, *, now: datetime
) -> Sequence[UUID]:
    """Asks whose card a channel lacks, or has as it was: to be shown now that it takes messages from us."""
    found = await db.execute(
        text(f"""
            SELECT ask_id FROM asks WHERE workspace_id = :workspace_id AND channel_id = :channel
              AND (({_FRESH}) OR EXISTS (
                SELECT FROM deliveries WHERE deliveries.workspace_id = asks.workspace_id
                AND deliveries.kind = 'ask_not_kept' AND period = asks.ask_id::text))
            ORDER BY asked_at
        """),  # noqa: S608
        {"workspace_id": workspace_id, "channel": channel_id, "now": now},
    )
    return found.scalars().all()


async def at_home(
    db: AsyncConnection, workspace_id: str, person: Person, now: datetime, today: date
) -> Asking:
    """What Home shows. Whoever has no room for more right now is not shown what others need."""
    me = person.user_id
    on_their_way = await offers.going_on(db, workspace_id, me, now)
    return Asking(
        own=tuple(await own(db, workspace_id, me, now=now)),
        answerable=tuple(await answerable(db, workspace_id, me, now=now)) if person.has_room(today) else (),
        going_on=tuple(on_their_way),
        about=await offers.words(db, workspace_id, on_their_way),
    )


#: What one person may read of what others ask. A guest may read no public channel they are not in, and which those are
#: only Slack knows.
_READABLE = """asker_id <> :user
    AND (:user = ANY(people) OR is_public AND NOT EXISTS (
        SELECT FROM people AS me WHERE me.workspace_id = asks.workspace_id
        AND me.user_id = :user AND me.is_guest))
    AND EXISTS (SELECT FROM people AS asker WHERE asker.workspace_id = asks.workspace_id
                AND asker.user_id = asks.asker_id AND NOT asker.is_deactivated)"""

#: Whoever needed it by a day that is over is not offered help any more; a day of grace is for other time zones.
_IN_TIME = "(by_when IS NULL OR by_when >= CAST(CAST(:now AS timestamptz) AS date) - 1)"

#: An open ask is shown for this long after it was last touched; then it is quietly left alone.
_FRESH = "state = 'open' AND changed_at > CAST(:now AS timestamptz) - interval '30 days'"


async def _list(
    db: AsyncConnection, workspace_id: str, where: str, order: str, limit: int, **values: Any
) -> list[Ask]:
    found = await db.execute(
        text(f"""
            SELECT {_ASK}, {_CARD} FROM asks
            WHERE workspace_id = :workspace_id AND {_FRESH} AND {where} ORDER BY {order}, ask_id LIMIT :limit
        """),  # noqa: S608 - no value of anybody's is written into the statement
        {"workspace_id": workspace_id, "limit": limit, **values},
    )
    return [_ask(row) for row in found]


async def follow_slack(db: AsyncConnection, workspace_id: str, met: Iterable[Person], now: datetime) -> None:
    """Nobody waits for whoever of these people left Slack, and the cards say so. The second time changes nothing."""
    gone = [person.user_id for person in met if person.is_deactivated]
    if gone:
        closed, over = await close_all(db, workspace_id, gone, now)
        await queue.defer(
            db,
            *(queue.keep_ask(workspace_id, ask_id) for ask_id in closed),
            *(queue.keep_offer(workspace_id, offer_id) for offer_id in over),
        )


async def close_all(
    db: AsyncConnection, workspace_id: str, user_ids: Sequence[str], now: datetime
) -> tuple[list[UUID], list[UUID]]:
    """These people left: their open asks close, and their offers without an answer are over.

    Answers the asks and the offers to show anew.
    """
    asked = {"workspace_id": workspace_id, "users": list(user_ids), "now": now}
    closed = await db.execute(
        text("""
            UPDATE asks SET state = 'closed', changed_at = :now
            WHERE workspace_id = :workspace_id AND asker_id = ANY(:users) AND state = 'open' RETURNING ask_id
        """),
        asked,
    )
    over = await offers.end_all(db, workspace_id, user_ids, now)
    touched = {*closed.scalars(), *(ask_id for _, ask_id in over if ask_id)}
    return sorted(touched), sorted(offer_id for offer_id, _ in over)


def _ask(row: Row[Any]) -> Ask:
    return Ask(
        ask_id=row.ask_id,
        asker=row.asker_id,
        text=row.text,
        kind=row.kind,
        by_when=row.by_when,
        channel_id=row.channel_id,
        people=tuple(row.people),
        state=row.state,
        asked_at=row.asked_at,
        is_public=row.is_public,
        card_ts=row.card_ts,
    )
