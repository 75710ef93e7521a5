"""Findings in words, for digests and team pages."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.findings import FindingWords


async def for_person(db: AsyncConnection, workspace_id: str, user_id: str, today: date) -> list[FindingWords]:
    """What this person may read about themselves, in their own words; latest first."""
    return []


async def for_manager(
    db: AsyncConnection, workspace_id: str, team_id: object, today: date
) -> list[FindingWords]:
    """Everything that stands about a team and its members, in a manager's words.

    Who of them is named is decided by `visibility`, not here.
    """
    return []
