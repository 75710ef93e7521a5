"""Jobs are deferred in the transaction that makes them necessary: both happen, or neither.

A job is named by its task, so that whoever defers need not know who runs it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.store.database import driver, wake
from slackapp.store.statements import Statement, together


@dataclass(frozen=True, slots=True)
class Job:
    task: str
    args: dict[str, Any]  # ids only: notes and names never enter the queue
    lock: str | None = None  # no two jobs with the same lock run at once
    queueing_lock: str | None = None  # no two wait at once: the second is not put there
    at: datetime | None = None
    queue: str = field(default="default")


#: Jobs travel as one JSON value, so that a statement can write something and defer what follows from it.
PUT = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, scheduled_at)
    SELECT queue, task, lock, queueing_lock, args, at FROM jsonb_to_recordset(CAST(:jobs AS jsonb))
        AS job(queue text, task text, lock text, queueing_lock text, args jsonb, at timestamptz)
"""
_DEFER = Statement(text(f"{PUT} ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING"))


def as_json(jobs: Sequence[Job]) -> str:
    """What PUT reads."""
    return json.dumps(
        [
            {
                "queue": job.queue,
                "task": job.task,
                "lock": job.lock,
                "queueing_lock": job.queueing_lock,
                "args": job.args,
                "at": job.at.isoformat() if job.at else None,
            }
            for job in jobs
        ]
    )


async def defer(db: AsyncConnection, *jobs: Job) -> None:
    """Put the jobs into the queue, all in one round trip."""
    if jobs:
        await together(driver(db), _DEFER.asked(jobs=as_json(jobs)))
        call(db, jobs)


def call(db: AsyncConnection, jobs: Iterable[Job]) -> None:
    """Workers look for these jobs once the transaction has committed."""
    for job in jobs:
        wake(db, job.queue)


async def others_wait(db: AsyncConnection, workspace_id: str, queue: str) -> bool:
    """Whether a job of another workspace could run in this queue now, if somebody were free."""
    found = await db.scalar(
        text("""
            SELECT EXISTS (SELECT FROM procrastinate_jobs AS job WHERE queue_name = :queue AND status = 'todo'
                AND (scheduled_at IS NULL OR scheduled_at <= now()) AND args ->> 'workspace_id' <> :workspace_id
                AND NOT EXISTS (SELECT FROM procrastinate_jobs AS held
                                WHERE held.lock = job.lock AND held.status = 'doing'))
        """),
        {"queue": queue, "workspace_id": workspace_id},
    )
    return bool(found)


# The jobs there are, by what is true after them. `jobs/` runs them under these names.


def announce(workspace_id: str, source_key: str, giver: str, user_ids: Sequence[str]) -> Job:
    """What was posted of one giver's gestures at a source says what stands now, and so do these people's Homes."""
    return Job(
        "announce",
        {
            "workspace_id": workspace_id,
            "source_key": source_key,
            "giver": giver,
            "user_ids": list(user_ids),
        },
        lock=f"announce:{workspace_id}:{source_key}:{giver}",
    )


def answer(
    workspace_id: str, source_key: str, user_id: str, channel_id: str | None, thread_ts: str | None = None
) -> Job:
    """The giver has been told what counted, where no direct answer to Slack could say it."""
    return Job(
        "answer",
        {
            "workspace_id": workspace_id,
            "source_key": source_key,
            "user_id": user_id,
            "channel_id": channel_id,
            "thread_ts": thread_ts,
        },
    )


def tell_giver(workspace_id: str, source_key: str, giver: str) -> Job:
    """Somebody in whose name a workflow gave knows of it, and how to undo it."""
    return Job(
        "tell_giver",
        {"workspace_id": workspace_id, "source_key": source_key, "giver": giver},
        lock=f"tell_giver:{workspace_id}:{source_key}:{giver}",
    )


