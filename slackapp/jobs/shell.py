"""What every job needs: the database, a way to speak in a workspace, and the time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, Self

import aiohttp
from cryptography.fernet import MultiFernet
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.domain.privacy import DEFAULT, Retention
from slackapp.store import installations
from slackapp.store.database import Database

if TYPE_CHECKING:
    from procrastinate import JobContext

P = ParamSpec("P")


class NotInstalledError(RuntimeError):
    """The workspace no longer has the app, so nothing can be said there."""


@dataclass(frozen=True, slots=True)
class Shell:
    database: Database
    cipher: MultiFernet
    slack_api_url: str
    http: aiohttp.ClientSession  # shared: a session each would mean a TLS handshake a call
    now: Callable[[], datetime]
    post_interval: float = 1.0  # seconds between two messages of a run in one workspace
    retention: Retention = DEFAULT
    contact: str | None = None  # who answers people's questions, by e-mail
    ending: asyncio.Event = field(default_factory=asyncio.Event)  # set when this process was told to stop

    async def client(self, workspace_id: str, *, once: bool = False) -> AsyncWebClient:
        """`once`: never repeats a call by itself, for messages that must not be doubled.

        Raises NotInstalledError once the app is gone from the workspace.
        """
        async with self.database.workspace(workspace_id) as db:
            installation = await installations.find(db, workspace_id, self.cipher)
        if installation is None:
            raise NotInstalledError(workspace_id)
        return AsyncWebClient(
            token=installation.bot_token,
            base_url=self.slack_api_url,
            session=self.http,
            team_id=workspace_id,
            logger=logging.getLogger("slack_sdk.jobs"),
            retry_handlers=[]
            if once
            else [AsyncConnectionErrorRetryHandler(), AsyncRateLimitErrorRetryHandler(max_retry_count=2)],
        )


class OneByOne:
    """What Slack is asked one by one: where it refuses one, the others go on. Raises the last refusal at the end, so that
    the job is tried again.
    """

    def __init__(self) -> None:
        self._refused: SlackApiError | None = None

    def __enter__(self) -> Self:
        return self

    @contextmanager
    def each(self) -> Iterator[None]:
        try:
            yield
        except SlackApiError as refused:
            self._refused = refused

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._refused is not None:
            raise self._refused


def where_installed(job: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None]]:
    """Of a workspace that no longer has the app, nothing is left to do."""

    @wraps(job)
    async def run(*args: P.args, **named: P.kwargs) -> None:
        with suppress(NotInstalledError):
            await job(*args, **named)

    return run


def shell_of(context: "JobContext") -> Shell:
    shell: Shell = context.additional_context["shell"]
    return shell
