"""Offers, from the first word to the help. Each step is one conditional statement, as in `asks`.

A step that is not possible any more answers None and changes nothing, so pressing twice is pressing once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.asks import ON_ITS_WAY_FOR, OPEN_FOR, Ask, Offer, offer_id_of
from slackapp.domain.gestures import Gesture, Mark, Recorded, Source, gesture_id
from slackapp.store import chains, gestures

_HELPED = """(confirmed_at IS NOT NULL OR EXISTS (
    SELECT FROM gestures AS thanks WHERE thanks.workspace_id = offers.workspace_id
    AND thanks.help_id = offers.help_id AND thanks.retracted_at IS NULL))"""

#: It was made, or named as help, and not taken back.
STANDS = "(offers.state <> 'withdrawn' OR offers.confirmed_at IS NOT NULL)"

#: Whoever asked said yes to it, or says that it helped.
ON_ITS_WAY = f"(offers.state = 'accepted' OR {_HELPED})"


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
    -- Undone, it leaves nothing: the helper offered nothing.
    SELECT :workspace_id, :offer_id, :ask_id, :helper, :receiver, :help_id, 'withdrawn', CAST(:now AS timestamptz),
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
        -- An offer that was made stays what it is, and is that again once this is undone.
        confirmed_at = excluded.confirmed_at, changed_at = excluded.changed_at
    WHERE offers.confirmed_at IS NULL
    RETURNING offer_id
""")  # noqa: S608


async def offer(
    db: AsyncConnection, workspace_id: str, ask: Ask, *, helper: str, now: datetime, day: date
) -> Step | None:
    """Offer help to an open ask. None: it is closed, not theirs to answer, or answered by them already."""
    return await _make_for(db, _OFFER, workspace_id, ask, helper=helper, now=now, day=day)


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
    return await _make_for(db, _NAMED, workspace_id, ask, helper=helper, now=now, day=day, offered=False)


async def _make_for(
    db: AsyncConnection,
    statement: TextClause,
    workspace_id: str,
    ask: Ask,
    *,
    helper: str,
    now: datetime,
    day: date,
    offered: bool = True,
) -> Step | None:
    offer_id = offer_id_of(workspace_id, helper, ask.ask_id)
    return await _make(
        db,
        statement,
        workspace_id,
        offer_id,
        helper=helper,
        receiver=ask.asker,
        visibility=ask.visibility,
        now=now,
        day=day,
        offered=offered,
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
    offered: bool = True,
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
    changed: list[Recorded] = []
    if offered:
        changed = await gestures.record(db, workspace_id, [gesture("offer")], Mark("chain"), now)
    await gestures.record(db, workspace_id, [gesture("help")], Mark("chain", on=False), now)
    return await _stepped(db, workspace_id, offer_id, now, changed)


def _step(values: str, where: str) -> TextClause:
    return text(f"""
        UPDATE offers SET {values}, changed_at = CAST(:now AS timestamptz)
        WHERE workspace_id = :workspace_id AND offer_id = :offer_id AND {where} RETURNING offer_id
    """)  # noqa: S608 - no value of anybody's is written into the statement


def _has_left(who: str) -> str:
    return f"""EXISTS (SELECT FROM people WHERE people.workspace_id = offers.workspace_id
                       AND people.user_id = offers.{who} AND is_deactivated)"""


_TAKEN_BACK = """EXISTS (SELECT FROM asks WHERE asks.workspace_id = offers.workspace_id
                          AND asks.ask_id = offers.ask_id AND asks.state = 'withdrawn')"""

_ACCEPT = _step(
    "state = 'accepted'",
    f"receiver_id = :by AND state IN ('pending', 'declined', 'expired') AND NOT {_HELPED} "
    f"AND NOT {_has_left('helper_id')} AND NOT {_TAKEN_BACK}",
)
_DECLINE = _step(
    "state = 'declined'", f"receiver_id = :by AND state IN ('pending', 'expired') AND NOT {_HELPED}"
)
_TAKE_BACK = _step(
    "state = 'withdrawn', text = NULL", f"helper_id = :by AND state <> 'withdrawn' AND NOT {_HELPED}"
)
_CLAIM = _step(
    "claimed_at = CAST(:now AS timestamptz)",
    f"helper_id = :by AND state IN ('pending', 'accepted', 'expired') AND claimed_at IS NULL AND NOT {_HELPED} "
    f"AND NOT {_has_left('receiver_id')}",  # nobody could say that it helped
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
    found = await find(db, workspace_id, offer_id)
    assert found is not None
    return Step(found, [*changed, *settled])


_OFFERS = f"""
    SELECT offer_id, ask_id, helper_id, receiver_id, state, text, offered_at, help_id,
           claimed_at IS NOT NULL AS claimed,
           {_HELPED} AS helped,
           EXISTS (SELECT FROM gestures AS thanks WHERE thanks.workspace_id = offers.workspace_id
                   AND thanks.help_id = offers.help_id AND thanks.retracted_at IS NULL) AS thanked,
           EXISTS (SELECT FROM gestures AS made WHERE made.workspace_id = offers.workspace_id
                   AND made.source_key = 'offer:' || offers.offer_id AND made.kind = 'offer') AS made
    FROM offers WHERE workspace_id = :workspace_id
"""  # noqa: S608


async def _hold(
    db: AsyncConnection, workspace_id: str, where: str, also: Sequence[chains.Pair] = (), **values: Any
) -> None:
    """Hold the pairs of these offers, and others along with them."""
    pairs = "SELECT DISTINCT helper_id, receiver_id FROM offers"
    found = await db.execute(
        text(f"{pairs} WHERE workspace_id = :workspace_id AND {where}"),
        {"workspace_id": workspace_id, **values},
    )
    await chains.hold(db, workspace_id, [*also, *((row.helper_id, row.receiver_id) for row in found)])


async def find(db: AsyncConnection, workspace_id: str, offer_id: UUID, *, hold: bool = False) -> Offer | None:
    """`hold`: nobody else decides anything about it until the transaction is over."""
    if hold:
        await _hold(db, workspace_id, "offer_id = :offer_id", offer_id=offer_id)
    found = await _offers(db, workspace_id, "offer_id = :offer_id", offer_id=offer_id)
    return found[0] if found else None


async def to_ask(db: AsyncConnection, workspace_id: str, ask_id: UUID) -> list[Offer]:
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


async def words(db: AsyncConnection, workspace_id: str, offers: Sequence[Offer]) -> dict[UUID, str]:
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
            made=row.made,
            help_id=row.help_id,
        )
        for row in found
    ]