def refresh_homes(workspace_id: str, user_ids: Sequence[str]) -> Job:
    """The Homes of these people, where they have been opened, show what stands now."""
    return Job("refresh_homes", {"workspace_id": workspace_id, "user_ids": list(user_ids)})


HOMES = 500  # people in one job that refreshes Homes: what fails or is killed begins with no more than these again


def refresh_all_homes(workspace_id: str, user_ids: Sequence[str]) -> list[Job]:
    """The same for any number of people."""
    return [
        refresh_homes(workspace_id, user_ids[start : start + HOMES])
        for start in range(0, len(user_ids), HOMES)
    ]


def sync_directory(workspace_id: str) -> Job:
    """People are known as Slack knows them."""
    return Job("sync_directory", {"workspace_id": workspace_id}, lock=f"directory:{workspace_id}")


def deliver_digests(workspace_id: str, at: datetime | None = None, *, tries: int = 0) -> Job:
    """Everyone whose digest is due has had it. `tries`: in a row, in which Slack took nothing."""
    return Job(
        "deliver_digests",
        {"workspace_id": workspace_id, "tries": tries},
        lock=f"digests:{workspace_id}",
        queueing_lock=f"deliver_digests:{workspace_id}",
        at=at,
        queue="digests",
    )


def sync_teams(workspace_id: str) -> Job:
    """Teams hold who their channel or user group holds."""
    return Job("sync_teams", {"workspace_id": workspace_id}, lock=f"teams:{workspace_id}")


def show_pictures(
    workspace_id: str, team_id: UUID, viewer: str, view_id: str, view_hash: str, number: int
) -> Job:
    """A team page that stands there in words has its pictures too, if Slack takes them."""
    return Job(
        "show_pictures",
        {
            "workspace_id": workspace_id,
            "team_id": str(team_id),
            "viewer": viewer,
            "view_id": view_id,
            "view_hash": view_hash,
            "number": number,
        },
        lock=f"pictures:{workspace_id}",  # the second to look finds what the first has uploaded
    )


def remove_pictures(workspace_id: str) -> Job:
    """Pictures that nobody looks at any more are gone, in Slack too."""
    return Job("remove_pictures", {"workspace_id": workspace_id}, lock=f"pictures:{workspace_id}")


def announce_gathered(workspace_id: str, channel_id: str, period: str, at: datetime | None = None) -> Job:
    """Kudos that were gathered into one message say there what stands now."""
    return Job(
        "announce_gathered",
        {"workspace_id": workspace_id, "channel_id": channel_id, "period": period},
        lock=f"gathered:{workspace_id}:{channel_id}:{period}",
        at=at,
    )


def find_patterns(workspace_id: str, *, again: bool = False) -> Job:
    """What patterns found follows from all gestures of the weeks that have closed."""
    return Job(
        "find_patterns",
        {"workspace_id": workspace_id, "again": again},
        lock=f"patterns:{workspace_id}",
    )


#: So many workers may look for one workspace's patterns side by side.
STRIPES = 2
#: Teams whose gestures one query reads. A large workspace's gestures are scanned once for each batch.
BATCH = 2500


def find_patterns_of(workspace_id: str, team_ids: Sequence[UUID], week: date) -> list[Job]:
    """What is found on these teams follows from all that is known of them. One job for each batch of teams."""
    stripes: dict[int, list[str]] = defaultdict(list)
    for team_id in team_ids:
        stripes[team_id.int % STRIPES].append(str(team_id))
    return [
        Job(
            "find_patterns_of",
            {"workspace_id": workspace_id, "team_ids": teams[at : at + BATCH], "week": week.isoformat()},
            # A team is always in the same stripe: what was read of it before is never kept after what was read since.
            lock=f"patterns_of:{workspace_id}:{stripe}",
        )
        for stripe, teams in sorted(stripes.items())
        for at in range(0, len(teams), BATCH)
    ]


