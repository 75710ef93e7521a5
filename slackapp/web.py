"""The ASGI app: Slack's requests are read, checked and handed to Bolt; health says how we are."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

BODY_LIMIT = 1_000_000  # bytes; Slack's largest payload, a full modal's state, is a quarter of this


@dataclass(frozen=True, slots=True)
class Doors:
    """What the web needs from the inside, so that it knows neither Bolt's set-up nor the store's."""

    verifier: SignatureVerifier
    dispatch: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]
    ready: Callable[[], Awaitable[str | None]]  # None: ready; otherwise what is missing


def web_app(lifespan: Callable[[Starlette], AbstractAsyncContextManager[dict[str, Any]]]) -> Starlette:
    """`lifespan` must yield {"doors": Doors}."""
    return Starlette(
        routes=[
            Route("/slack/events", slack_events, methods=["POST"]),
            Route("/health/live", live),
            Route("/health/ready", ready),
        ],
        lifespan=lifespan,
    )


async def slack_events(request: Request) -> Response:
    doors: Doors = request.state.doors
    try:
        body = await _body(request)
    except ClientDisconnect:
        return Response(status_code=400)
    if body is None:
        return PlainTextResponse("Too large", status_code=413)
    headers: dict[str, str | Sequence[str]] = dict(request.headers.items())
    if not _genuine(doors.verifier, body, request.headers):
        return PlainTextResponse("Not from Slack", status_code=401)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return PlainTextResponse("Not UTF-8", status_code=400)
    answer = await doors.dispatch(AsyncBoltRequest(body=text, query=request.url.query, headers=headers))
    response = Response(answer.body, status_code=answer.status)
    for name, values in answer.headers.items():
        for value in values:
            response.headers.append(name, value)
    return response


async def _body(request: Request) -> bytes | None:
    """None when it is larger than anything Slack sends."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)


def _genuine(verifier: SignatureVerifier, body: bytes, headers: Headers) -> bool:
    timestamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    # The verifier expects a number and would raise on anything else.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16 and signature):
        return False
    return verifier.is_valid(body, timestamp, signature)


async def live(_: Request) -> Response:
    return PlainTextResponse("ok")


async def ready(request: Request) -> Response:
    missing = await request.state.doors.ready()
    return PlainTextResponse(missing or "ok", status_code=503 if missing else 200)
