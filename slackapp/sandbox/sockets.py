"""Socket Mode: the same payloads over WebSockets that the app opens, answered by envelope instead of by HTTP.

While the app is connected, nothing goes to its address.
"""

import asyncio
import contextlib
import json
import random
import secrets
import time
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from .clock import Clock
from .delivery import NO_ANSWER, Attempt
from .elements import Json
from .errors import SlackError

MOST_CONNECTIONS = 10
ENVELOPES = {"event": "events_api", "command": "slash_commands", "interactivity": "interactive"}


class Sockets:
    def __init__(self, clock: Clock, *, app_id: str) -> None:
        self.clock = clock
        self.app_id = app_id
        self.opened = asyncio.Event()  # set once an app has connected
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Any]]] = {}

    @property
    def connected(self) -> bool:
        return bool(self._open)

    def ticket(self) -> str:
        """What makes the address of one connection; it can be used once."""
        if len(self._open) >= MOST_CONNECTIONS:
            raise SlackError("too_many_websockets")
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        hello = {
            "type": "hello",
            "num_connections": len(self._open) + 1,
            "debug_info": {"host": "sandbox", "approximate_connection_time": 18060},
            "connection_info": {"app_id": self.app_id},
        }
        await socket.send_json(hello)
        self._open.append(socket)
        self.opened.set()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._answered(message.data)
        finally:
            if socket in self._open:
                self._open.remove(socket)
            for other, waiting in self._waiting.values():
                if other is socket and not waiting.done():
                    waiting.set_exception(ConnectionError("The connection was closed before the answer."))
        return socket

    def _answered(self, text: str) -> None:
        with contextlib.suppress(ValueError, AttributeError):
            said = json.loads(text)
            found = self._waiting.get(said.get("envelope_id", ""))
            if found and not found[1].done():
                found[1].set_result(said.get("payload"))

    async def deliver(
        self, kind: str, payload: Json, *, patience: float, retry_num: int, reason: str | None
    ) -> Attempt:
        """Send to any one connection and wait for its answer."""
        attempt = Attempt(self.clock.now(), NO_ANSWER, retry_num)
        began = time.monotonic()
        envelope_id = secrets.token_hex(16)
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": ENVELOPES[kind],
            "payload": payload,
            "accepts_response_payload": kind != "event",
        }
        if kind == "event":
            envelope |= {"retry_attempt": retry_num, "retry_reason": reason or ""}
        socket = random.choice(self._open)
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = (socket, waiting)
        try:
            await socket.send_json(envelope)
            answer = await asyncio.wait_for(waiting, patience)
            attempt.status = 200
            attempt.body = json.dumps(answer) if answer is not None else ""
        except TimeoutError:
            attempt.reason = "http_timeout"
        except ConnectionError:
            attempt.reason = "connection_failed"
        finally:
            del self._waiting[envelope_id]
        attempt.took = time.monotonic() - began
        return attempt

    async def refresh(self) -> None:
        """Ask every connection to come again, as Slack does every few hours."""
        for socket in list(self._open):
            await socket.send_json(
                {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "sandbox"}}
            )
            self._open.remove(socket)
            await socket.close(code=WSCloseCode.OK)

    async def stop(self) -> None:
        for socket in list(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)
