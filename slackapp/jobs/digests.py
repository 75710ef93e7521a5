"""Weekly digests: about one message a second in each workspace, each once.

due now | claim + compose | post | finish; in slices, so that one workspace never keeps others waiting for long, and a
process that was told to stop leaves the rest to another.
"""

import random
from datetime import UTC, date, datetime, timedelta
from functools import partial

import aiohttp
import structlog
from procrastinate import Blueprint, JobContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.blocks import digest as blocks
from slackapp.blocks.kit import Message
from slackapp.domain.deliveries import WORKSPACE_CLOSED, verdict
from slackapp.domain.digests import period_of, small_gesture
from slackapp.domain.mrkdwn import mentioned
from slackapp.domain.people import Person
from slackapp.domain.teams import Team
from slackapp.domain.weeks import WEEK, open_week
from slackapp.jobs.channels import look_at
from slackapp.jobs.delivery import Compose, Letter, Pace, TryLater, refusal, send
from slackapp.jobs.shell import Shell, shell_of, where_installed
from slackapp.store import deliveries, digests, people, policies, queue, teampages, teams

tasks = Blueprint()
log = structlog.get_logger("slackapp.digests")

DAY = timedelta(days=1)
SLICE = 300  # messages, about five minutes, before the job makes room for workspaces that wait
CELEBRATION = "channel_digest"
CHANNEL_HOUR = 9  # on Mondays, in the workspace's zone


# Not retried by the queue: the next tick comes within ten minutes, and finds whoever is still waiting.
@tasks.task(name="deliver_digests", pass_context=True)
@where_installed
async def deliver_digests(context: JobContext, *, workspace_id: str, tries: int = 0) -> None:
    shell = shell_of(context)
    client = await shell.client(workspace_id, once=True)
    run = _Run(shell, client, workspace_id)
    try:
        while await run.slice():
            if shell.ending.is_set() or await _others_wait(shell, workspace_id):
                await run.pace.wait()
                await _go_on(shell, queue.deliver_digests(workspace_id))
                return
    except TryLater as later:
        tries = 0 if run.sent else tries
        # The queue keeps real time, whatever the sandbox's clock says.
        at = datetime.now(UTC) + timedelta(seconds=later.seconds(tries))
        await _go_on(shell, queue.deliver_digests(workspace_id, at, tries=tries + 1))


async def _others_wait(shell: Shell, workspace_id: str) -> bool:
    async with shell.database.workspace(workspace_id) as db:
        return await queue.others_wait(db, workspace_id, "digests")


async def _go_on(shell: Shell, job: queue.Job) -> None:
    async with shell.database.workspace(job.args["workspace_id"]) as db:
        await queue.defer(db, job)


