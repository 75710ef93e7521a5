"""Sending one message once. Claim, send, finish: a crash in between leaves a claim that nobody sends again.

claim + compose | post | finish        it arrived, or never will
claim + compose | post | release       it was certainly not sent, so it may be tried again
claim + compose | post | …             nobody knows: `doctor` lists it, and it is not sent again
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from procrastinate import RetryDecision, RetryStrategy
from procrastinate.jobs import Job
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.blocks.kit import Message
from slackapp.domain.deliveries import verdict
from slackapp.jobs.shell import Shell
from slackapp.store import deliveries

log = structlog.get_logger("slackapp.delivery")

Compose = Callable[[AsyncConnection], Awaitable[Message | None]]
Post = Callable[[], Awaitable[tuple[str, str] | None]]
BACK_OFF, LONGEST_BACK_OFF = 30.0, 600.0  # seconds, where Slack does not say how long


@dataclass(frozen=True, slots=True)
class Letter:
    """What is claimed: one recipient hears once about one period."""

    workspace_id: str
    recipient: str
    kind: str
    period: str


class Pace:
    """One message an interval, by a timetable: each slot is an interval after the one before, however long one took.

    Whoever is late catches up, and begins no more than twice as often, so that nothing ever comes in a burst.
    """

    MOST_LATE = 60  # intervals; what is lost beyond that is lost

    def __init__(
        self,
        interval: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval, self._now, self._sleep = interval, now, sleep
        self._slot, self._began = now(), -math.inf

    async def wait(self) -> None:
        at = max(self._slot, self._began + self._interval / 2)
        await self._sleep(max(0.0, at - self._now()))
        self._began = self._now()

    def spend(self) -> None:
        self._slot = max(self._slot, self._now() - self.MOST_LATE * self._interval) + self._interval


class TryLater(Exception):  # noqa: N818 - it names the situation
    """Slack refused, and nothing was sent. The claim is given back."""

    def __init__(self, asked: float | None = None) -> None:
        super().__init__("Slack takes nothing at the moment.")
        self._asked = asked  # seconds, as Slack says them

    def seconds(self, tries: int = 0) -> float:
        """How long to wait after so many tries in a row: as Slack says, or longer each time."""
        return self._asked if self._asked is not None else min(BACK_OFF * 2**tries, LONGEST_BACK_OFF)


class AsSlackSays(RetryStrategy):
    """What Slack takes nothing of at the moment is tried again when it says so, for about an hour; the rest as usual."""

    MOST = 12

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if not isinstance(exception, TryLater):
            return super().get_retry_decision(exception=exception, job=job)
        wait = math.ceil(exception.seconds(job.attempts))
        return RetryDecision(retry_in={"seconds": wait}) if job.attempts < self.MOST else None


def refusal(refused: SlackApiError) -> tuple[int, str | None, float | None]:
    """(HTTP status, Slack's word, seconds to wait if it says so). What comes from a proxy may be no JSON at all."""
    response: Any = refused.response
    status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)
    data = getattr(response, "data", None)
    error = data.get("error") if isinstance(data, dict) else None
    headers = getattr(response, "headers", None) or {}
    wait = headers.get("Retry-After") or headers.get("retry-after")
    try:
        return status, error, float(wait) if wait else None
    except ValueError:
        return status, error, None


async def send(
    shell: Shell,
    client: AsyncWebClient,
    letter: Letter,
    compose: Compose,
    *,
    pace: Pace | None = None,
    thread_ts: str | None = None,
) -> str | None:
    """Send a letter once; `client` must not retry by itself. Claimed and composed in one transaction.

    Answers the outcome: “sent”, “empty” when there was nothing worth saying, Slack's word for why it never
    will be; None when somebody else has the claim, or when nobody knows. Raises TryLater.
    """
    about = (letter.workspace_id, letter.recipient, letter.kind, letter.period)
    if pace is not None:
        await pace.wait()
    async with shell.database.workspace(letter.workspace_id) as db:
        if not await deliveries.claim(db, *about, shell.now()):
            return None
        message = await compose(db)
        if message is None:
            await deliveries.finish(db, *about, outcome="empty")
            return "empty"
    text, blocks = message
    if pace is not None:
        pace.spend()

    async def post() -> tuple[str, str]:
        sent = await client.chat_postMessage(
            channel=letter.recipient, text=text, blocks=blocks, thread_ts=thread_ts, unfurl_links=False
        )
        return sent["channel"], sent["ts"]

    return await posted(shell, letter, post)


async def posted(shell: Shell, letter: Letter, post: Post) -> str | None:
    """Post what is claimed, and finish or release it. `post` answers which message it became, (channel, ts), if it tells.

    Answers and raises as `send` does.
    """
    about = (letter.workspace_id, letter.recipient, letter.kind, letter.period)
    try:
        message = await post()
    except SlackApiError as refused:
        status, error, wait = refusal(refused)
        what = verdict(status, error)
        _note(letter, error or f"http_{status}", what)
        if what == "unknown":
            return None
        async with shell.database.workspace(letter.workspace_id) as db:
            if what == "again":
                await deliveries.release(db, *about)
            else:
                await deliveries.finish(db, *about, outcome=error or f"http_{status}")
        if what == "again":
            raise TryLater(wait) from refused
        return error
    except (aiohttp.ClientConnectorError, SlackRequestError) as unreachable:
        # Nothing was asked of Slack, or it did not take the files that a message was to come with.
        async with shell.database.workspace(letter.workspace_id) as db:
            await deliveries.release(db, *about)
        raise TryLater from unreachable
    except (TimeoutError, aiohttp.ClientError, OSError) as lost:
        _note(letter, type(lost).__name__, "unknown")
        return None
    async with shell.database.workspace(letter.workspace_id) as db:
        channel, ts = message or (None, None)
        await deliveries.finish(db, *about, outcome="sent", channel_id=channel, message_ts=ts)
    log.info("message_sent", workspace=letter.workspace_id, action=letter.kind, period=letter.period)
    return "sent"


def composed(message: Message) -> Compose:
    """For a message whose words are known already."""

    async def compose(_: AsyncConnection) -> Message | None:
        return message

    return compose


def _note(letter: Letter, error: str, what: str) -> None:
    log.warning(
        "message_refused",
        workspace=letter.workspace_id,
        action=letter.kind,
        period=letter.period,
        error=error,
        verdict=what,
    )