async def hold_waiting(
    db: AsyncConnection, workspace_id: str, ask_id: UUID, pairs: Sequence[chains.Pair]
) -> None:
    """Hold these pairs together with those of whoever waits for an answer to this ask."""
    await _hold(db, workspace_id, "ask_id = :ask_id AND state = 'pending'", pairs, ask_id=ask_id)


async def answer_waiting(db: AsyncConnection, workspace_id: str, ask_id: UUID, now: datetime) -> None:
    """The ask is over: whoever waits for an answer gets a kind no. They are held already."""
    await db.execute(
        text(f"""
            UPDATE offers SET state = 'declined', changed_at = :now
            WHERE workspace_id = :workspace_id AND ask_id = :ask_id AND state = 'pending' AND NOT {_HELPED}
        """),  # noqa: S608
        {"workspace_id": workspace_id, "ask_id": ask_id, "now": now},
    )


async def wait_again(
    db: AsyncConnection, workspace_id: str, ask_id: UUID, *, answered_at: datetime | None, now: datetime
) -> None:
    """The ask is open again: whoever got that no, at that moment, waits for an answer again."""
    answered = "ask_id = :ask_id AND state = 'declined' AND changed_at = :answered_at"
    await _hold(db, workspace_id, answered, ask_id=ask_id, answered_at=answered_at)
    await db.execute(
        text(f"""
            UPDATE offers SET state = 'pending', changed_at = :now
            WHERE workspace_id = :workspace_id AND {answered} AND NOT {_HELPED}
        """),  # noqa: S608
        {"workspace_id": workspace_id, "ask_id": ask_id, "answered_at": answered_at, "now": now},
    )


async def end_all(
    db: AsyncConnection, workspace_id: str, user_ids: Sequence[str], now: datetime
) -> list[tuple[UUID, UUID | None]]:
    """These people left: offers by and to them that had no answer are over. Answers them, each with its ask."""
    theirs = "(helper_id = ANY(:users) OR receiver_id = ANY(:users)) AND state = 'pending'"
    await _hold(db, workspace_id, theirs, users=list(user_ids))
    over = await db.execute(
        text(f"""
            UPDATE offers SET state = 'expired', changed_at = :now
            WHERE workspace_id = :workspace_id AND {theirs} AND NOT {_HELPED} RETURNING offer_id, ask_id
        """),  # noqa: S608
        {"workspace_id": workspace_id, "users": list(user_ids), "now": now},
    )
    return [(row.offer_id, row.ask_id) for row in over]


async def expire(db: AsyncConnection, workspace_id: str, now: datetime) -> list[UUID]:
    """Offers that waited too long are over, silently. Answers them; the second time there are none.

    It holds no pair, because no thanks of today can belong to them any more, and waits for nobody: one with which
    something is being done is left to the next time.
    """
    found = await db.execute(
        text(f"""
            UPDATE offers SET state = 'expired', changed_at = CAST(:now AS timestamptz)
            WHERE workspace_id = :workspace_id AND offer_id IN (
                SELECT offer_id FROM offers
                WHERE workspace_id = :workspace_id AND state = 'pending' AND claimed_at IS NULL AND NOT {_HELPED}
                  AND changed_at < CAST(:now AS timestamptz) - CAST(:open_for AS interval)
                FOR UPDATE SKIP LOCKED)
            RETURNING offer_id
        """),  # noqa: S608
        {"workspace_id": workspace_id, "now": now, "open_for": OPEN_FOR},
    )
    return sorted(found.scalars())
