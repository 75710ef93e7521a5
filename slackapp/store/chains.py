"""Chains of ask, offer, help and thanks: what they count follows from the offer and from the thanks linked to it.

Every offer has two gestures from the beginning: the offer, which stands until it became help, and the help, which
stands while the receiver says so, by button or by thanks. Whoever was named as a helper and offered nothing has the
help only. `settle` makes it so; whoever changes an offer or its
thanks calls it in the same transaction.

What thanks belong to and what an offer may become follows from all there is between the two people, so whoever
decides it holds that pair first: of two who press at once, the second sees what the first did.

Nobody waits in a circle, because everybody locks in one order: the ask, where it changes; then all the pairs, in one
call of `hold`; then offers; then gestures. A second call is for pairs that are held already.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.asks import OPEN_FOR
from slackapp.domain.gestures import Gesture, gesture_id
from slackapp.store.database import driver, in_drivers_words

SOURCE = "offer:"  # how the source key of a chain's offer and help begins

Pair = tuple[str, str]  # helper, receiver

# In one order, so that two who hold several pairs never wait for each other.
_HOLD = in_drivers_words(
    text("""
    SELECT pg_advisory_xact_lock(pair) FROM (
        SELECT DISTINCT hashtextextended(:workspace_id || ' ' || helper || ' ' || receiver, 0) AS pair
        FROM jsonb_to_recordset(CAST(:pairs AS jsonb)) AS named(helper text, receiver text) ORDER BY pair
    ) AS pairs
    """)
)


async def hold(db: AsyncConnection, workspace_id: str, pairs: Iterable[Pair]) -> None:
    """Until the transaction is over, nobody else decides what there is between these helpers and receivers."""
    named = [{"helper": helper, "receiver": receiver} for helper, receiver in pairs]
    if named:
        await driver(db).execute(_HOLD, {"workspace_id": workspace_id, "pairs": json.dumps(named)})


_HELP_IT_BELONGS_TO = """
    SELECT offers.help_id
    FROM offers
    LEFT JOIN LATERAL (
        SELECT bool_or(thanks.day <> {day}) AS before, count(*) > 0 AS thanked
        FROM gestures AS thanks
        WHERE thanks.workspace_id = offers.workspace_id AND thanks.help_id = offers.help_id
          AND thanks.retracted_at IS NULL
    ) AS so_far ON true
    WHERE offers.workspace_id = :workspace_id AND offers.helper_id = {helper} AND offers.receiver_id = {receiver}
      AND (offers.state IN ('pending', 'accepted') OR offers.confirmed_at IS NOT NULL)
      AND {moment} BETWEEN offers.offered_at AND offers.changed_at + CAST(:open_for AS interval)
      -- The first day of thanks closes a chain; more thanks that day belong to it too.
      AND so_far.before IS NOT TRUE
    ORDER BY so_far.thanked, offers.confirmed_at IS NULL, offers.changed_at DESC, offers.offer_id
    LIMIT 1
"""

_LINKS = text(f"""
    SELECT said.thanks_id, CASE WHEN earlier.gesture_id IS NULL THEN chain.help_id ELSE earlier.help_id END AS help_id
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS said(thanks_id uuid, giver text, receiver text, happened_at timestamptz, day date)
    LEFT JOIN gestures AS earlier ON earlier.workspace_id = :workspace_id AND earlier.gesture_id = said.thanks_id
    LEFT JOIN LATERAL ({
    _HELP_IT_BELONGS_TO.format(
        day="said.day", helper="said.receiver", receiver="said.giver", moment="said.happened_at"
    )
}) AS chain ON earlier.gesture_id IS NULL
    WHERE earlier.gesture_id IS NOT NULL OR chain.help_id IS NOT NULL
""")  # noqa: S608 - no value of anybody's is written into the statement


async def links(
    db: AsyncConnection, workspace_id: str, thanks: Sequence[Gesture]
) -> Mapping[UUID, UUID | None]:
    """Which help these thanks belong to, where that is known: told before, or an open offer between the two."""
    if not thanks:
        return {}
    rows = [
        {
            "thanks_id": str(gesture_id(workspace_id, said)),
            "giver": said.giver,
            "receiver": said.receiver,
            "happened_at": said.happened_at.isoformat(),
            "day": said.day.isoformat(),
        }
        for said in thanks
    ]
    found = await db.execute(
        _LINKS, {"workspace_id": workspace_id, "rows": json.dumps(rows), "open_for": OPEN_FOR}
    )
    return {row.thanks_id: row.help_id for row in found}


async def of_help(db: AsyncConnection, workspace_id: str, help_ids: Collection[UUID]) -> Sequence[UUID]:
    """The offers whose help this is. Other help was proven by thanks alone."""
    found = await db.execute(
        text(
            "SELECT offer_id FROM offers WHERE workspace_id = :workspace_id AND help_id = ANY(:ids) ORDER BY offer_id"
        ),
        {"workspace_id": workspace_id, "ids": list(help_ids)},
    )
    return found.scalars().all()


_LOCK = text("""
    SELECT offer_id FROM offers WHERE workspace_id = :workspace_id AND offer_id = ANY(:offers)
    ORDER BY offer_id FOR UPDATE
