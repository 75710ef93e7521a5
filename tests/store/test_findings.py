"""What was found, as the people in it read it."""

from datetime import date
from uuid import UUID

from sqlalchemy import insert

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
