"""Teams from a CSV file: `team, person`, and where they matter `role` and `sub_group`.

Bringing in the same file again changes nothing; a changed file brings its teams into step with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid5

from slackapp.domain.people import Person
from slackapp.domain.teams import NotATeam, Origin, Team, checked_name, choose_managers, choose_members
from slackapp.store import findings, people, teams
from slackapp.transfer.csv import Refused, UnusableRowError, lines_of, rows
from slackapp.transfer.directory import Names
from slackapp.transfer.imports import Desk, place_of, read_who_is_who

COLUMNS = ("team", "person", "role", "sub_group")
ROLES = {"": (True, False), "member": (True, False), "manager": (False, True), "both": (True, True)}

#: Fixed for good: ids made from it are stored.
_NAMESPACE = UUID("c3a4e0a5-6a51-4d3f-8d5a-6d656d626572")


class MemberRow(NamedTuple):
    team: str
    person: str
    is_member: bool = True
    manages: bool = False
    sub_group: str = ""


def read_members(lines: Iterable[str]) -> Iterator[MemberRow | Refused]:
    def row(cells: list[str]) -> MemberRow:
        team, person, role, sub_group = (cell.strip() for cell in cells)
        if not team or not person:
            raise UnusableRowError("has no person" if team else "has no team")
        if role.lower() not in ROLES:
            raise UnusableRowError(f"has the role “{role}”, which is neither member, manager nor both")
        return MemberRow(team, person, *ROLES[role.lower()], sub_group)

    return rows(lines, COLUMNS, needed=2, read=row)


async def import_members(desk: Desk, path: Path, *, who_is_who: Path | None = None) -> int:
    """Answers how many teams came in. What could not be used is told line by line."""
    given = read_who_is_who(who_is_who)
    by_team: dict[str, list[MemberRow]] = {}
    for row in read_members(lines_of(path)):
        if isinstance(row, Refused):
            desk.errors.print(f"{path.name}, line {row.line}: {row.reason}")
        else:
            by_team.setdefault(row.team, []).append(row)
    came_in = 0
    async with place_of(desk, may_add=False) as place:
        names = Names(place.known, given)
        today = datetime.now(UTC).astimezone(place.tz).date()
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
    members: Sequence[MemberRow],
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
