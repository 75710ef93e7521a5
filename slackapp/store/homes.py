"""One read of everything a person's Home shows. Its cost follows the person's own window, not history."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.balances import WINDOW_WEEKS, balance
from slackapp.domain.homes import HomeFacts
from slackapp.domain.roles import may
from slackapp.domain.scopes import lacking
from slackapp.domain.weeks import recent_weeks
from slackapp.store import findings, gestures, installations, people, policies, teams

MOST_NOTES = 5


async def read(db: AsyncConnection, workspace_id: str, user_id: str, now: datetime) -> HomeFacts | None:
    """None for somebody we have not met."""
    known = await people.known(db, workspace_id, [user_id])
    if user_id not in known.people:
        return None
    weeks = recent_weeks(now, known.timezone, WINDOW_WEEKS)
    found = balance(await gestures.tallies(db, workspace_id, user_id, weeks[0]), weeks)
    notes = await gestures.latest_notes(db, workspace_id, user_id, MOST_NOTES)
    others = {exchange.other for exchange in found.exchanges} | {note.giver for note in notes}
    names = {
        other.user_id: other.name for other in (await people.known(db, workspace_id, others)).people.values()
    }
    person, today = known.people[user_id], now.astimezone(known.timezone).date()
    policy = await policies.of(db, workspace_id)
    return HomeFacts(
        person=person,
        balance=found,
        names=names,
        notes=tuple(notes),
        findings=tuple(await findings.for_person(db, workspace_id, user_id, today)),
        teams=await teams.on_home(db, workspace_id, person, policy, today),
        lacks=tuple(lacking(await installations.scopes(db, workspace_id)))
        if may(person, "grant_scopes")
        else (),
    )
