"""What is stored about one person: read, handed over, moved to another id, or erased.

The tables are walked, so that a new one that points at people is covered without being named here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Date, DateTime, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.mrkdwn import as_typed, mentioned
from slackapp.domain.privacy import SOMEONE, Look, Stored
from slackapp.store import findings, pictures
from slackapp.store.tables import OURS, metadata, people

#: What only this person chose or said: it goes with them. Everything else that points at them stays, unnamed.
_THEIRS_ALONE = ("preferences", "absences", "rests", "remarks", "team_managers")
#: What people wrote, as Slack's mrkdwn.
_WORDS = {"gestures": "note", "asks": "text", "offers": "text"}
_MOST_LOOKS = 10

_UNNAMED = (
    # What Mutual posted would lead back to them: messages to them, and about their gestures, asks and offers. Where
    # others were given something with the same words, theirs can still be undone, so that message is remembered.
    "DELETE FROM deliveries WHERE workspace_id = :workspace_id AND (recipient = :user "
    "OR period ~ ('\\m' || :user || '\\M') OR string_to_array(period, ' ') && ARRAY("
    "SELECT CAST(ask_id AS text) FROM asks WHERE workspace_id = :workspace_id AND asker_id = :user UNION "
    "SELECT CAST(offer_id AS text) FROM offers WHERE workspace_id = :workspace_id "
    "AND (helper_id = :user OR receiver_id = :user)) OR period IN ("
    "SELECT source_key || ' ' || giver_id FROM gestures WHERE workspace_id = :workspace_id AND receiver_id = :user "
    "EXCEPT SELECT source_key || ' ' || giver_id FROM gestures AS others WHERE workspace_id = :workspace_id "
    "AND receiver_id <> :user AND source_key IN ("
    "SELECT source_key FROM gestures WHERE workspace_id = :workspace_id AND receiver_id = :user)))",
    # So would where it was said.
    "UPDATE gestures SET note = NULL, channel_id = NULL, message_ts = NULL, source_key = 'erased:' || gesture_id "
    "WHERE workspace_id = :workspace_id AND (giver_id = :user OR receiver_id = :user)",
    # What they asked for is withdrawn, and an offer they made or had loses its words; that it helped stays.
    "UPDATE asks SET state = 'withdrawn', text = NULL, channel_id = NULL, people = '{}' "
    "WHERE workspace_id = :workspace_id AND asker_id = :user",
    "UPDATE offers SET text = NULL, state = CASE WHEN state = 'pending' THEN 'expired' ELSE state END "
    "WHERE workspace_id = :workspace_id AND (helper_id = :user OR receiver_id = :user)",
    "UPDATE asks SET people = array_remove(people, CAST(:user AS text)) "
    "WHERE workspace_id = :workspace_id AND :user = ANY(people)",
    *(
        f"DELETE FROM {table} WHERE workspace_id = :workspace_id AND user_id = :user"  # noqa: S608
        for table in _THEIRS_ALONE
    ),
    "UPDATE team_members SET shares_balance = false, left_on = greatest(joined_on, CAST(:today AS date)) "
    "WHERE workspace_id = :workspace_id AND user_id = :user AND left_on IS NULL",
)

_RENAMED = "regexp_replace(old.period, '\\m' || :old || '\\M', :new, 'g')"
_MADE_ONE = (
    # What one person did to themselves under two ids is no gesture, and no help offered.
    "DELETE FROM offers WHERE workspace_id = :workspace_id "
    "AND helper_id IN (:old, :new) AND receiver_id IN (:old, :new)",
    "UPDATE gestures SET help_id = NULL WHERE workspace_id = :workspace_id AND help_id IN "
    "(SELECT gesture_id FROM gestures WHERE workspace_id = :workspace_id "
    "AND giver_id IN (:old, :new) AND receiver_id IN (:old, :new))",
    "DELETE FROM gestures WHERE workspace_id = :workspace_id "
    "AND giver_id IN (:old, :new) AND receiver_id IN (:old, :new)",
    "DELETE FROM team_members AS old USING team_members AS new WHERE old.workspace_id = :workspace_id "
    "AND new.workspace_id = old.workspace_id AND new.team_id = old.team_id AND old.user_id = :old "
    "AND new.user_id = :new AND old.left_on IS NULL AND new.left_on IS NULL",
    "DELETE FROM deliveries AS old USING deliveries AS new WHERE old.workspace_id = :workspace_id "
    "AND new.workspace_id = old.workspace_id AND old.recipient = :old AND new.recipient = :new "
    "AND new.kind = old.kind AND new.period = old.period",
    "UPDATE deliveries SET recipient = :new WHERE workspace_id = :workspace_id AND recipient = :old",
    # What was sent may be about somebody: whose gestures, or whom somebody suggested.
    "DELETE FROM deliveries AS old USING deliveries AS there WHERE old.workspace_id = :workspace_id "  # noqa: S608
    "AND strpos(old.period, :old) > 0 AND there.workspace_id = old.workspace_id "
    "AND there.recipient = old.recipient AND there.kind = old.kind AND there.period <> old.period "
    f"AND there.period = {_RENAMED}",
    f"UPDATE deliveries AS old SET period = {_RENAMED} "  # noqa: S608
    "WHERE old.workspace_id = :workspace_id AND strpos(old.period, :old) > 0",
)

_MOVED = (
    # Findings are found again from the gestures; until then, none is better than one that names the wrong id.
    "DELETE FROM findings WHERE workspace_id = :workspace_id "
    "AND (:old = ANY(subjects) OR strpos(CAST(words AS text), :old) > 0)",
    # What others said about a pattern they are in with this person.
    "DELETE FROM rests WHERE workspace_id = :workspace_id AND :old = ANY(subjects)",
    "DELETE FROM remarks WHERE workspace_id = :workspace_id AND :old = ANY(subjects)",
    "UPDATE asks SET people = array_replace(people, CAST(:old AS text), CAST(:new AS text)) "
    "WHERE workspace_id = :workspace_id AND :old = ANY(people)",
    "UPDATE looks SET subject_id = :new WHERE workspace_id = :workspace_id AND subject_id = :old",
    # Told already, and told again as it was: it must go on knowing how many people there were.
    "UPDATE stretches SET circle = array_replace(circle, CAST(:old AS text), CAST(:new AS text)), "
    "pieces = CAST(replace(CAST(pieces AS text), CAST(to_json(CAST(:old AS text)) AS text), "
    "CAST(to_json(CAST(:new AS text)) AS text)) AS jsonb) "
    "WHERE workspace_id = :workspace_id AND :old = ANY(circle)",
)


def _pointing_at_people() -> Iterator[tuple[Table, Column[Any]]]:
    for table in OURS:
        for key in table.foreign_key_constraints:
            if key.referred_table is people:
                # Every key is (workspace, person).
                yield table, table.columns[key.column_keys[1]]


_POINTING = tuple(_pointing_at_people())


async def _each(db: AsyncConnection, statements: Sequence[str], asked: Mapping[str, Any]) -> None:
    for statement in statements:
        await db.execute(text(statement), asked)


_LOOKS = text(
    "SELECT DISTINCT people.name, looks.looked_at, looks.subject_id IS NOT NULL AS own FROM looks "
    "JOIN people ON people.workspace_id = looks.workspace_id AND people.user_id = looks.manager_id "
    "JOIN workspaces ON workspaces.workspace_id = looks.workspace_id "
    "CROSS JOIN LATERAL (SELECT CAST(looks.looked_at AT TIME ZONE workspaces.timezone AS date)) AS seen (day) "
    "WHERE looks.workspace_id = :workspace_id AND (looks.subject_id = :user OR looks.subject_id IS NULL AND "
    "EXISTS (SELECT FROM team_members AS m WHERE m.workspace_id = looks.workspace_id "
    "AND m.team_id = looks.team_id AND m.user_id = :user AND m.joined_on <= seen.day "
    "AND (m.left_on IS NULL OR m.left_on > seen.day))) "
    "ORDER BY looks.looked_at DESC LIMIT :most"
)


async def stored(db: AsyncConnection, workspace_id: str, user_id: str) -> Stored:
    asked = {"workspace_id": workspace_id, "user": user_id}
    counts = (
        await db.execute(
            text(
                "SELECT count(*) FILTER (WHERE giver_id = :user) AS gave, "
                "count(*) FILTER (WHERE receiver_id = :user) AS received, count(note) AS notes, "
                "(SELECT count(*) FROM asks WHERE workspace_id = :workspace_id AND asker_id = :user) AS asks, "
                "(SELECT count(*) FROM offers WHERE workspace_id = :workspace_id "
                "AND (helper_id = :user OR receiver_id = :user)) AS offers, "
                "(SELECT count(*) FROM deliveries WHERE workspace_id = :workspace_id AND recipient = :user "
                "AND outcome = 'sent') AS messages FROM gestures "
                "WHERE workspace_id = :workspace_id AND (giver_id = :user OR receiver_id = :user)"
            ),
            asked,
        )
    ).one()
    # None: they chose nothing.
    paused = await db.scalar(
        text("SELECT paused FROM preferences WHERE workspace_id = :workspace_id AND user_id = :user"), asked
    )
    teams = await db.execute(
        text(
            "SELECT DISTINCT teams.name FROM teams JOIN team_members AS m USING (workspace_id, team_id) "
            "WHERE teams.workspace_id = :workspace_id AND m.user_id = :user AND m.left_on IS NULL ORDER BY 1"
        ),
        asked,
    )
    looks = await db.execute(_LOOKS, {**asked, "most": _MOST_LOOKS})
    return Stored(
        gave=counts.gave,
        received=counts.received,
        notes=counts.notes,
        asks=counts.asks,
        offers=counts.offers,
        messages=counts.messages,
        preferences=paused is not None,
        paused=bool(paused),
        teams=tuple(teams.scalars()),
        looks=tuple(Look(row.name, row.looked_at, row.own) for row in looks),
    )


async def everything(
    db: AsyncConnection, workspace_id: str, user_id: str
) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Every row that points at this person, by table, in the order of time, with the names of the others in gestures and
    with words as they were typed; what was sent to them, what was noticed about them, in the words meant for them, and
    who has looked.
    """
    asked = {"workspace_id": workspace_id, "user": user_id}
    about: dict[str, Sequence[Mapping[str, Any]]] = {
        "people": await _rows(db, "people", "kept.user_id = :user", asked)
    }
    for name in dict.fromkeys(table.name for table, _ in _POINTING):
        mine = " OR ".join(f"kept.{column.name} = :user" for table, column in _POINTING if table.name == name)
        found = await _rows(db, name, f"({mine})", asked)
        if found:
            about[name] = found
    ids = {row[side] for row in about.get("gestures", ()) for side in ("giver_id", "receiver_id")}
    for name, words in _WORDS.items():
        ids.update(user for row in about.get(name, ()) for user in mentioned(row[words] or ""))
    names: dict[str, str] = {
        row.user_id: row.name
        for row in await db.execute(
            text(
                "SELECT user_id, name FROM people WHERE workspace_id = :workspace_id AND user_id = ANY(:ids)"
            ),
            {"workspace_id": workspace_id, "ids": list(ids)},
        )
    }
    for name, words in _WORDS.items():
        if name in about:
            about[name] = [{**row, words: row[words] and as_typed(row[words], names)} for row in about[name]]
    if "gestures" in about:
        about["gestures"] = [
            {**row, "giver": names.get(row["giver_id"]), "receiver": names.get(row["receiver_id"])}
            for row in about["gestures"]
        ]
    if sent := await _rows(db, "deliveries", "kept.recipient = :user", asked):
        about["messages"] = sent
    if noticed := await findings.for_person(db, workspace_id, user_id, None):
        about["findings"] = [
            {"pattern": one.pattern, "since": one.since.isoformat(), "sentence": as_typed(one.sentence)}
            for one in noticed
        ]
    if looked := (await db.execute(_LOOKS, {**asked, "most": None})).all():
        about["who_looked"] = [
            {"name": row.name, "looked_at": row.looked_at.isoformat(), "at_own_balance": row.own}
            for row in looked
        ]
    return about