""")

_SETTLE = text("""
    WITH chain AS (
        SELECT 'offer:' || offers.offer_id AS source_key, offers.state <> 'withdrawn' AS made,
               coalesce(offers.confirmed_at, min(thanks.happened_at)) AS helped_at,
               coalesce(workspaces.timezone, 'UTC') AS timezone
        FROM offers
        JOIN workspaces ON workspaces.workspace_id = offers.workspace_id
        LEFT JOIN gestures AS thanks ON thanks.workspace_id = offers.workspace_id
            AND thanks.help_id = offers.help_id AND thanks.retracted_at IS NULL
        WHERE offers.workspace_id = :workspace_id AND offers.offer_id = ANY(:offers)
        GROUP BY offers.workspace_id, offers.offer_id, workspaces.timezone
    ), due AS (
        SELECT gestures.gesture_id, chain.helped_at, chain.timezone,
               CASE gestures.kind WHEN 'help' THEN chain.helped_at IS NOT NULL
                                  ELSE chain.made AND chain.helped_at IS NULL END AS stands
        FROM chain JOIN gestures ON gestures.workspace_id = :workspace_id AND gestures.source_key = chain.source_key
    )
    UPDATE gestures SET
        retracted_at = CASE WHEN NOT due.stands THEN CAST(:now AS timestamptz) END,
        marks = jsonb_build_object('chain', jsonb_build_array(due.stands, 0)),
        happened_at = CASE WHEN kind = 'help' AND due.stands THEN due.helped_at ELSE happened_at END,
        day = CASE WHEN kind = 'help' AND due.stands THEN (due.helped_at AT TIME ZONE due.timezone)::date ELSE day END
    FROM due
    WHERE gestures.workspace_id = :workspace_id AND gestures.gesture_id = due.gesture_id
      AND (gestures.retracted_at IS NULL) <> due.stands
    RETURNING gestures.*, gestures.retracted_at IS NULL AS stands
""")


async def settle(
    db: AsyncConnection, workspace_id: str, offers: Collection[UUID], now: Any
) -> Sequence[Row[Any]]:
    """Make the gestures of these offers say what is true now. Answers those that changed: none the second time."""
    if not offers:
        return []
    asked = {"workspace_id": workspace_id, "offers": list(offers), "now": now}
    # A statement of its own: what another transaction changed while we waited is seen by the next one only.
    await db.execute(_LOCK, asked)
    return (await db.execute(_SETTLE, asked)).all()


_UNLINK = text("""
    WITH linked AS (
        SELECT thanks.gesture_id, thanks.help_id FROM gestures AS thanks
        JOIN offers ON offers.workspace_id = thanks.workspace_id AND offers.help_id = thanks.help_id
        WHERE thanks.workspace_id = :workspace_id AND thanks.source_key = :source_key
          AND thanks.giver_id = :giver AND thanks.kind = 'thanks' AND offers.confirmed_at IS NULL
        FOR UPDATE
    )
    UPDATE gestures SET help_id = NULL FROM linked
    WHERE gestures.workspace_id = :workspace_id AND gestures.gesture_id = linked.gesture_id
    RETURNING gestures.gesture_id, gestures.giver_id, gestures.receiver_id, gestures.kind, gestures.source_key,
              gestures.channel_id, gestures.message_ts, gestures.visibility, gestures.note, linked.help_id,
              gestures.retracted_at IS NULL AS stands
""")


async def unlink(db: AsyncConnection, workspace_id: str, source_key: str, giver: str) -> Sequence[Row[Any]]:
    """These thanks were not for help: they no longer say that an offer helped. Answers them with their old help.

    Where the receiver said so by button too, that word stands, and the thanks stay with it.
    """
    asked = {"workspace_id": workspace_id, "source_key": source_key, "giver": giver}
    return (await db.execute(_UNLINK, asked)).all()


_LINK = text(
    _HELP_IT_BELONGS_TO.format(day=":day", helper=":receiver", receiver=":giver", moment=":happened_at")
)


async def link(db: AsyncConnection, workspace_id: str, thanks: Gesture) -> UUID | None:
    """The help of an open offer that these thanks fit, whatever was said of them before."""
    found: UUID | None = await db.scalar(
        _LINK,
        {
            "workspace_id": workspace_id,
            "giver": thanks.giver,
            "receiver": thanks.receiver,
            "happened_at": thanks.happened_at,
            "day": thanks.day,
            "open_for": OPEN_FOR,
        },
    )
    return found
