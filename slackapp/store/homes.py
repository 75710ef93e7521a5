"""One read of everything a person's Home shows. Its cost follows the person's own window, not history."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.balances import WINDOW_WEEKS, balance
from slackapp.domain.homes import HomeFacts
from slackapp.domain.roles import may
from slackapp.domain.scopes import lacking
from slackapp.domain.weeks import local_day, recent_weeks
from slackapp.store import (
    asks,
    check_ins,
    findings,
    gestures,
    installations,
    people,
    policies,
    teams,
    workspaces,
)

MOST_NOTES = 5


async def read(db: AsyncConnection, workspace_id: str, user_id: str, now: datetime) -> HomeFacts | None:
    """None for somebody we have not met."""
    known = await people.known(db, workspace_id, [user_id])
    if user_id not in known.people:
        return None
    weeks = recent_weeks(now, known.timezone, WINDOW_WEEKS)
    found = balance(await gestures.tallies(db, workspace_id, user_id, weeks[0]), weeks)
    notes = await gestures.latest_notes(db, workspace_id, user_id, MOST_NOTES)
    person, today = known.people[user_id], local_day(now, known.timezone)
    asking = await asks.at_home(db, workspace_id, person, now, today)
    noticed = await findings.for_person(db, workspace_id, user_id, today)
    told_of = {subject for found in noticed for subject in found.subjects}
    checks = await check_ins.at_home(db, workspace_id, user_id, today, told_of=told_of)
    others = {exchange.other for exchange in found.exchanges} | {note.giver for note in notes}
    others |= {ask.asker for ask in asking.answerable}
    others |= {person for offer in asking.going_on for person in (offer.helper, offer.receiver)}
    others |= {*checks.today, *([checks.suggested] if checks.suggested else [])}
    names = {
        other.user_id: other.name for other in (await people.known(db, workspace_id, others)).people.values()
    }
    policy = await policies.of(db, workspace_id)
    return HomeFacts(
        person=person,
        balance=found,
        names=names,
        notes=tuple(notes),
        today=today,
        asking=asking,
        check_ins=checks,
        emoji=await workspaces.emoji(db, workspace_id) if found.is_empty else {},
        findings=tuple(noticed),
        teams=await teams.on_home(db, workspace_id, person, policy, today),
        lacks=tuple(lacking(await installations.scopes(db, workspace_id)))
        if may(person, "grant_scopes")
        else (),
    )