async def _rows(
    db: AsyncConnection, table: str, mine: str, asked: Mapping[str, str]
) -> list[Mapping[str, Any]]:
    moments = [
        f"kept.{column.name}"
        for column in metadata.tables[table].columns
        if isinstance(column.type, (Date, DateTime)) and not column.nullable
    ]
    found = await db.scalars(
        text(
            f"SELECT CAST(row_to_json(kept) AS text) FROM {table} AS kept "  # noqa: S608 - names of tables, from tables.py
            f"WHERE kept.workspace_id = :workspace_id AND {mine} ORDER BY {', '.join([*moments, '1'])}"
        ),
        asked,
    )
    return [json.loads(row) for row in found]


@dataclass(frozen=True, slots=True)
class Left:
    """What Slack still shows of somebody who was erased, and nothing here remembers."""

    homes: Sequence[str] = ()  # others', with a note or the name
    asks: Sequence[tuple[str, str]] = ()  # messages with what they asked for: (channel, ts)


async def erase(db: AsyncConnection, workspace_id: str, user_id: str, today: date) -> Left:
    """Nobody can tell any more that it was this person; what others gave and received still counts.

    The second time finds nobody, and changes nothing.
    """
    asked = {"workspace_id": workspace_id, "user": user_id}
    name = await db.scalar(
        text("SELECT name FROM people WHERE workspace_id = :workspace_id AND user_id = :user FOR UPDATE"),
        asked,
    )
    if name is None:
        return Left()
    others = await db.scalars(
        text(
            "SELECT DISTINCT CASE WHEN giver_id = :user THEN receiver_id ELSE giver_id END FROM gestures "
            "WHERE workspace_id = :workspace_id AND (giver_id = :user OR receiver_id = :user)"
        ),
        asked,
    )
    left = Left(sorted(others), await _asks_in_slack(db, asked))
    nobody = f"left-{uuid4().hex}"
    await db.execute(
        text(
            "INSERT INTO people (workspace_id, user_id, name, is_deactivated) "
            "VALUES (:workspace_id, :nobody, :name, true)"
        ),
        {"workspace_id": workspace_id, "nobody": nobody, "name": SOMEONE},
    )
    await _each(db, _UNNAMED, {**asked, "today": today})
    await pictures.withdraw(db, workspace_id, [user_id])
    await _move(db, workspace_id, user_id, nobody)
    return left


