"""Gestures: recorded once however often Slack tells of them, retracted and restored without being lost."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Numeric, TextClause, cast, exists, func, literal, select, text, union_all, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.balances import Tally
from slackapp.domain.gestures import TOLD_MARKS, Gesture, Mark, Recorded, Source, gesture_id, with_proven_help
from slackapp.domain.homes import Note
from slackapp.store import chains, people, queue
from slackapp.store.database import Database, driver, with_the_commit
from slackapp.store.people import Known
from slackapp.store.queue import Job, as_json
from slackapp.store.statements import Statement, together
from slackapp.store.tables import TAKES_PART
from slackapp.store.tables import gestures as table
from slackapp.store.tables import offers as offers_table

_RECORDED = """
    gesture_id, giver_id, receiver_id, kind, source_key, channel_id, message_ts, visibility, note, help_id,
    retracted_at IS NULL AS stands
"""

#: A gesture as a JSON value, as `row_of` makes it.
ROW = """
    gesture_id uuid, giver text, receiver text, kind text, source_key text, happened_at timestamptz, day date,
    visibility text, note text, channel_id text, message_ts text, help_id uuid, proven boolean
"""
_GIVEN = f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS given({ROW})"

# One statement for any number of gestures and for the jobs that follow: both travel as JSON values.
_RECORD = Statement(
    text(f"""
    WITH recorded AS (
        INSERT INTO gestures (workspace_id, gesture_id, giver_id, receiver_id, kind, source_key, happened_at, day,
                              visibility, note, channel_id, message_ts, help_id, proven, marks, retracted_at)
        SELECT :workspace_id, gesture_id, giver, receiver, kind, source_key, happened_at, day,
               visibility, note, channel_id, message_ts, help_id, coalesce(proven, false),
               jsonb_build_object(CAST(:mark AS text), jsonb_build_array(CAST(:on AS boolean), CAST(:at AS numeric))),
               CASE WHEN NOT CAST(:on AS boolean) THEN CAST(:now AS timestamptz) END
        FROM {_GIVEN}
        ON CONFLICT (workspace_id, gesture_id) DO UPDATE SET
            marks = gestures.marks || excluded.marks,
            -- What is said last counts, for those whom it was said to. A reaction says nothing, so it opens nothing
            -- that was for one person only; given again after it was taken back, nothing is left of what was said.
            note = CASE WHEN NOT CAST(:on AS boolean) THEN gestures.note
                        WHEN gestures.retracted_at IS NOT NULL THEN excluded.note
                        ELSE coalesce(excluded.note, gestures.note) END,
            visibility = CASE WHEN NOT CAST(:on AS boolean) THEN gestures.visibility
                              WHEN gestures.retracted_at IS NOT NULL OR excluded.note IS NOT NULL
                                   OR excluded.visibility = 'private' THEN excluded.visibility
                              ELSE gestures.visibility END,
            retracted_at = CASE
                WHEN EXISTS (SELECT FROM jsonb_each(gestures.marks || excluded.marks) AS m WHERE m.value -> 0 = 'true')
                THEN NULL ELSE coalesce(gestures.retracted_at, CAST(:now AS timestamptz)) END
        -- Of somebody who was erased, nothing is known any more, however late Slack tells it again.
        WHERE gestures.giver_id = excluded.giver_id AND gestures.receiver_id = excluded.receiver_id
          AND coalesce(CAST(gestures.marks -> CAST(:mark AS text) ->> 1 AS numeric), -1) < CAST(:at AS numeric)
        RETURNING {_RECORDED}
    ), deferred AS (
        {queue.PUT} WHERE EXISTS (SELECT FROM recorded)
    )
    SELECT * FROM recorded
    """)  # noqa: S608 - lists of column names, written above
)

# The same for what is said once, where everyone is known and takes part. Answered with who they are.
_RECORD_AT_ONCE = Statement(
    text(f"""
    WITH known AS ({people.KNOWN}), expected AS (
        SELECT bool_and(workspace_timezone = :timezone) AND cardinality(CAST(:asked AS text[])) =
               count(*) FILTER (WHERE {TAKES_PART}) AS met
        FROM known
    ), recorded AS (
        INSERT INTO gestures (workspace_id, gesture_id, giver_id, receiver_id, kind, source_key, happened_at, day,
                              visibility, note, channel_id, message_ts, marks)
        SELECT :workspace_id, gesture_id, giver, receiver, kind, source_key, happened_at, day,
               visibility, note, channel_id, message_ts,
               jsonb_build_object(CAST(:mark AS text), CAST('[true, 0]' AS jsonb))
        FROM {_GIVEN} WHERE (SELECT met FROM expected)
        ON CONFLICT (workspace_id, gesture_id) DO NOTHING
        RETURNING 1
    ), deferred AS (
        {queue.PUT} WHERE EXISTS (SELECT FROM recorded)
    )
    SELECT known.*, met, EXISTS (SELECT FROM recorded) AS new FROM known, expected
    """)  # noqa: S608 - put together from what is written above
)


async def record(
    db: AsyncConnection,
    workspace_id: str,
    given: Sequence[Gesture],
    mark: Mark,
    now: datetime,
    *,
    then: Sequence[Job] = (),
    last: bool = False,
) -> list[Recorded]:
    """Record the gestures, and the help that each thanks proves. Answer those that are new or changed.

    Where an offer between the two is open, thanks belong to its help instead of adding a second one.
    The same word again, or an older one, changes nothing and answers nothing. A mark that goes off before it
    was seen going on is remembered, so that the late “on” does not count. `then` are jobs deferred in the same
    statement if anything changed: a repeated delivery tells nobody twice. `last` says that nothing follows in this
    transaction, and that the answer is not read: where it can, it travels with the commit, and answers nothing.
    """
    said = [gesture for gesture in given if gesture.kind == "thanks"]
    await chains.hold(db, workspace_id, [(act.receiver, act.giver) for act in said])
    links = await chains.links(db, workspace_id, [act for act in said if act.help_id is None])
    proven = with_proven_help(workspace_id, given, links)
    asked = _RECORD.asked(
        workspace_id=workspace_id,
        rows=_as_json(workspace_id, proven),
        jobs=as_json(then),
        mark=mark.name,
        on=mark.on,
        at=mark.at,
        now=now,
    )
    if last and not any(gesture.help_id for gesture in proven):
        with_the_commit(db, asked)
        queue.call(db, then)
        return []
    (answer,) = await together(driver(db), asked)
    recorded = [_recorded(row) for row in answer]
    if recorded:
        queue.call(db, then)
    return [*recorded, *await _settle(db, workspace_id, recorded, now)]


async def record_at_once(
    database: Database,
    workspace_id: str,
    given: Sequence[Gesture],
    mark_name: str,
    *,
    timezone: ZoneInfo,
    then: Sequence[Job] = (),
) -> Known | None:
    """Record what somebody says once, and waits for: to read the people, to write and to commit is one round trip.

    Only if everyone among them is known and takes part, and the workspace's zone is `timezone`. Answers the people then;
    None: something else is the case, and nothing was recorded. Thanks answer None too: which help they prove must be
    read before.
    """
    if any(gesture.kind == "thanks" for gesture in given):
        return None
    asked = _RECORD_AT_ONCE.asked(
        workspace_id=workspace_id,
        rows=_as_json(workspace_id, given),
        jobs=as_json(then),
        mark=mark_name,
        asked=list({user for gesture in given for user in (gesture.giver, gesture.receiver)}),
        timezone=timezone.key,
    )
    rows = await database.at_once(workspace_id, asked)
    if not (rows and rows[0].met):
        return None
    if rows[0].new:
        database.ring({job.queue for job in then})
    return people.read_known(rows)


def _as_json(workspace_id: str, given: Iterable[Gesture]) -> str:
    """What _GIVEN reads."""
    return json.dumps([row_of(gesture_id(workspace_id, gesture), gesture) for gesture in given])


def row_of(key: UUID, gesture: Gesture) -> dict[str, Any]:
    return {
        "gesture_id": str(key),
        "giver": gesture.giver,
        "receiver": gesture.receiver,
        "kind": gesture.kind,
        "source_key": gesture.source.key,
        "happened_at": gesture.happened_at.isoformat(),
        "day": gesture.day.isoformat(),
        "visibility": gesture.visibility,
        "note": gesture.note,
        "channel_id": gesture.source.channel_id,
        "message_ts": gesture.source.message_ts,
        "help_id": str(gesture.help_id) if gesture.help_id else None,
        "proven": gesture.proven,
    }


async def _settle(
    db: AsyncConnection, workspace_id: str, changed: Sequence[Recorded], now: datetime
) -> list[Recorded]:
    """What counts of the offers that these thanks belong to, after the thanks have changed."""
    proven_here = {gesture.gesture_id for gesture in changed}
    elsewhere = {gesture.help_id for gesture in changed if gesture.help_id} - proven_here
    if not elsewhere:
        return []
    offers = await chains.of_help(db, workspace_id, elsewhere)
    settled = await settle_offers(db, workspace_id, offers, now)
    # Also where the help stands without these thanks: what was posted says whether they were said.
    await queue.defer(db, *(queue.keep_offer(workspace_id, offer) for offer in offers))
    return settled


async def settle_offers(
    db: AsyncConnection, workspace_id: str, offers: Sequence[UUID], now: datetime
) -> list[Recorded]:
    """Let the gestures of these offers say what is true now. Answers those that changed."""
    return [_recorded(row) for row in await chains.settle(db, workspace_id, offers, now)]


def _switch(on: bool) -> TextClause:
    retracted = "NULL" if on else "coalesce(retracted_at, CAST(:now AS timestamptz))"
    # What is taken back remembers which marks were on, and those are put back: a reaction, or a message, that was taken
    # away in Slack before or since is not. What was taken back before they were remembered is put back by all of them.
    remembered = "EXISTS (SELECT FROM jsonb_each(marks) AS m WHERE m.value -> 2 = 'true')"
    heard_since = """EXISTS (SELECT FROM jsonb_each(marks) AS m
                             WHERE CAST(m.value ->> 1 AS numeric) > extract(epoch FROM retracted_at) + 0.00001)"""
    mark = (
        f"""CASE WHEN mark.value -> 2 = 'true' OR NOT {remembered}
                THEN jsonb_build_array(true, CAST(:at AS numeric)) ELSE mark.value END"""
        if on
        else """jsonb_build_array(false, CAST(:at AS numeric))
                || CASE WHEN mark.value -> 0 = 'true' THEN CAST('[true]' AS jsonb) ELSE '[]' END"""
    )
    # What was taken away before, as by “Not for help” or an edit, is no part of what is put back.
    last = f"""
          AND ({remembered} OR NOT {heard_since})
          AND (CAST(:kind AS text) IS NOT NULL OR retracted_at = (
              SELECT max(retracted_at) FROM gestures
              WHERE workspace_id = :workspace_id AND source_key = :source_key AND giver_id = :giver))
    """  # noqa: S608
    return text(f"""
        UPDATE gestures SET
            retracted_at = {retracted},
            marks = (SELECT jsonb_object_agg(mark.key, {mark}) FROM jsonb_each(marks) AS mark)
        WHERE workspace_id = :workspace_id AND source_key = :source_key
          AND (giver_id = :giver OR gesture_id IN (
              SELECT help_id FROM gestures
              WHERE workspace_id = :workspace_id AND source_key = :source_key AND giver_id = :giver))
          AND (CAST(:kind AS text) IS NULL OR kind = :kind)
          AND (retracted_at IS NULL) <> CAST(:on AS boolean)
          {last if on else ""}
        RETURNING {_RECORDED}
    """)  # noqa: S608 - no value of anybody's is written into the statement


_RETRACT, _RESTORE = _switch(on=False), _switch(on=True)


async def retract(
    db: AsyncConnection,
    workspace_id: str,
    source_key: str,
    *,
    giver: str,
    now: datetime,
    kind: str | None = None,
) -> list[Recorded]:
    """Take back what this giver did there, with the help it proved; `kind` takes back one kind only.

    Answers what changed: nothing the second time, and nothing for somebody else's gestures.
    """
    if source_key.startswith(chains.SOURCE):
        return []  # what an offer counts as follows from what both sides say of it
    asked = _asked(workspace_id, source_key, giver, now, kind)
    await _hold(db, workspace_id, source_key, giver)
    changed = [_recorded(row) for row in await db.execute(_RETRACT, {**asked, "on": False})]
    if kind == "help":
        changed += [_recorded(row) for row in await chains.unlink(db, workspace_id, source_key, giver)]
    return [*changed, *await _settle(db, workspace_id, changed, now)]


async def restore(
    db: AsyncConnection,
    workspace_id: str,
    source_key: str,
    *,
    giver: str,
    now: datetime,
    kind: str | None = None,
) -> list[Recorded]:
    """Put back what was taken back. Answers what changed."""
    if source_key.startswith(chains.SOURCE):
        return []
    asked = _asked(workspace_id, source_key, giver, now, kind)
    await _hold(db, workspace_id, source_key, giver)
    changed = [_recorded(row) for row in await db.execute(_RESTORE, {**asked, "on": True})]
    if kind == "help":
        changed += await _link_again(db, workspace_id, source_key, giver, now)
    return [*changed, *await _settle(db, workspace_id, changed, now)]


async def _hold(db: AsyncConnection, workspace_id: str, source_key: str, giver: str) -> None:
    thanked = await db.execute(
        select(table.c.receiver_id).where(
            table.c.workspace_id == workspace_id,
            table.c.source_key == source_key,
            table.c.giver_id == giver,
            table.c.kind == "thanks",
        )
    )
    await chains.hold(db, workspace_id, [(receiver, giver) for receiver in thanked.scalars()])


async def _link_again(
    db: AsyncConnection, workspace_id: str, source_key: str, giver: str, now: datetime
) -> list[Recorded]:
    """Thanks that were not for help are for help after all: of an open offer, or proven by themselves."""
    found = await db.execute(
        select(table).where(
            table.c.workspace_id == workspace_id,
            table.c.source_key == source_key,
            table.c.giver_id == giver,
            table.c.kind == "thanks",
            table.c.help_id.is_(None),
            table.c.retracted_at.is_(None),
        )
    )
    changed: list[Recorded] = []
    for row in found.all():
        thanks = Gesture(
            row.giver_id,
            row.receiver_id,
            row.kind,
            Source(row.source_key, row.channel_id, row.message_ts),
            row.happened_at,
            row.day,
            row.visibility,
        )
        help_id = await chains.link(db, workspace_id, thanks)
        if help_id is None:
            (proven, linked) = with_proven_help(workspace_id, [thanks])
            # Under the marks of the thanks, so that they go together from now on.
            for name, (on, at, *_) in row.marks.items():
                changed += await record(db, workspace_id, [proven], Mark(name, on, at), now)
            help_id = linked.help_id
        answered = await db.execute(
            update(table)
            .where(table.c.workspace_id == workspace_id, table.c.gesture_id == row.gesture_id)
            .values(help_id=help_id)
            .returning(table, table.c.retracted_at.is_(None).label("stands"))
        )
        changed += [_recorded(linked_row) for linked_row in answered]
    return changed


def _asked(workspace_id: str, source_key: str, giver: str, now: datetime, kind: str | None) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "source_key": source_key,
        "giver": giver,
        "kind": kind,
        "at": now.timestamp(),
        "now": now,
    }


async def of_source(
    db: AsyncConnection, workspace_id: str, source_key: str, giver: str | None = None
) -> list[Recorded]:
    """What was done there, standing or not; the help that thanks prove is told by their `helped`."""
    proof, proven = table.alias(), table.alias()
    statement = (
        select(
            table,
            table.c.retracted_at.is_(None).label("stands"),
            table.c.marks.has_any(array(TOLD_MARKS)).label("told"),
            (proven.c.gesture_id.is_not(None) & proven.c.retracted_at.is_(None)).label("helped"),
            exists()
            .where(
                offers_table.c.workspace_id == table.c.workspace_id,
                offers_table.c.help_id == table.c.help_id,
                offers_table.c.confirmed_at.is_not(None),
            )
            .label("confirmed"),
        )
        .outerjoin(
            proven,
            (proven.c.workspace_id == table.c.workspace_id) & (proven.c.gesture_id == table.c.help_id),
        )
        .where(table.c.workspace_id == workspace_id, table.c.source_key == source_key)
        .where(
            ~exists().where(
                proof.c.workspace_id == table.c.workspace_id,
                proof.c.source_key == table.c.source_key,
                proof.c.help_id == table.c.gesture_id,
            )
        )
        .order_by(table.c.recorded_at, table.c.receiver_id)
    )
    if giver is not None:
        statement = statement.where(table.c.giver_id == giver)
    return [
        replace(_recorded(row), helped=row.helped, confirmed=row.confirmed, told=row.told)
        for row in await db.execute(statement)
    ]


def _recorded(row: Any) -> Recorded:
    return Recorded(
        gesture_id=row.gesture_id,
        giver=row.giver_id,
        receiver=row.receiver_id,
        kind=row.kind,
        source=Source(row.source_key, row.channel_id, row.message_ts),
        visibility=row.visibility,
        note=row.note,
        stands=row.stands,
        help_id=row.help_id,
    )


async def shown(
    db: AsyncConnection, workspace_id: str, source_key: str, giver: str, mark: str
) -> set[tuple[str, str]]:
    """What this giver gives there as far as this mark shows it: (receiver, kind)."""
    found = await db.execute(
        select(table.c.receiver_id, table.c.kind).where(
            table.c.workspace_id == workspace_id,
            table.c.source_key == source_key,
            table.c.giver_id == giver,
            table.c.marks[mark][0].as_boolean(),
        )
    )
    return {(row.receiver_id, row.kind) for row in found}


async def help_on(
    db: AsyncConnection, workspace_id: str, helper: str, receiver: str, day: date
) -> UUID | None:
    """Help that counts between these two on that day; of several, the latest."""
    found: UUID | None = await db.scalar(
        select(table.c.gesture_id)
        .where(
            table.c.workspace_id == workspace_id,
            table.c.giver_id == helper,
            table.c.receiver_id == receiver,
            table.c.kind == "help",
            table.c.day == day,
            table.c.retracted_at.is_(None),
        )
        .order_by(table.c.happened_at.desc(), table.c.gesture_id)
        .limit(1)
    )
    return found


async def tallies(db: AsyncConnection, workspace_id: str, user_id: str, since: date) -> list[Tally]:
    """What one person gave and received since that day, added up per other person, kind and day."""

    def side(me: Any, other: Any, given: bool) -> Any:
        return (
            select(
                other.label("other"),
                table.c.kind,
                table.c.day,
                literal(given).label("given"),
                func.count().label("acts"),
            )
            .where(
                table.c.workspace_id == workspace_id,
                me == user_id,
                table.c.day >= since,
                table.c.retracted_at.is_(None),
            )
            .group_by(other, table.c.kind, table.c.day)
        )

    found = await db.execute(
        union_all(
            side(table.c.giver_id, table.c.receiver_id, True),
            side(table.c.receiver_id, table.c.giver_id, False),
        )
    )
    return [Tally(row.other, row.kind, row.day, row.given, row.acts) for row in found]


async def latest_notes(db: AsyncConnection, workspace_id: str, user_id: str, limit: int) -> list[Note]:
    """The latest words of appreciation to this person, newest first."""
    found = await db.execute(
        select(table.c.giver_id, table.c.kind, table.c.note, table.c.happened_at, table.c.visibility)
        .where(
            table.c.workspace_id == workspace_id,
            table.c.receiver_id == user_id,
            table.c.retracted_at.is_(None),
            table.c.note.is_not(None),
            table.c.kind.in_(("kudos", "thanks")),
        )
        .order_by(table.c.happened_at.desc())
        .limit(limit)
    )
    return [Note(row.giver_id, row.kind, row.note, row.happened_at, row.visibility) for row in found]


async def reword(
    db: AsyncConnection, workspace_id: str, source_key: str, giver: str, note: str | None, mark: Mark
) -> None:
    """The giver edited their words, or took them away: what was kept of what they typed follows.

    An edit that was overtaken by a later one changes nothing.
    """
    known_at = cast(table.c.marks[mark.name][1].astext, Numeric)
    await db.execute(
        update(table)
        .where(
            table.c.workspace_id == workspace_id,
            table.c.source_key == source_key,
            table.c.giver_id == giver,
            table.c.kind.in_(("kudos", "thanks")),
            known_at <= mark.at,
        )
        .values(note=note)
    )


async def latest_source(
    db: AsyncConnection, workspace_id: str, giver: str, since: datetime
) -> tuple[str, datetime] | None:
    """Where this person last gave something that stands, since then, and when.

    Help that others told of is not theirs to undo, and what was imported is not undone by a word.
    """
    found = await db.execute(
        select(table.c.source_key, table.c.happened_at)
        .where(
            table.c.workspace_id == workspace_id,
            table.c.giver_id == giver,
            table.c.kind != "help",
            table.c.retracted_at.is_(None),
            table.c.happened_at >= since,
            ~table.c.marks.has_key("history"),
        )
        .order_by(table.c.happened_at.desc(), table.c.recorded_at.desc())
        .limit(1)
    )
    row = found.one_or_none()
    return (row.source_key, row.happened_at) if row else None
