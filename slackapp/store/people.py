"""People of a workspace, with what they told us about themselves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.people import Person
from slackapp.domain.preferences import Preferences
from slackapp.store.database import driver
from slackapp.store.statements import Asked, Row, Statement, together
from slackapp.store.tables import people


@dataclass(frozen=True, slots=True)
class Known:
    timezone: ZoneInfo  # the workspace's: its weeks and days
    people: Mapping[str, Person]


_DESCRIBED = (
    "name",
    "timezone",
    "is_admin",
    "is_bot",
    "is_stranger",
    "is_deactivated",
    "on_vacation",
    "is_guest",
)
#: The people we know among `:asked`, each with what they told us; without anybody, one row with the workspace's zone.
KNOWN = f"""
    SELECT workspaces.timezone AS workspace_timezone, people.user_id, {", ".join(f"people.{name}" for name in _DESCRIBED)},
           thanked, help_me, need_now, digest, away_until, digest_day, digest_hour, digest_paused_until,
           at_capacity_until, paused
    FROM workspaces
    LEFT JOIN people
      ON people.workspace_id = workspaces.workspace_id AND people.user_id = ANY(CAST(:asked AS text[]))
    LEFT JOIN preferences
      ON preferences.workspace_id = people.workspace_id AND preferences.user_id = people.user_id
    WHERE workspaces.workspace_id = :workspace_id
"""  # noqa: S608 - a list of column names, written above
_KNOWN = Statement(text(KNOWN))


def known_among(workspace_id: str, user_ids: Iterable[str]) -> Asked:
    """The question that `read_known` reads the answer of."""
    return _KNOWN.asked(workspace_id=workspace_id, asked=list(user_ids))


def read_known(rows: Sequence[Row]) -> Known:
    zone = rows[0].workspace_timezone if rows else "UTC"
    return Known(ZoneInfo(zone), {row.user_id: _person(row) for row in rows if row.user_id})


async def known(db: AsyncConnection, workspace_id: str, user_ids: Iterable[str]) -> Known:
    """The people we know among these. Somebody missing has not been met yet, or does not exist."""
    (rows,) = await together(driver(db), known_among(workspace_id, user_ids))
    return read_known(rows)


def _person(row: Any) -> Person:
    return Person(
        user_id=row.user_id,
        name=row.name,
        timezone=row.timezone,
        is_admin=row.is_admin,
        is_bot=row.is_bot,
        is_stranger=row.is_stranger,
        is_deactivated=row.is_deactivated,
        on_vacation=row.on_vacation,
        is_guest=row.is_guest,
        preferences=Preferences(
            thanked=row.thanked or "either",
            help_me=row.help_me or "",
            need_now=row.need_now or "",
            digest=bool(row.digest),
            away_until=row.away_until,
            digest_day=row.digest_day or 0,
            digest_hour=9 if row.digest_hour is None else row.digest_hour,
            digest_paused_until=row.digest_paused_until,
            at_capacity_until=row.at_capacity_until,
            paused=bool(row.paused),
        ),
    )


async def put(db: AsyncConnection, workspace_id: str, met: Sequence[Person], now: datetime) -> None:
    """Remember people as the directory describes them now. Doing it again changes only what changed."""
    if not met:
        return
    statement = insert(people)
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=["workspace_id", "user_id"],
            set_={name: statement.excluded[name] for name in (*_DESCRIBED, "synced_at")},
            # Slack tells of every change of status: what is known already is not written again.
            where=tuple_(*(people.c[name] for name in _DESCRIBED)).is_distinct_from(
                tuple_(*(statement.excluded[name] for name in _DESCRIBED))
            ),
        ),
        [
            {
                "workspace_id": workspace_id,
                "user_id": person.user_id,
                "name": person.name,
                "timezone": person.timezone,
                "is_admin": person.is_admin,
                "is_bot": person.is_bot,
                "is_stranger": person.is_stranger,
                "is_deactivated": person.is_deactivated,
                "on_vacation": person.on_vacation,
                "is_guest": person.is_guest,
                "synced_at": now,
            }
            for person in met
        ],
    )


async def opened_home(db: AsyncConnection, workspace_id: str, user_id: str, now: datetime) -> None:
    await db.execute(
        update(people)
        .where(people.c.workspace_id == workspace_id, people.c.user_id == user_id)
        .values(home_opened_at=now)
    )


async def with_home(
    db: AsyncConnection, workspace_id: str, user_ids: Iterable[str] | None = None
) -> Sequence[str]:
    """Those of these people, or of all, who have opened Home and can still see it, so there is something to keep fresh."""
    opened = select(people.c.user_id).where(
        people.c.workspace_id == workspace_id,
        people.c.home_opened_at.is_not(None),
        ~people.c.is_deactivated,
        ~people.c.is_stranger,
    )
    if user_ids is not None:
        opened = opened.where(people.c.user_id == func.any(list(user_ids)))
    return (await db.execute(opened)).scalars().all()
