"""People of a workspace, with what they told us about themselves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Text, and_, bindparam, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.people import Person
from slackapp.domain.preferences import Preferences
from slackapp.store.database import driver
from slackapp.store.statements import Asked, Row, Statement, together
from slackapp.store.tables import people, preferences, workspaces


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
_KNOWN = Statement(
    select(
        workspaces.c.timezone.label("workspace_timezone"),
        people.c.user_id,
        *(people.c[name] for name in _DESCRIBED),
        preferences.c.thanked,
        preferences.c.help_me,
        preferences.c.need_now,
        preferences.c.digest,
        preferences.c.away_until,
        preferences.c.digest_day,
        preferences.c.digest_hour,
        preferences.c.digest_paused_until,
        preferences.c.at_capacity_until,
        preferences.c.paused,
    )
    .select_from(workspaces)
    # Outer joins: the workspace's zone comes back in the same round trip even when nobody is known.
    .outerjoin(
        people,
        and_(
            people.c.workspace_id == workspaces.c.workspace_id,
            people.c.user_id == func.any(bindparam("asked", type_=ARRAY(Text))),
        ),
    )
    .outerjoin(
        preferences,
        and_(
            preferences.c.workspace_id == people.c.workspace_id,
            preferences.c.user_id == people.c.user_id,
        ),
    )
    .where(workspaces.c.workspace_id == bindparam("workspace"))
)


def known_among(workspace_id: str, user_ids: Iterable[str]) -> Asked:
    """The question that `read_known` reads the answer of."""
    return _KNOWN.asked(workspace=workspace_id, asked=list(user_ids))


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