class _Run:
    """One run of one workspace, slice by slice. Methods answer False when the workspace is closed to us."""

    def __init__(self, shell: Shell, client: AsyncWebClient, workspace_id: str) -> None:
        self._shell, self._client, self._workspace_id = shell, client, workspace_id
        self._waiting: list[tuple[Person, str]] = []
        self._managers: set[str] = set()
        self.pace = Pace(shell.post_interval)
        self.sent = 0

    async def slice(self) -> bool:
        """Write to so many who are due. True: there may be more."""
        if not await self.celebrate():
            return False
        if not self._waiting and not await self._read():
            return False
        for _ in range(min(SLICE, len(self._waiting))):
            if self._shell.ending.is_set():
                break
            if not await self.write_to(*self._waiting.pop()):
                return False
        return True

    async def _read(self) -> bool:
        """Who is due now. One read serves a long run: what was chosen meanwhile is seen when a digest is composed."""
        async with self._shell.database.workspace(self._workspace_id) as db:
            now = self._shell.now()
            if await deliveries.closed(db, self._workspace_id, WORKSPACE_CLOSED, now - DAY):
                return False
            self._waiting = await digests.waiting(db, self._workspace_id, now)
            self._managers = await teams.managers(db, self._workspace_id)
        # In no order: whoever cannot be reached must not keep the others waiting behind them.
        random.shuffle(self._waiting)
        return bool(self._waiting)

    async def celebrate(self) -> bool:
        """Monday's message in the channel that the workspace chose, if it chose one."""
        now = self._shell.now()
        async with self._shell.database.workspace(self._workspace_id) as db:
            channel = (await policies.of(db, self._workspace_id)).celebrate_channel
            zone = (await people.known(db, self._workspace_id, [])).timezone
        local = now.astimezone(zone)
        if channel is None or local.weekday() != 0 or local.hour < CHANNEL_HOUR:
            return True
        monday = open_week(now, zone)
        async with self._shell.database.workspace(self._workspace_id) as db:
            if channel in await deliveries.about(db, self._workspace_id, CELEBRATION, period_of(monday)):
                return True
        await self._look_again(channel, monday)

        async def compose(db: AsyncConnection) -> Message | None:
            return await celebration(db, self._workspace_id, channel, monday)

        return await self._send(channel, CELEBRATION, period_of(monday), compose)

    async def _look_again(self, channel: str, monday: date) -> None:
        """What was given in a channel that has become private since stays there; so it does where Slack does not say.

        Raises TryLater.
        """
        async with self._shell.database.workspace(self._workspace_id) as db:
            others = await digests.celebrated_from(db, self._workspace_id, channel, monday - WEEK, monday)
        client = await self._shell.client(self._workspace_id)
        for other in others:
            try:
                await look_at(self._shell, client, self._workspace_id, other)
            except SlackApiError as refused:
                status, error, wait = refusal(refused)
                if verdict(status, error) == "again":
                    raise TryLater(wait) from refused
                async with self._shell.database.workspace(self._workspace_id) as db:
                    await policies.forget_channel(db, self._workspace_id, other)
            except (TimeoutError, aiohttp.ClientError, OSError) as lost:
                raise TryLater from lost

    async def write_to(self, person: Person, period: str) -> bool:
        """Their teams first: the personal digest marks that everything was sent."""
        for team in await self._managed_by(person):
            compose = partial(
                about_team, workspace_id=self._workspace_id, team=team, manager=person, now=self._shell.now()
            )
            if not await self._send(person.user_id, "team_digest", f"{period}:{team.team_id}", compose):
                return False
        own = partial(
            personal, workspace_id=self._workspace_id, user_id=person.user_id, now=self._shell.now()
        )
        return await self._send(person.user_id, digests.KIND, period, own)

    async def _managed_by(self, person: Person) -> list[Team]:
        if person.user_id not in self._managers:
            return []
        async with self._shell.database.workspace(self._workspace_id) as db:
            return [team for team, _ in await teams.managed_by(db, self._workspace_id, person.user_id)]

    async def _send(self, recipient: str, kind: str, period: str, compose: Compose) -> bool:
        letter = Letter(self._workspace_id, recipient, kind, period)
        outcome = await send(self._shell, self._client, letter, compose, pace=self.pace)
        self.sent += outcome == "sent"
        return outcome not in WORKSPACE_CLOSED


async def personal(db: AsyncConnection, *, workspace_id: str, user_id: str, now: datetime) -> Message | None:
    """Composing it again for the same week suggests the same."""
    if not await digests.still_due(db, workspace_id, user_id, now):
        return None
    facts = await digests.facts(db, workspace_id, user_id, now)
    message = blocks.digest(facts) if facts else None
    small = small_gesture(facts) if facts and message else None
    if facts and small and small.suggests:
        await digests.suggest(db, workspace_id, user_id, small.suggests, period_of(facts.today), now)
    return message


async def about_team(
    db: AsyncConnection, *, workspace_id: str, team: Team, manager: Person, now: datetime
) -> Message | None:
    if not await digests.still_due(db, workspace_id, manager.user_id, now):
        return None
    policy = await policies.of(db, workspace_id)
    page = await teampages.read(
        db, workspace_id, team, manager.user_id, policy, now, again=True, balances=False
    )
    message = blocks.team_digest(page) if page else None
    if message:
        # With the message, and not where there is none: members are told of looks that somebody took.
        await teams.looked(db, workspace_id, team.team_id, manager.user_id, now)
    return message


async def celebration(db: AsyncConnection, workspace_id: str, channel: str, monday: date) -> Message | None:
    """The closed week before this Monday."""
    given, count = await digests.celebrated(db, workspace_id, channel, monday - WEEK, monday)
    named = {user for act in given for user in (act.giver, *act.receivers, *mentioned(act.note or ""))}
    known = (await people.known(db, workspace_id, named)).people
    return blocks.celebration(given, count, {user: person.name for user, person in known.items()})
