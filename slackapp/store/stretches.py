"""What was told of teams' figures: stretches of closed weeks, kept as they were when they were told."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.visibility import Piece, Stretch
from slackapp.domain.weeks import WEEK
from slackapp.store.tables import stretches as table

# The rest is found in two steps: what shares people with this team, and what shares people with that. The second
# matters where two teams together are a third.
_NEAR = text("""
    WITH recent AS MATERIALIZED (
        SELECT team_id, circle FROM stretches
        WHERE workspace_id = :workspace_id AND first_week + weeks * 7 > :since
    ), met AS (
        SELECT array_agg(DISTINCT person) AS people FROM recent, unnest(circle) AS person
        WHERE circle && CAST(:ids AS text[]) OR team_id = :team_id
    )
    SELECT s.team_id, s.part, s.first_week, s.weeks, s.circle, s.pieces FROM stretches AS s, met
    WHERE s.workspace_id = :workspace_id AND s.first_week + s.weeks * 7 > :since
      AND (s.circle && met.people OR s.team_id = :team_id)
    ORDER BY s.first_week, s.team_id, s.part
""")


async def near(
    db: AsyncConnection, workspace_id: str, team_id: UUID, user_ids: Collection[str], since: date
) -> list[Stretch]:
    """What was told of this team, and of others that share people with it, in weeks that end after `since`."""
    found = await db.execute(
        _NEAR, {"workspace_id": workspace_id, "team_id": team_id, "ids": list(user_ids), "since": since}
    )
    return [
        Stretch(
            str(row.team_id),
            row.part,
            row.first_week,
            row.weeks,
            frozenset(row.circle),
            frozenset(
                # Two ids that became one person are one.
                Piece(tuple(sorted(set(people))), row.first_week + WEEK * week, _frozen(held))
                for people, week, held in row.pieces
            ),
        )
        for row in found
    ]


def _frozen(held: Any) -> Any:
    """JSON knows no tuples. Sorted anew, because a person's id may have changed since."""
    if not isinstance(held, list):
        return held
    made = [_frozen(one) for one in held]
    return tuple(sorted(made) if all(isinstance(one, tuple) for one in made) else made)


async def keep(db: AsyncConnection, workspace_id: str, told: Iterable[Stretch], now: datetime) -> None:
    """From now on this is what was told. Keeping it again changes nothing."""
    rows: list[dict[str, Any]] = [
        {
            "workspace_id": workspace_id,
            "team_id": UUID(stretch.team),
            "part": stretch.part,
            "first_week": stretch.first_week,
            "weeks": stretch.weeks,
            "circle": sorted(stretch.circle),
            "pieces": [
                [piece.people, (piece.week - stretch.first_week).days // 7, piece.holds]
                for piece in sorted(stretch.pieces, key=lambda piece: (piece.week, piece.people))
            ],
            "told_at": now,
        }
        for stretch in told
    ]
    if rows:
        statement = insert(table)
        changed = {name: statement.excluded[name] for name in ("weeks", "circle", "pieces", "told_at")}
        await db.execute(
            statement.on_conflict_do_update(
                index_elements=["workspace_id", "team_id", "part", "first_week"], set_=changed
            ),
            rows,
        )


async def lock(db: AsyncConnection, workspace_id: str) -> None:
    """Until this transaction ends, nobody else in the workspace decides what may be told."""
    await db.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('stretches:' || :workspace_id, 0))"),
        {"workspace_id": workspace_id},
    )


async def forget(db: AsyncConnection, workspace_id: str, before: date) -> None:
    """Weeks that no figure looks at any more protect nobody."""
    await db.execute(
        delete(table).where(
            table.c.workspace_id == workspace_id, table.c.first_week + table.c.weeks * 7 <= before
        )
    )
