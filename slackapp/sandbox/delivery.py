"""How Slack reaches the app: signed HTTP requests with three seconds to answer.

What a person does is sent once, and the person sees a failure. An event is sent again at once, after a
minute and after five, on the sandbox's clock.
"""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import aiohttp

from .clock import Clock
from .elements import Json

if TYPE_CHECKING:
    from .sockets import Sockets

RETRY_AFTER = (0.0, 60.0, 300.0)  # seconds since the attempt before
NO_ANSWER = 0  # the status of an attempt that ended without one

FORM = "application/x-www-form-urlencoded"


@dataclass
class Attempt:
    at: float  # sandbox time
    status: int
    retry_num: int  # 0 for the first
    reason: str | None = None  # why it failed, in the words of X-Slack-Retry-Reason
    took: float = 0.0  # real seconds
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass
class Delivery:
    kind: str  # command, interactivity or event
    payload: Json
    attempts: list[Attempt] = field(default_factory=list)
    gave_up: bool = False

    @property
    def statuses(self) -> list[int]:
        return [attempt.status for attempt in self.attempts]

    @property
    def retry_nums(self) -> list[int]:
        return [attempt.retry_num for attempt in self.attempts]


def sign(secret: str, timestamp: str, body: str) -> str:
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()


def encode(kind: str, payload: Json) -> tuple[str, str]:
    """The body and content type in which Slack sends this kind of payload."""
    if kind == "command":
        return urlencode(payload), FORM
    if kind == "interactivity":
        return urlencode({"payload": json.dumps(payload, ensure_ascii=False)}), FORM
    return json.dumps(payload, ensure_ascii=False), "application/json"