async def _asks_in_slack(db: AsyncConnection, asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """Where an ask of theirs stands in Slack, be it open or closed, and what the asker was told about it."""
    found = await db.execute(
        text(
            "SELECT channel_id, message_ts FROM deliveries WHERE workspace_id = :workspace_id "
            "AND channel_id IS NOT NULL AND message_ts IS NOT NULL "
            "AND kind IN ('ask', 'own_ask', 'ask_not_posted', 'ask_not_kept', 'suggestion') "
            "AND split_part(period, ' ', 1) IN (SELECT CAST(ask_id AS text) FROM asks "
            "WHERE workspace_id = :workspace_id AND asker_id = :user) ORDER BY claimed_at DESC, channel_id, message_ts"
        ),
        asked,
    )
    return [(row.channel_id, row.message_ts) for row in found]


async def merge(db: AsyncConnection, workspace_id: str, old: str, new: str) -> bool:
    """Slack calls this person by another id now. True when there was something to move."""
    both = {"workspace_id": workspace_id, "old": old, "new": new}
    await db.execute(
        text(
            "SELECT user_id FROM people WHERE workspace_id = :workspace_id AND user_id IN (:old, :new) "
            "ORDER BY user_id FOR UPDATE"
        ),
        both,
    )
    found = await db.execute(
        text(
            "INSERT INTO people (workspace_id, user_id, name, timezone, is_admin, is_bot, is_stranger, is_deactivated, "
            "is_guest, home_opened_at) SELECT workspace_id, :new, name, timezone, is_admin, is_bot, is_stranger, "
            "is_deactivated, is_guest, home_opened_at FROM people WHERE workspace_id = :workspace_id AND user_id = :old "
            "ON CONFLICT (workspace_id, user_id) DO UPDATE SET "
            "home_opened_at = coalesce(people.home_opened_at, excluded.home_opened_at)"
        ),
        both,
    )
    if not found.rowcount:
        return False
    await _each(db, _MADE_ONE, both)
    await _move(db, workspace_id, old, new)
    return True


async def _move(db: AsyncConnection, workspace_id: str, old: str, new: str) -> None:
    """Every row that points at `old` points at `new`, and `old` is gone."""
    both = {"workspace_id": workspace_id, "old": old, "new": new}
    await _each(db, _MOVED, both)
    for table, column in _POINTING:
        name, place = table.name, column.name
        key = [one.name for one in table.primary_key.columns]
        if place in key:
            same = " AND ".join(f"there.{one} = here.{one}" for one in key if one != place)
            await db.execute(
                text(
                    f"DELETE FROM {name} AS here USING {name} AS there WHERE here.workspace_id = :workspace_id "  # noqa: S608
                    f"AND here.{place} = :old AND there.{place} = :new AND {same}"
                ),
                both,
            )
        await db.execute(
            text(
                f"UPDATE {name} SET {place} = :new WHERE workspace_id = :workspace_id AND {place} = :old"  # noqa: S608
            ),
            both,
        )
    await db.execute(text("DELETE FROM people WHERE workspace_id = :workspace_id AND user_id = :old"), both)
