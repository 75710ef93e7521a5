"""Gestures of the past, many at a time: brought in from files, and read out again in the order they happened."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.gestures import Gesture, Source
from slackapp.domain.history import NO_HELP, Past, with_implied_help
from slackapp.store.gestures import ROW, row_of
from slackapp.store.tables import gestures as table
from slackapp.store.tables import people

# A word already in the store wins over the file's word about the same mark, and what was taken back stays so.
_BRING_IN = text(f"""
    WITH past AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb))
            AS row({ROW}, marks jsonb, retracted_at timestamptz, implied_by uuid)
    )
    INSERT INTO gestures (workspace_id, gesture_id, giver_id, receiver_id, kind, source_key, happened_at, day,
                          visibility, note, channel_id, message_ts, help_id, proven, marks, retracted_at)
    SELECT :workspace_id, gesture_id, giver, receiver, kind, source_key, happened_at, day,
           visibility, note, channel_id, message_ts,
           CASE WHEN help_id IN (SELECT gesture_id FROM past)
                  OR EXISTS (SELECT FROM gestures AS known
                             WHERE known.workspace_id = :workspace_id AND known.gesture_id = past.help_id)
                THEN help_id END,
           proven, marks, retracted_at
    FROM past
    -- Of thanks that are known, it is known too which help they prove.
    WHERE NOT EXISTS (SELECT FROM gestures AS thanks
                      WHERE thanks.workspace_id = :workspace_id AND thanks.gesture_id = past.implied_by)
    ON CONFLICT (workspace_id, gesture_id) DO UPDATE SET
        marks = excluded.marks || gestures.marks,
        note = coalesce(gestures.note, excluded.note)
    WHERE gestures.retracted_at IS NULL
      AND excluded.retracted_at IS NULL
      AND gestures.marks <> excluded.marks || gestures.marks
    RETURNING gesture_id, xmax = 0 AS is_new
""")  # noqa: S608 - a list of columns

# The help a thanks proves is written only where it differs from what the thanks itself would bring in again.
# A help comes before every thanks that proves it.
_ALL = text("""
    WITH proven AS (
        SELECT help_id, min(happened_at) AS first_thanked FROM gestures
        WHERE workspace_id = :workspace_id AND help_id IS NOT NULL GROUP BY help_id
    )
    SELECT g.*, h.source_key AS help_source
    FROM gestures AS g
    LEFT JOIN gestures AS h ON h.workspace_id = g.workspace_id AND h.gesture_id = g.help_id
    LEFT JOIN gestures AS t
        ON t.workspace_id = g.workspace_id AND t.help_id = g.gesture_id AND t.source_key = g.source_key
       AND t.giver_id = g.receiver_id AND t.receiver_id = g.giver_id AND t.kind = 'thanks'
    LEFT JOIN proven AS p ON p.help_id = g.gesture_id
    WHERE g.workspace_id = :workspace_id
      AND (t.gesture_id IS NULL
           OR (g.happened_at, g.day, g.visibility, g.channel_id, g.message_ts, g.note, g.proven, g.marks, g.retracted_at)
              IS DISTINCT FROM
              (t.happened_at, t.day, t.visibility, t.channel_id, t.message_ts, NULL, true, t.marks, t.retracted_at))
    ORDER BY least(g.happened_at, p.first_thanked), p.help_id IS NULL, g.source_key, g.giver_id, g.receiver_id, g.kind
""")


class Arrived(NamedTuple):
    giver: str
    receiver: str
    implied: bool  # help that a thanks proves


async def bring_in(db: AsyncConnection, workspace_id: str, found: Sequence[Past]) -> list[Arrived]:
    """Record gestures of the past with the help that thanks prove; answer those that were not known yet.

    The second time nothing is new. Everyone in them must be known already.
    """
    named = with_implied_help(workspace_id, found)
    rows = [_row(key, past) for key, past in named.items()]
    changed = await db.execute(_BRING_IN, {"workspace_id": workspace_id, "rows": json.dumps(rows)})
    return [_arrived(named[row.gesture_id]) for row in changed if row.is_new]


async def unknown(db: AsyncConnection, workspace_id: str, found: Sequence[Past]) -> list[Arrived]:
    """What `bring_in` would answer, with nothing recorded."""
    named = with_implied_help(workspace_id, found)
    known = await db.execute(
        select(table.c.gesture_id).where(
            table.c.workspace_id == workspace_id, table.c.gesture_id == func.any(list(named))
        )
    )
    already = set(known.scalars())
    return [
        _arrived(past) for key, past in named.items() if key not in already and past.implied_by not in already
    ]


async def everything(db: AsyncConnection, workspace_id: str) -> AsyncIterator[Past]:
    """All gestures, taken back or not, oldest first; never all of them in memory at once."""
    async for row in await db.stream(_ALL, {"workspace_id": workspace_id}):
        yield _past(row)


async def taking_part(db: AsyncConnection, workspace_id: str) -> dict[str, bool]:
    """Everyone who is known, and whether they can be in a gesture: people can, also those who have left."""
    found = await db.execute(
        select(people.c.user_id, people.c.is_bot | people.c.is_stranger).where(
            people.c.workspace_id == workspace_id
        )
    )
    return {row[0]: not row[1] for row in found}


def _arrived(past: Past) -> Arrived:
    return Arrived(past.gesture.giver, past.gesture.receiver, past.implied_by is not None)


def _row(key: UUID, past: Past) -> dict[str, Any]:
    return {
        **row_of(key, past.gesture),
        "marks": past.marks,
        "implied_by": str(past.implied_by) if past.implied_by else None,
        "retracted_at": past.retracted_at.isoformat() if past.retracted_at else None,
    }


def _past(row: Any) -> Past:
    help_of = None
    if row.kind == "thanks":
        help_of = NO_HELP if row.help_id is None else row.help_source
    return Past(
        gesture=Gesture(
            giver=row.giver_id,
            receiver=row.receiver_id,
            kind=row.kind,
            source=Source(row.source_key, row.channel_id, row.message_ts),
            happened_at=row.happened_at,
            day=row.day,
            visibility=row.visibility,
            note=row.note,
            help_id=row.help_id,
            proven=row.proven,
        ),
        marks={name: tuple(mark) for name, mark in row.marks.items()},
        retracted_at=row.retracted_at,
        help_of=None if help_of == row.source_key else help_of,
    )