class Courier:
    def __init__(self, clock: Clock, *, secret: str, timeout: float = 3.0) -> None:
        self.clock = clock
        self.secret = secret
        self.timeout = timeout
        self.url_of: Callable[[str, Json], str | None] = lambda kind, payload: None
        self.deliveries: list[Delivery] = []
        self.sockets: Sockets | None = None
        self.copies = 1  # how often each event is sent, for tests of duplicates
        self.held: list[Delivery] | None = None  # events kept back, for tests of reordering
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sleeping: dict[asyncio.Task[Any], float] = {}

    async def start(self) -> None:
        # One connector without a limit: a slow answer must not make another request late.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()
            self._session = None

    # -- one request

    async def post(
        self,
        url: str | None,
        body: str | bytes,
        content_type: str,
        *,
        secret: str | None = None,
        timestamp: float | None = None,
        signature: str | None = None,
        headers: dict[str, str] | None = None,
        retry_num: int = 0,
        patience: float | None = None,
    ) -> Attempt:
        """Send one signed request; what is given overrides what an honest Slack would send."""
        # The signature carries real time, as the app checks it against its own clock.
        stamp = str(int(time.time() if timestamp is None else timestamp))
        text = body.decode("utf-8", "surrogateescape") if isinstance(body, bytes) else body
        raw = body if isinstance(body, bytes) else body.encode()
        sent = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "*/*",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature or sign(secret or self.secret, stamp, text),
            **(headers or {}),
        }
        attempt = Attempt(self.clock.now(), NO_ANSWER, retry_num)
        began = time.monotonic()
        try:
            if not url or not self._session:
                raise ConnectionError("The app has no address.")
            limit = aiohttp.ClientTimeout(total=patience or self.timeout)
            async with self._session.post(
                url, data=raw, headers=sent, timeout=limit, max_redirects=3
            ) as response:
                attempt.body = (await response.read()).decode("utf-8", "replace")
                attempt.status = response.status
                attempt.headers = {name.lower(): value for name, value in response.headers.items()}
                if not attempt.ok:
                    attempt.reason = "http_error"
        except TimeoutError:
            attempt.reason = "http_timeout"
        except aiohttp.TooManyRedirects:
            attempt.reason = "too_many_redirects"
        except (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError):
            attempt.reason = "ssl_error"
        except (aiohttp.ClientConnectionError, ConnectionError):
            attempt.reason = "connection_failed"
        except (aiohttp.ClientError, ValueError):
            attempt.reason = "unknown_error"
        attempt.took = time.monotonic() - began
        return attempt

    async def _try(
        self, delivery: Delivery, retry_num: int, reason: str | None, patience: float | None = None
    ) -> Attempt:
        if self.sockets and self.sockets.connected:
            attempt = await self.sockets.deliver(
                delivery.kind,
                delivery.payload,
                patience=patience or self.timeout,
                retry_num=retry_num,
                reason=reason,
            )
            delivery.attempts.append(attempt)
            return attempt
        body, content_type = encode(delivery.kind, delivery.payload)
        headers = {"X-Slack-Retry-Num": str(retry_num), "X-Slack-Retry-Reason": reason} if reason else None
        url = self.url_of(delivery.kind, delivery.payload)
        attempt = await self.post(
            url, body, content_type, headers=headers, retry_num=retry_num, patience=patience
        )
        delivery.attempts.append(attempt)
        return attempt

    # -- what people do

    async def ask(self, kind: str, payload: Json) -> Attempt:
        """Send what a person did, once: nobody presses their button again for them."""
        delivery = Delivery(kind, payload)
        self.deliveries.append(delivery)
        attempt = await self._try(delivery, 0, None)
        delivery.gave_up = not attempt.ok
        return attempt

    # -- events

    async def deliver(self, payload: Json) -> Attempt | None:
        """Send an event and wait for the first answer; the retries follow by themselves."""
        if self.held is not None:
            self.held.append(Delivery("event", payload))
            return None
        attempts = await asyncio.gather(
            *(self._first(Delivery("event", payload)) for _ in range(max(1, self.copies)))
        )
        return attempts[0]

    async def release(self, *, shuffle: bool = False, seed: int = 0) -> list[Attempt]:
        """Send the events that were held back, all at once or in another order."""
        held, self.held = self.held or [], None
        if shuffle:
            random.Random(seed).shuffle(held)
        return [await self._first(delivery) for delivery in held]

    def deliver_soon(self, payload: Json) -> None:
        self.spawn(self.deliver(payload))

    async def _first(self, delivery: Delivery) -> Attempt:
        self.deliveries.append(delivery)
        # A workflow step has longer, as Bolt waits five seconds for it.
        patience = (
            max(5.0, self.timeout) if delivery.payload["event"]["type"] == "function_executed" else None
        )
        attempt = await self._try(delivery, 0, None, patience)
        if not attempt.ok:
            self.spawn(self._retry(delivery, attempt, patience))
        return attempt

    async def _retry(self, delivery: Delivery, failed: Attempt, patience: float | None) -> None:
        for number, pause in enumerate(RETRY_AFTER, start=1):
            if failed.headers.get("x-slack-no-retry") == "1":
                break
            await self._sleep_until(self.clock.now() + pause)
            failed = await self._try(delivery, number, failed.reason, patience)
            if failed.ok:
                return
        delivery.gave_up = True

    # -- waiting

    def spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sleep_until(self, moment: float) -> None:
        task = asyncio.current_task()
        assert task
        self._sleeping[task] = moment
        try:
            await self.clock.sleep_until(moment)
        finally:
            del self._sleeping[task]

    async def settle(self) -> None:
        """Wait for what is on its way and what the clock says is due; not for what is due later."""
        while True:
            now = self.clock.now()
            busy = {task for task in self._tasks if self._sleeping.get(task, 0.0) <= now}
            if not busy:
                return
            await asyncio.wait(busy, timeout=0.02)


def address(app_url: str | None, manifest_url: str | None) -> str | None:
    """Where to send: exactly to `app_url` when it has a path, else to the manifest's path on that host."""
    if not app_url:
        return None
    base = urlsplit(app_url)
    if base.path not in ("", "/"):
        return app_url
    path = urlsplit(manifest_url or "").path or "/slack/events"
    return urlunsplit((base.scheme, base.netloc, path, "", ""))
