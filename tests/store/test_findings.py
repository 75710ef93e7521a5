"""What was found, as the people in it read it."""

from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import delete, insert

from slackapp.store import findings
from slackapp.store.database import Database
from slackapp.store.findings import Said
from slackapp.store.tables import findings as table
from tests.conftest import NOW

FIGURES = {"window": 12, "counts": {}, "share": 0.9, "low": 0.8, "high": 1.0, "p": 0.001, "adjusted_p": 0.01}


async def test_the_evidence_is_that_of_the_sentence_on_home_where_two_teams_say_the_same(
    database: Database, workspace_id: str
) -> None:
    same = {"workspace_id": workspace_id, "pattern": "over_giver", "subjects": ["U0ANA"], "state": "stays"}
    found = [
        {**same, "team_id": UUID(int=number), "week": date(2026, 2, 23), "since": since, "words": {"person": says}}
        for number, since, says in (
            (1, date(2026, 2, 2), "20 things on the younger team."),
            (2, date(2026, 1, 5), "48 things on the older team."),
            (3, date(2026, 2, 2), "9 things on a third."),
        )
    ]  # fmt: skip
    async with database.workspace(workspace_id) as db:
        await db.execute(insert(table), [{**row, "figures": FIGURES} for row in found])

        (told,) = await findings.for_person(db, workspace_id, "U0ANA", NOW.date())
        why = await findings.one(db, workspace_id, "U0ANA", Said("over_giver", ("U0ANA",)))

    assert told.sentence == "48 things on the older team."
    assert why is not None
    assert why[1] == told


async def test_what_was_not_helpful_is_silent_while_it_lasts_and_told_when_it_begins_anew(
    database: Database, workspace_id: str
) -> None:
    """The beginning of something that lasts moves along with the weeks that are looked at."""
    said = Said("over_giver", ("U0ANA",))
    async with database.workspace(workspace_id) as db:

        async def told(since: date, week: date, state: str = "stays") -> bool:
            await db.execute(delete(table))
            row = {"pattern": said.pattern, "subjects": list(said.subjects), "since": since, "week": week}
            more = {"team_id": UUID(int=1), "state": state, "words": {"person": "20 things."}}
            await db.execute(insert(table).values(workspace_id=workspace_id, figures=FIGURES, **row, **more))
            return bool(await findings.for_person(db, workspace_id, "U0ANA", week))

        first, moved, anew = date(2026, 1, 5), date(2026, 1, 19), date(2027, 1, 4)
        assert await told(first, date(2026, 2, 2))
        for _ in range(2):
            await findings.remark(db, workspace_id, "U0ANA", said, first, datetime(2026, 2, 3, tzinfo=UTC))
        assert not await told(first, date(2026, 2, 2))
        assert not await told(moved, date(2026, 3, 2))
        assert not await told(date(2025, 12, 29), date(2026, 3, 2))
        assert not await told(first, date(2026, 3, 9), state="left")

        assert await told(anew, date(2027, 2, 1))
        await findings.remark(db, workspace_id, "U0ANA", said, anew, datetime(2027, 2, 2, tzinfo=UTC))
        assert not await told(anew, date(2027, 2, 8))
        assert not await told(first, date(2026, 2, 2)), "nor does the first come back"
