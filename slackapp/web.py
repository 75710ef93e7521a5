"""The ASGI app: Slack's requests are read, checked and handed to Bolt; health says how we are."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from slack_bolt import BoltResponse
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from slackapp import pages
from slackapp.domain.health import Health
from slackapp.domain.privacy import DEFAULT, Retention
from slackapp.listeners.installing import Installer

BODY_LIMIT = 1_000_000  # bytes; Slack's largest payload, a full modal's state, is a quarter of this


@dataclass(frozen=True, slots=True)
class Doors:
    """What the web needs from the inside, so that it knows neither Bolt's set-up nor the store's."""

    verifier: SignatureVerifier
    dispatch: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]
    ready: Callable[[], Awaitable[str | None]]  # None: ready; otherwise what is missing
    picture: Callable[[str], Awaitable[bytes | None]]  # what a signed link leads to
    health: Callable[[], Awaitable[Health]]
    metrics_token: str | None = None  # None: there are no metrics
    retention: Retention = DEFAULT  # the privacy page tells it
    contact: str | None = None  # who answers people's questions, by e-mail
    installer: Installer | None = None  # None: workspaces do not install by themselves


SLACK = "/slack/events"


def web_app(lifespan: Callable[[Starlette], AbstractAsyncContextManager[dict[str, Any]]]) -> ASGIApp:
    """`lifespan` must yield {"doors": Doors}."""
    site = Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/charts/{token}", chart),
            Route("/metrics", metrics),
            *pages.ROUTES,
        ],
        lifespan=lifespan,
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # Slack's requests are nearly all there are: they need none of the pages' routing and middleware.
        if scope["type"] == "http" and scope["path"] == SLACK and scope["method"] == "POST":
            response = await slack_events(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await site(scope, receive, pages.guarded(send))

    return app


async def slack_events(request: Request) -> Response:
    doors: Doors = request.state.doors
    try:
        body = await _body(request)
    except ClientDisconnect:
        return Response(status_code=400)
    if body is None:
        return PlainTextResponse("Too large", status_code=413)
    headers: dict[str, str | Sequence[str]] = dict(request.headers.items())
    text = _signed(doors.verifier, body, request.headers)
    if text is None:
        return PlainTextResponse("Not from Slack", status_code=401)
    try:
        # Bolt reads who and where before anything can look at the shape.
        heard = AsyncBoltRequest(
            body=text, query=request.scope["query_string"].decode("latin-1"), headers=headers
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return PlainTextResponse("Not shaped as Slack shapes it", status_code=400)
    answer = await doors.dispatch(heard)
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


def _signed(verifier: SignatureVerifier, body: bytes, headers: Headers) -> str | None:
    """What Slack signed within the last five minutes; None: it did not."""
    timestamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    # The verifier expects text and a number, and would raise on anything else.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16 and signature.isascii()):
        return None
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if verifier.is_valid(text, timestamp, signature) else None


async def live(_: Request) -> Response:
    return PlainTextResponse("ok")


async def ready(request: Request) -> Response:
    missing = await request.state.doors.ready()
    return PlainTextResponse(missing or "ok", status_code=503 if missing else 200)


async def chart(request: Request) -> Response:
    """Slack fetches pictures without saying who it is, so the link itself is the permission, for a day."""
    drawn = await request.state.doors.picture(request.path_params["token"])
    if drawn is None:
        return PlainTextResponse("Not found", status_code=404)
    return Response(
        drawn, media_type="image/png", headers={"Cache-Control": "private, max-age=86400, immutable"}
    )


async def metrics(request: Request) -> Response:
    doors: Doors = request.state.doors
    if doors.metrics_token is None:
        return PlainTextResponse("Not found", status_code=404)
    said = request.headers.get("authorization", "")
    if not secrets.compare_digest(said.encode(), f"Bearer {doors.metrics_token}".encode()):
        return PlainTextResponse("Say Authorization: Bearer …", status_code=401)
    return Response(exposition(await doors.health()), media_type="text/plain; version=0.0.4; charset=utf-8")


def exposition(health: Health) -> bytes:
    """Gauges, read from the database, those of messages some minutes ago: any process answers for all of them."""
    registry = CollectorRegistry()
    Gauge("mutual_workspaces", "Workspaces with the app", registry=registry).set(health.workspaces)
    jobs = Gauge("mutual_queue_jobs", "Jobs, by queue and state", ["queue", "status"], registry=registry)
    for waiting in health.queue:
        jobs.labels(waiting.queue, waiting.status).set(waiting.jobs)
    Gauge("mutual_queue_longest_wait_seconds", "Oldest job that could run", registry=registry).set(
        health.longest_wait
    )
    Gauge("mutual_queue_stalled_jobs", "Jobs whose worker is gone", registry=registry).set(health.stalled)
    told = Gauge(
        "mutual_messages_week", "Messages of the last 7 days", ["kind", "outcome"], registry=registry
    )
    for line in health.told:
        told.labels(line.kind, line.outcome).set(line.messages)
    Gauge("mutual_messages_unresolved", "Messages that may or may not have arrived", registry=registry).set(
        len(health.unresolved)
    )
    Gauge("mutual_database_clock_ahead_seconds", "Database clock minus ours", registry=registry).set(
        health.skew
    )
    return generate_latest(registry)
