"""Asks and offers. Each step is one conditional statement: of two people who press at once, one is first.

A step that is not possible any more answers None and changes nothing, so pressing twice is pressing once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.asks import ON_ITS_WAY_FOR, OPEN_FOR, Ask, Offer, offer_id_of
from slackapp.domain.gestures import Gesture, Mark, Recorded, Source, gesture_id
from slackapp.domain.homes import Asking
from slackapp.domain.people import Person
from slackapp.store import chains, gestures
from slackapp.store.tables import asks as table

_ASK = "ask_id, asker_id, text, kind, by_when, channel_id, people, state, asked_at, is_public"
_CARD = """(
    SELECT message_ts FROM deliveries WHERE deliveries.workspace_id = asks.workspace_id
    AND deliveries.kind = 'ask' AND period = asks.ask_id::text AND recipient = asks.channel_id
) AS card_ts"""

_HELPED = """(confirmed_at IS NOT NULL OR EXISTS (
    SELECT FROM gestures AS thanks WHERE thanks.workspace_id = offers.workspace_id
    AND thanks.help_id = offers.help_id AND thanks.retracted_at IS NULL))"""


# Asks ---------------------------------------------------------------------------------------------------------


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
                       AND offers.state NOT IN ('withdrawn', 'expired'))""",
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
    db: AsyncConnection, workspace_id: str, ask_id: UUID, *, asker: str, now: datetime
) -> Ask | None:
    """No more offers; those without an answer get a kind one. What was helped stays."""
    return await _end(db, _CLOSE, workspace_id, ask_id, asker, now)


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
        answered = "ask_id = :ask_id AND state = 'declined' AND changed_at = :closed_at"
        await _hold(db, workspace_id, answered, ask_id=ask_id, closed_at=closed_at)
        await db.execute(
            text(f"""
                UPDATE offers SET state = 'pending', changed_at = :now
                WHERE workspace_id = :workspace_id AND {answered} AND NOT {_HELPED}
            """),  # noqa: S608
            {**asked, "now": now, "closed_at": closed_at},
        )
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
    db: AsyncConnection, statement: TextClause, workspace_id: str, ask_id: UUID, asker: str, now: datetime
) -> Ask | None:
    ended = await _changed(db, statement, workspace_id, ask_id, asker, now)
    if ended is not None:
        await _hold(db, workspace_id, "ask_id = :ask_id AND state = 'pending'", ask_id=ask_id)
        await db.execute(
            text(f"""
                UPDATE offers SET state = 'declined', changed_at = :now
                WHERE workspace_id = :workspace_id AND ask_id = :ask_id AND state = 'pending' AND NOT {_HELPED}
            """),  # noqa: S608
            {"workspace_id": workspace_id, "ask_id": ask_id, "now": now},
        )
    return ended


async def seen_by_all(db: AsyncConnection, workspace_id: str, ask_id: UUID) -> None:
    """The ask's channel is public, so its text may be shown to everybody here."""
    await db.execute(
        text(
            "UPDATE asks SET is_public = true WHERE workspace_id = :workspace_id AND ask_id = :ask_id AND NOT is_public"
        ),
        {"workspace_id": workspace_id, "ask_id": ask_id},
    )


async def own(
    db: AsyncConnection, workspace_id: str, asker: str, *, now: datetime, limit: int = 10
) -> list[Ask]:
    """A person's own open asks, latest first."""
    return await _list(db, workspace_id, "asker_id = :user", "asked_at DESC", limit, user=asker, now=now)


async def answerable(
    db: AsyncConnection, workspace_id: str, user: str, *, now: datetime, limit: int = 5
) -> list[Ask]:
    """Open asks this person may read and has not answered, soonest needed first, whoever asks."""
    return await _list(
        db,
        workspace_id,
        f"""asker_id <> :user AND (is_public OR :user = ANY(people)) AND {_IN_TIME}
           AND EXISTS (SELECT FROM people AS asker WHERE asker.workspace_id = asks.workspace_id
                       AND asker.user_id = asks.asker_id AND NOT asker.is_deactivated)
           AND NOT EXISTS (SELECT FROM offers WHERE offers.workspace_id = asks.workspace_id
                           AND offers.ask_id = asks.ask_id AND helper_id = :user AND offers.state <> 'withdrawn')""",  # noqa: S608
        "by_when NULLS LAST, asked_at DESC",
        limit,
        user=user,
        now=now,
    )


