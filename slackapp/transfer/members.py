"""Teams from a CSV file, of the same columns as the members for `analyze`: `person, team`, and more where it matters.

Bringing in the same file again changes nothing; a changed file brings its teams into step with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from slackapp.domain.people import Person
from slackapp.domain.teams import NotATeam, Origin, Team, checked_name, choose_managers, choose_members
from slackapp.domain.weeks import local_day
from slackapp.store import findings, people, teams
from slackapp.transfer.csv import (
    EXPECTED_ROLES,
    MEMBER_COLUMNS,
    Refused,
    UnusableRowError,
    lines_of,
    member_of,
    rows,
)
from slackapp.transfer.directory import Names
from slackapp.transfer.imports import Desk, place_of, read_who_is_who

#: Whether somebody is on the team, and whether they look after it.
ROLES = {"manager": (False, True), "both": (True, True)} | dict.fromkeys(
    ["", "member", *EXPECTED_ROLES], (True, False)
)

#: Fixed for good: ids made from it are stored.
_NAMESPACE = UUID("c3a4e0a5-6a51-4d3f-8d5a-6d656d626572")


class PlaceRow(NamedTuple):
    """What somebody is to a team."""

    team: str
    person: str
    is_member: bool
    manages: bool
    sub_group: str


def read_places(lines: Iterable[str], tz: ZoneInfo, today: date) -> Iterator[PlaceRow | Refused]:
    """Read who is what to which team today: whoever has left, or joins later, is passed over."""

    def place(cells: list[str]) -> PlaceRow | None:
        row = member_of(cells, tz)
        if not row.team:
            raise UnusableRowError("has no team")
        if row.role not in ROLES:
            raise UnusableRowError(
                f"has the role “{row.role}”; roles are member, manager and both, and on-call, mentor and support for members"
            )
        if (row.joined and today < row.joined) or (row.left and row.left <= today):
            return None
        return PlaceRow(row.team, row.person, *ROLES[row.role], row.group)

    return rows(lines, MEMBER_COLUMNS, needed=2, read=place)


async def import_members(desk: Desk, path: Path, *, who_is_who: Path | None = None) -> int:
    """Answers how many teams came in. What could not be used is told line by line."""
    given = read_who_is_who(who_is_who)
    by_team: dict[str, list[PlaceRow]] = {}
    came_in = 0
    async with place_of(desk, may_add=False) as place:
        names = Names(place.known, given)
        today = local_day(datetime.now(UTC), place.tz)
        for row in read_places(lines_of(path), place.tz, today):
            if isinstance(row, Refused):
                desk.errors.print(f"{path.name}, line {row.line}: {row.reason}")
            else:
                by_team.setdefault(row.team, []).append(row)
        for typed, members in by_team.items():
            async with place.database.workspace(place.workspace_id) as db:
                found = {row.person: names.of(row.person) for row in members}
                for person, user in found.items():
                    if user is None:
                        desk.errors.print(f"{typed}: nobody here is “{person}”; name them in --people")
                ids = [user for user in found.values() if user]
                known = (await people.known(db, place.workspace_id, ids)).people
                try:
                    team, on_it = _team(place.workspace_id, typed, members, found, known)
                except NotATeam as why:
                    desk.errors.print(f"{typed}: {why}")
                    continue
                came_in += 1
                desk.out.print(f"{team.name}: {len(on_it)} people, looked after by {len(team.managers)}")
                if desk.dry_run:
                    continue
                former = await teams.find(db, place.workspace_id, team.team_id)
                await teams.make(db, place.workspace_id, team, datetime.now(UTC))
                await teams.change(
                    db, place.workspace_id, team.team_id, name=team.name, managers=team.managers
                )
                changed = await teams.keep(db, place.workspace_id, team.team_id, on_it, today)
                concerned = {*(changed or ()), *team.managers, *(former.managers if former else ())}
                await findings.look_again(db, place.workspace_id, [team.team_id], concerned)
                for sub_group in sorted({row.sub_group for row in members}):
                    together = [found[row.person] for row in members if row.sub_group == sub_group]
                    await teams.group(
                        db,
                        place.workspace_id,
                        team.team_id,
                        sub_group or None,
                        [user for user in together if user],
                    )
    if desk.dry_run:
        desk.out.print("This was a dry run: nothing was written.")
    return came_in


def _team(
    workspace_id: str,
    typed: str,
    members: Sequence[PlaceRow],
    found: dict[str, str | None],
    known: Mapping[str, Person],
) -> tuple[Team, list[str]]:
    """The team with who is on it. Raises NotATeam."""
    on_it = choose_members([user for row in members if row.is_member and (user := found[row.person])], known)
    managers = choose_managers(
        [user for row in members if row.manages and (user := found[row.person])], known
    )
    team_id = uuid5(_NAMESPACE, f"{workspace_id}|{typed.casefold()}")
    return Team(team_id, checked_name(typed), Origin(), tuple(managers)), on_it