def keep_ask(workspace_id: str, ask_id: UUID, *, by_workflow: bool = False) -> Job:
    """The cards of an ask say what is true of it now. Made by a workflow, its asker hears of it."""
    args = {"workspace_id": workspace_id, "ask_id": str(ask_id)}
    return Job(
        "keep_ask",
        {**args, "by_workflow": True} if by_workflow else args,
        lock=f"ask:{workspace_id}:{ask_id}",
    )


def keep_offer(workspace_id: str, offer_id: UUID, *, by_form: bool = False, made_again: bool = False) -> Job:
    """Both sides of an offer have been told how it stands. Made by a form, its helper has an answer too.

    Made again after it was over, its receiver hears of it anew.
    """
    how = {"by_form": by_form, "made_again": made_again}
    return Job(
        "keep_offer",
        {
            "workspace_id": workspace_id,
            "offer_id": str(offer_id),
            **{name: True for name, on in how.items() if on},
        },
        lock=f"offer:{workspace_id}:{offer_id}",
    )


def suggest_helper(workspace_id: str, ask_id: UUID, suggested_by: str, suggested: str) -> Job:
    """The asker knows that somebody knows somebody."""
    return Job(
        "suggest_helper",
        {
            "workspace_id": workspace_id,
            "ask_id": str(ask_id),
            "suggested_by": suggested_by,
            "suggested": suggested,
        },
        lock=f"suggest:{workspace_id}:{ask_id}:{suggested}",
    )


def keep_open_asks(workspace_id: str, channel_id: str, wanted_by: str | None = None) -> Job:
    """The list of open asks in a channel is up to date, and whoever wanted it there knows where it is."""
    job = Job(
        "keep_open_asks",
        {"workspace_id": workspace_id, "channel_id": channel_id},
        lock=f"open_asks:{workspace_id}:{channel_id}",
    )
    if wanted_by:
        return replace(job, args={**job.args, "wanted_by": wanted_by})
    return replace(job, queueing_lock=job.lock)


def look_after_asks(workspace_id: str) -> Job:
    """Asks are shown only to those who may read them today, and listed only while they are open."""
    return Job("look_after_asks", {"workspace_id": workspace_id}, lock=f"asks:{workspace_id}")


def expire_offers(workspace_id: str) -> Job:
    """Offers that waited too long for an answer are over."""
    return Job("expire_offers", {"workspace_id": workspace_id}, lock=f"expire:{workspace_id}")


def say(workspace_id: str, user_id: str, word: str, about: str) -> Job:
    """A person has an answer to what they wrote to Mutual; `about` is the moment they wrote it."""
    return Job(
        "say",
        {"workspace_id": workspace_id, "user_id": user_id, "word": word, "about": about},
        lock=f"say:{workspace_id}:{user_id}",
    )


def remove_old(workspace_id: str) -> Job:
    """Nothing is older than it may be."""
    return Job("remove_old", {"workspace_id": workspace_id}, lock=f"retention:{workspace_id}")


def purge(workspace_id: str, at: datetime | None = None) -> Job:
    """Of a workspace that has been without the app for the grace, nothing is left."""
    # No lock: until its time has come it would keep every later job with the same one waiting.
    return Job("purge", {"workspace_id": workspace_id}, at=at)


def part_all(organisation_id: str, at: datetime) -> Job:
    """No workspace is served any more by the installation of an organisation that removed the app at `at`."""
    return Job("part_all", {"workspace_id": organisation_id, "at": at.isoformat()})


def send_my_data(workspace_id: str, user_id: str, request: str) -> Job:
    """This person has a copy of what is stored about them, once for each request."""
    return Job("send_my_data", {"workspace_id": workspace_id, "user_id": user_id, "request": request})


TAKE_DOWN_ASKS = "take_down_asks"


def take_down_asks(workspace_id: str, messages: Sequence[tuple[str, str]]) -> Job:
    """Asks of somebody who was erased are shown no more. The messages, (channel, ts), are known to this job alone."""
    return Job(
        TAKE_DOWN_ASKS, {"workspace_id": workspace_id, "messages": [list(message) for message in messages]}
    )
