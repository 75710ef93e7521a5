"""History comes in, and goes out as the same CSV.

files | acts and what was skipped | batches | one transaction each | a table of what came in

Importing twice adds nothing, and neither does importing what was also seen live.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slackapp.domain.gestures import Gesture, Source
from slackapp.domain.history import Past, Shown, safe_note, storable
from slackapp.domain.people import Person
from slackapp.domain.weeks import local_day
from slackapp.store import history, people, queue
from slackapp.store.database import Database
from slackapp.transfer.csv import PROVEN, GestureRow, HistoryRow
from slackapp.transfer.directory import UNNAMED, Names, unknown
from slackapp.transfer.skipped import Skipped

BATCH = 2_000  # acts in one transaction: small enough not to hold up what happens live
LATER = timedelta(minutes=15)
UNUSABLE_ROW = "rows that cannot be used"


@dataclass(slots=True)
class Report:
    """What came in, or would."""

    acts: int = 0  # found, and between people who can be in a gesture
    new: int = 0
    helps: int = 0  # new, proven by thanks
    people: int = 0  # not known before
    messages: int | None = None  # read, where the file has messages
    skipped: Counter[str] = field(default_factory=Counter)
    details: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count_messages(self, read: int) -> None:
        self.messages = (self.messages or 0) + read

    @property
    def unnamed(self) -> bool:
        return UNNAMED in self.skipped

    @property
    def nothing_usable(self) -> bool:
        return not self.acts and (self.unnamed or UNUSABLE_ROW in self.skipped)

    def skip(self, skipped: Skipped) -> None:
        self.skipped[skipped.reason] += skipped.times
        if skipped.detail:
            self.details[skipped.reason, skipped.detail] += skipped.times


async def bring_in(
    database: Database,
    workspace_id: str,
    found: Iterable[Past | Skipped],
    named: Mapping[str, Person],
    *,
    now: datetime,
    dry_run: bool = False,
    report: Report | None = None,
) -> Report:
    """Record what was found, batch by batch. People who are not known yet are added as `named` has them.

    With `dry_run` nothing is written, and the report says what would come in.
    """
    report = report or Report()
    async with database.workspace(workspace_id) as db:
        known = await history.taking_part(db, workspace_id)
    touched: set[str] = set()
    for batch in _batches(_between_people(found, known, report)):
        met = {
            user: named.get(user) or Person(user, user)
            for past in batch
            for user in (past.gesture.giver, past.gesture.receiver)
            if user not in known
        }
        async with database.workspace(workspace_id) as db:
            if dry_run:
                arrived = await history.unknown(db, workspace_id, batch)
            else:
                await people.put(db, workspace_id, list(met.values()), now)
                arrived = await history.bring_in(db, workspace_id, batch)
                await queue.defer(db, *([_even_if_it_ends_here(workspace_id)] if arrived else []))
        known.update(dict.fromkeys(met, True))
        report.people += len(met)
        report.acts += len(batch)
        report.helps += sum(each.implied for each in arrived)
        report.new += sum(not each.implied for each in arrived)
        touched.update(user for each in arrived for user in (each.giver, each.receiver))
    if touched and not dry_run:
        async with database.workspace(workspace_id) as db:
            await queue.defer(
                db,
                queue.find_patterns(workspace_id, again=True),
                *queue.refresh_all_homes(workspace_id, sorted(touched)),
            )
    return report


def _even_if_it_ends_here(workspace_id: str) -> queue.Job:
    """Bringing in the same again adds nothing, so nobody would look for patterns after what broke off.

    Later, and one for many batches: a long import would otherwise have them looked for after each.
    """
    return replace(
        queue.find_patterns(workspace_id, again=True),
        queueing_lock=f"find_patterns_later:{workspace_id}",
        at=datetime.now(UTC) + LATER,
    )


def _between_people(
    found: Iterable[Past | Skipped], known: Mapping[str, bool], report: Report
) -> Iterator[Past]:
    for each in found:
        if isinstance(each, Skipped):
            report.skip(each)
        elif not (known.get(each.gesture.giver, True) and known.get(each.gesture.receiver, True)):
            report.skip(Skipped("by or for an app, or someone of another organisation"))
        else:
            yield each


def _batches(acts: Iterable[Past]) -> Iterator[list[Past]]:
    batch: list[Past] = []
    for act in acts:
        batch.append(act)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


# CSV ----------------------------------------------------------------------------------------------------------


def past_of(row: HistoryRow, names: Names, tz: ZoneInfo) -> Past | Skipped:
    """One row as a gesture of the past. Without a source of its own, the moment tells acts apart."""
    gesture = row.gesture
    giver, receiver = names.of(gesture.giver), names.of(gesture.receiver)
    for written, user in ((gesture.giver, giver), (gesture.receiver, receiver)):
        if user is None:
            return unknown(written)
    assert giver is not None
    assert receiver is not None
    if giver == receiver:
        return Skipped("to oneself")
    moment = gesture.moment.astimezone(UTC)
    source = Source(
        storable(gesture.source_id) or f"csv:{moment.isoformat()}",
        storable(row.channel) or None,
        storable(row.message_ts) or None,
    )
    return Past(
        Gesture(
            giver=giver,
            receiver=receiver,
            kind=gesture.kind,
            source=source,
            happened_at=moment,
            day=row.day or local_day(moment, tz),
            visibility=row.visibility or "channel",
            note=safe_note(gesture.message),
            proven=gesture.kind == "help" and row.proven == PROVEN,
        ),
        marks=_marks(row.marks) or {"file": (row.retracted_at is None, 0)},
        retracted_at=row.retracted_at,
        help_of=row.help_of or None,
    )


def _marks(written: str) -> dict[str, Shown]:
    """Cells that somebody spoiled by hand say nothing, rather than something wrong."""

    def shown(on: Any, at: Any, was_on: Any = False) -> Shown:
        at = at if isinstance(at, int) else float(at)
        return (bool(on), at, True) if was_on else (bool(on), at)

    try:
        found = json.loads(written or "{}")
        return {str(name): shown(*mark) for name, mark in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def row_of(past: Past) -> HistoryRow:
    gesture, source = past.gesture, past.gesture.source
    return HistoryRow(
        GestureRow(
            moment=gesture.happened_at.astimezone(UTC),
            giver=gesture.giver,
            receiver=gesture.receiver,
            kind=gesture.kind,
            message=gesture.note or "",
            source_id=source.key,
        ),
        visibility=gesture.visibility,
        channel=source.channel_id or "",
        message_ts=source.message_ts or "",
        day=gesture.day,
        help_of=past.help_of or "",
        proven=PROVEN if gesture.proven else "",
        marks=json.dumps(past.marks, ensure_ascii=False, separators=(",", ":")),
        retracted_at=past.retracted_at and past.retracted_at.astimezone(UTC),
    )
