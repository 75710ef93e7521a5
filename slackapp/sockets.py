"""Socket Mode: Slack reaches us through a WebSocket that we open, so no public address is needed."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient

log = structlog.get_logger("slackapp.sockets")

WATCH_SECONDS = 10.0


@asynccontextmanager
async def connected(
    bolt: AsyncApp, app_token: str, *, watch: float = WATCH_SECONDS
) -> AsyncIterator[SocketModeClient]:
    """Stay connected meanwhile. What is not acknowledged when we leave, Slack sends again to whoever is next."""
    # Its own quiet logger: the client writes every payload, and so people's words, at DEBUG.
    quiet = logging.getLogger("slackapp.sockets.client")
    quiet.setLevel(logging.CRITICAL)
    handler = AsyncSocketModeHandler(bolt, app_token=app_token, logger=quiet)
    client = handler.client
    watchdog = asyncio.create_task(_keep(client, watch))
    try:
        yield client
    finally:
        watchdog.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watchdog
        await client.close()  # type: ignore[no-untyped-call]


async def _keep(client: SocketModeClient, watch: float) -> None:
    """The client reconnects by itself nearly always; this is for the rest."""
    while True:
        if not await client.is_connected():
            log.info("socket_connecting")
            try:
                # A session that only looks alive may hang for ever.
                async with asyncio.timeout(30):
                    await client.connect_to_new_endpoint(force=True)
            except Exception as error:  # noqa: BLE001, S110, RUF100 - whatever it was, the next round tries again
                log.warning("socket_failed", error=type(error).__name__)
        await asyncio.sleep(watch)