async def in_channel(
    db: AsyncConnection, workspace_id: str, channel_id: str, *, now: datetime, limit: int = 15
) -> list[Ask]:
    """Open asks whose card is in this channel, soonest needed first."""
    return await _list(
        db,
        workspace_id,
        f"channel_id = :channel AND {_IN_TIME}",
        "by_when NULLS LAST, asked_at",
        limit,
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
    offers = await going_on(db, workspace_id, me, now)
    return Asking(
        own=tuple(await own(db, workspace_id, me, now=now)),
        answerable=tuple(await answerable(db, workspace_id, me, now=now)) if person.has_room(today) else (),
        going_on=tuple(offers),
        about=await _words(db, workspace_id, offers),
    )


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


async def close_all(
    db: AsyncConnection, workspace_id: str, user: str, now: datetime
) -> tuple[list[UUID], list[UUID]]:
    """Somebody left: their open asks close, and their offers without an answer are over.

    Answers the asks and the offers to show anew.
    """
    asked = {"workspace_id": workspace_id, "user": user, "now": now}
    closed = await db.execute(
        text("""
            UPDATE asks SET state = 'closed', changed_at = :now
            WHERE workspace_id = :workspace_id AND asker_id = :user AND state = 'open' RETURNING ask_id
        """),
        asked,
    )
    theirs = "(helper_id = :user OR receiver_id = :user) AND state = 'pending'"
    await _hold(db, workspace_id, theirs, user=user)
    expired = await db.execute(
        text(f"""
            UPDATE offers SET state = 'expired', changed_at = :now
            WHERE workspace_id = :workspace_id AND {theirs} AND NOT {_HELPED}
            RETURNING offer_id, ask_id
        """),  # noqa: S608
        asked,
    )
    over = expired.all()
    asks = {*closed.scalars(), *(row.ask_id for row in over if row.ask_id)}
    return sorted(asks), sorted(row.offer_id for row in over)


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


# Offers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """What a step did: the offer as it is now, and the gestures that changed with it."""

    offer: Offer
    changed: Sequence[Recorded]


_MOMENTS = "CAST(:now AS timestamptz), CAST(:now AS timestamptz)"

_OFFER = text(f"""
    WITH asked AS (
        -- Locked: an ask that is being closed right now is waited for, and then it takes no offer.
        SELECT ask_id, asker_id FROM asks
        WHERE workspace_id = :workspace_id AND ask_id = :ask_id AND state = 'open' AND asker_id <> :helper
          AND (channel_id IS NOT NULL OR :helper = ANY(people))
        FOR SHARE
    )
    INSERT INTO offers (workspace_id, offer_id, ask_id, helper_id, receiver_id, help_id, offered_at, changed_at)
    SELECT :workspace_id, :offer_id, ask_id, :helper, asker_id, :help_id, {_MOMENTS} FROM asked
    ON CONFLICT (workspace_id, offer_id) DO UPDATE SET
        state = 'pending', claimed_at = NULL, offered_at = excluded.offered_at, changed_at = excluded.changed_at
    WHERE offers.state IN ('withdrawn', 'expired') AND offers.confirmed_at IS NULL
    RETURNING offer_id
""")  # noqa: S608

_OFFER_UNASKED = text(f"""
    INSERT INTO offers (workspace_id, offer_id, helper_id, receiver_id, help_id, text, offered_at, changed_at)
    VALUES (:workspace_id, :offer_id, :helper, :receiver, :help_id, :text, {_MOMENTS})
    ON CONFLICT (workspace_id, offer_id) DO NOTHING
    RETURNING offer_id
""")  # noqa: S608

_NAMED = text(f"""
    INSERT INTO offers (workspace_id, offer_id, ask_id, helper_id, receiver_id, help_id, state, confirmed_at,
                        offered_at, changed_at)
    SELECT :workspace_id, :offer_id, :ask_id, :helper, :receiver, :help_id, 'accepted', CAST(:now AS timestamptz),
           {_MOMENTS}
    FROM asks
    WHERE workspace_id = :workspace_id AND ask_id = :ask_id AND asker_id = :receiver AND state <> 'withdrawn'
      -- Thanked for it already: that help is counted.
      AND NOT EXISTS (
        SELECT FROM gestures AS proven JOIN gestures AS thanks
            ON thanks.workspace_id = proven.workspace_id AND thanks.help_id = proven.gesture_id
        WHERE proven.workspace_id = :workspace_id AND proven.giver_id = :helper AND proven.receiver_id = :receiver
          AND proven.kind = 'help' AND proven.retracted_at IS NULL AND thanks.retracted_at IS NULL
          AND proven.happened_at >= asks.asked_at AND proven.source_key NOT LIKE 'offer:%')
    ON CONFLICT (workspace_id, offer_id) DO UPDATE SET
        state = 'accepted', confirmed_at = coalesce(offers.confirmed_at, excluded.confirmed_at),
        changed_at = excluded.changed_at
    WHERE offers.confirmed_at IS NULL
    RETURNING offer_id
""")  # noqa: S608


async def offer(
    db: AsyncConnection, workspace_id: str, ask: Ask, *, helper: str, now: datetime, day: date
) -> Step | None:
    """Offer help to an open ask. None: it is closed, not theirs to answer, or answered by them already."""
    offer_id = offer_id_of(workspace_id, helper, ask.ask_id)
    return await _make(
        db,
        _OFFER,
        workspace_id,
        offer_id,
        helper=helper,
        receiver=ask.asker,
        visibility=ask.visibility,
        now=now,
        day=day,
        ask_id=ask.ask_id,
    )


async def offer_unasked(
    db: AsyncConnection,
    workspace_id: str,
    source_key: str,
    *,
    helper: str,
    receiver: str,
    words: str,
    now: datetime,
    day: date,
) -> Step | None:
    """Offer help nobody asked for. The same form sent again is the same offer, and answers None."""
    offer_id = offer_id_of(workspace_id, helper, f"{source_key}|{receiver}")
    return await _make(
        db,
        _OFFER_UNASKED,
        workspace_id,
        offer_id,
        helper=helper,
        receiver=receiver,
        visibility="private",
        now=now,
        day=day,
        text=words,
    )


async def name_helper(
    db: AsyncConnection, workspace_id: str, ask: Ask, *, helper: str, now: datetime, day: date
) -> Step | None:
    """The asker says who helped, offered or not. None: counted already, by an offer or by thanks."""
    await chains.hold(db, workspace_id, [(helper, ask.asker)])
    offer_id = offer_id_of(workspace_id, helper, ask.ask_id)
    return await _make(
        db,
        _NAMED,
        workspace_id,
        offer_id,
        helper=helper,
        receiver=ask.asker,
        visibility=ask.visibility,
        now=now,
        day=day,
        ask_id=ask.ask_id,
    )


async def _make(
    db: AsyncConnection,
    statement: TextClause,
    workspace_id: str,
    offer_id: UUID,
    *,
    helper: str,
    receiver: str,
    visibility: str,
    now: datetime,
    day: date,
    **values: Any,
) -> Step | None:
    def gesture(kind: str) -> Gesture:
        return Gesture(helper, receiver, kind, Source(f"{chains.SOURCE}{offer_id}"), now, day, visibility)

    made = (
        await db.execute(
            statement,
            {
                "workspace_id": workspace_id,
                "offer_id": offer_id,
                "helper": helper,
                "receiver": receiver,
                "help_id": gesture_id(workspace_id, gesture("help")),
                "now": now,
                **values,
            },
        )
    ).one_or_none()
    if made is None:
        return None
    changed = await gestures.record(db, workspace_id, [gesture("offer")], Mark("chain"), now)
    await gestures.record(db, workspace_id, [gesture("help")], Mark("chain", on=False), now)
    return await _stepped(db, workspace_id, offer_id, now, changed)


def _step(values: str, where: str) -> TextClause:
    return text(f"""
        UPDATE offers SET {values}, changed_at = CAST(:now AS timestamptz)
        WHERE workspace_id = :workspace_id AND offer_id = :offer_id AND {where} RETURNING offer_id
    """)  # noqa: S608 - no value of anybody's is written into the statement


_ACCEPT = _step(
    "state = 'accepted'",
    f"""receiver_id = :by AND state IN ('pending', 'declined', 'expired') AND NOT {_HELPED}
        AND NOT EXISTS (SELECT FROM people WHERE people.workspace_id = offers.workspace_id
                        AND people.user_id = offers.helper_id AND is_deactivated)""",
)
_DECLINE = _step(
    "state = 'declined'", f"receiver_id = :by AND state IN ('pending', 'expired') AND NOT {_HELPED}"
)
_TAKE_BACK = _step(
    "state = 'withdrawn', text = NULL", f"helper_id = :by AND state <> 'withdrawn' AND NOT {_HELPED}"
)
_CLAIM = _step(
    "claimed_at = CAST(:now AS timestamptz)",
    f"helper_id = :by AND state IN ('pending', 'accepted', 'expired') AND claimed_at IS NULL AND NOT {_HELPED}",
)
_NOT_YET = _step("claimed_at = NULL", "receiver_id = :by AND claimed_at IS NOT NULL AND confirmed_at IS NULL")
_CONFIRM = _step(
    "state = 'accepted', confirmed_at = CAST(:now AS timestamptz)",
    "receiver_id = :by AND state <> 'withdrawn' AND confirmed_at IS NULL",
)
_UNCONFIRM = _step("confirmed_at = NULL", "receiver_id = :by AND confirmed_at IS NOT NULL")

#: What may be done with an offer: by the receiver (accept, decline, confirm, not_yet, unconfirm) or the helper.
STEPS = {
    "accept": _ACCEPT,
    "decline": _DECLINE,
    "confirm": _CONFIRM,
    "unconfirm": _UNCONFIRM,
    "not_yet": _NOT_YET,
    "claim": _CLAIM,
    "take_back": _TAKE_BACK,
}


async def step(
    db: AsyncConnection, workspace_id: str, offer_id: UUID, what: str, *, by: str, now: datetime
) -> Step | None:
    """Do `what`, a key of STEPS. None: not theirs to do, not possible now, or done before."""
    asked = {"workspace_id": workspace_id, "offer_id": offer_id, "by": by, "now": now}
    await _hold(db, workspace_id, "offer_id = :offer_id", offer_id=offer_id)
    if (await db.execute(STEPS[what], asked)).one_or_none() is None:
        return None
    return await _stepped(db, workspace_id, offer_id, now, [])


async def _stepped(
    db: AsyncConnection, workspace_id: str, offer_id: UUID, now: datetime, changed: Sequence[Recorded]
) -> Step:
    settled = await gestures.settle_offers(db, workspace_id, [offer_id], now)
    found = await find_offer(db, workspace_id, offer_id)
    assert found is not None
    return Step(found, [*changed, *settled])


_OFFERS = f"""
    SELECT offer_id, ask_id, helper_id, receiver_id, state, text, offered_at, help_id,
           claimed_at IS NOT NULL AS claimed,
           {_HELPED} AS helped,
           EXISTS (SELECT FROM gestures AS thanks WHERE thanks.workspace_id = offers.workspace_id
                   AND thanks.help_id = offers.help_id AND thanks.retracted_at IS NULL) AS thanked
    FROM offers WHERE workspace_id = :workspace_id
"""  # noqa: S608


async def _hold(db: AsyncConnection, workspace_id: str, where: str, **values: Any) -> None:
    """Hold the pairs of these offers."""
    pairs = "SELECT DISTINCT helper_id, receiver_id FROM offers"
    found = await db.execute(
        text(f"{pairs} WHERE workspace_id = :workspace_id AND {where}"),
        {"workspace_id": workspace_id, **values},
    )
    await chains.hold(db, workspace_id, [(row.helper_id, row.receiver_id) for row in found])


async def find_offer(
    db: AsyncConnection, workspace_id: str, offer_id: UUID, *, hold: bool = False
) -> Offer | None:
    """`hold`: nobody else decides anything about it until the transaction is over."""
    if hold:
        await _hold(db, workspace_id, "offer_id = :offer_id", offer_id=offer_id)
    found = await _offers(db, workspace_id, "offer_id = :offer_id", offer_id=offer_id)
    return found[0] if found else None


async def offers_to(db: AsyncConnection, workspace_id: str, ask_id: UUID) -> list[Offer]:
    """Every offer this ask has had, first come first."""
    return await _offers(db, workspace_id, "ask_id = :ask_id", ask_id=ask_id)


_GOING_ON = """(helper_id = :user OR receiver_id = :user)
    AND CASE WHEN state = 'pending' AND claimed_at IS NULL OR confirmed_at IS NOT NULL
             THEN changed_at > CAST(:now AS timestamptz) - CAST(:open_for AS interval)
             ELSE changed_at > CAST(:now AS timestamptz) - CAST(:on_its_way_for AS interval) END
    AND NOT EXISTS (
        SELECT FROM people WHERE people.workspace_id = offers.workspace_id AND is_deactivated
        AND user_id = CASE WHEN helper_id = :user THEN receiver_id ELSE helper_id END)
    -- Thanks that came too late to belong to it say that it is over.
    AND NOT EXISTS (
        SELECT FROM gestures AS later WHERE later.workspace_id = offers.workspace_id AND later.kind = 'thanks'
        AND later.giver_id = offers.receiver_id AND later.receiver_id = offers.helper_id
        AND later.retracted_at IS NULL AND later.happened_at > offers.changed_at + CAST(:open_for AS interval))
"""


async def going_on(db: AsyncConnection, workspace_id: str, user: str, now: datetime) -> list[Offer]:
    """Offers by or to this person that wait for a next step: an answer, the help, or the thanks for it.

    What waits for this person comes first, and the latest before others.
    """
    found = await _offers(
        db, workspace_id, _GOING_ON, user=user, now=now, open_for=OPEN_FOR, on_its_way_for=ON_ITS_WAY_FOR
    )
    waiting = [
        offer
        for offer in reversed(found)
        if offer.stage in {"pending", "accepted"}
        or (offer.stage == "helped" and not offer.thanked and offer.receiver == user)
    ]
    return sorted(waiting, key=lambda offer: not offer.waits_for(user))


async def _words(db: AsyncConnection, workspace_id: str, offers: Sequence[Offer]) -> dict[UUID, str]:
    """What these offers are about, by offer: the words of the ask, or of the offer where nobody asked."""
    asked = {offer.ask_id for offer in offers if offer.ask_id}
    found = await db.execute(
        text(
            "SELECT ask_id, text FROM asks WHERE workspace_id = :workspace_id AND ask_id = ANY(:asked) "
            "AND text IS NOT NULL"
        ),
        {"workspace_id": workspace_id, "asked": list(asked)},
    )
    of_asks = {row.ask_id: row.text for row in found} if asked else {}
    about = {offer.offer_id: offer.text or of_asks.get(offer.ask_id) for offer in offers}
    return {offer_id: words for offer_id, words in about.items() if words}


async def _offers(db: AsyncConnection, workspace_id: str, where: str, **values: Any) -> list[Offer]:
    found = await db.execute(
        text(f"{_OFFERS} AND {where} ORDER BY offered_at, offer_id"), {"workspace_id": workspace_id, **values}
    )
    return [
        Offer(
            offer_id=row.offer_id,
            ask_id=row.ask_id,
            helper=row.helper_id,
            receiver=row.receiver_id,
            state=row.state,
            text=row.text,
            offered_at=row.offered_at,
            claimed=row.claimed,
            helped=row.helped,
            thanked=row.thanked,
            help_id=row.help_id,
        )
        for row in found
    ]


async def expire(db: AsyncConnection, workspace_id: str, now: datetime) -> list[UUID]:
    """Offers that waited too long are over, silently. Answers them; the second time there are none."""
    found = await db.execute(
        text(f"""
            UPDATE offers SET state = 'expired', changed_at = CAST(:now AS timestamptz)
            WHERE workspace_id = :workspace_id AND state = 'pending' AND claimed_at IS NULL AND NOT {_HELPED}
              AND changed_at < CAST(:now AS timestamptz) - CAST(:open_for AS interval)
            RETURNING offer_id
        """),  # noqa: S608
        {"workspace_id": workspace_id, "now": now, "open_for": OPEN_FOR},
    )
    return sorted(found.scalars())
