"""Check-ins: somebody to think of. Only that one checked in is kept, and when; never a word of it."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.homes import CheckIns
from slackapp.store.tables import TAKES_PART

_SUGGESTED = text(f"""
    SELECT people.user_id
    FROM (
        SELECT CASE WHEN giver_id = :user THEN receiver_id ELSE giver_id END AS other, max(day) AS latest
        FROM gestures
        WHERE workspace_id = :workspace_id AND (giver_id = :user OR receiver_id = :user)
          AND retracted_at IS NULL AND day > CAST(:today AS date) - 84
        GROUP BY 1
    ) AS met
    JOIN people ON people.workspace_id = :workspace_id AND people.user_id = met.other
    LEFT JOIN preferences ON preferences.workspace_id = :workspace_id AND preferences.user_id = met.other
    WHERE met.latest <= CAST(:today AS date) - 14
      AND {TAKES_PART} AND NOT on_vacation AND paused IS NOT TRUE
      AND coalesce(away_until < :today, true) AND coalesce(at_capacity_until < :today, true)
      AND people.user_id <> ALL(:told_of)
    ORDER BY met.latest, people.user_id LIMIT 1
""")  # noqa: S608

_TODAY = text("""
    SELECT receiver_id FROM gestures
    WHERE workspace_id = :workspace_id AND giver_id = :user AND kind = 'check_in' AND day = :today
      AND retracted_at IS NULL
    ORDER BY happened_at DESC, receiver_id
""")


async def at_home(
    db: AsyncConnection, workspace_id: str, user: str, today: date, *, told_of: Iterable[str] = ()
) -> CheckIns:
    """Somebody this person exchanged with and has not for two weeks, who has room; the longest ago first.

    Nobody that something noticed is about: beside it, “how are they doing?” would sound like advice on it.
    """
    asked = {"workspace_id": workspace_id, "user": user, "today": today}
    checked = tuple((await db.execute(_TODAY, asked)).scalars())
    suggested = await db.scalar(_SUGGESTED, {**asked, "told_of": list(told_of)})
    return CheckIns(suggested=suggested, today=checked, day=today)
