"""What must not happen: secrets or notes in logs, accepted requests that are lost."""

import asyncio
import io
import json
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from sqlalchemy import text

from slackapp.sandbox.delivery import FORM, sign
from tests import heard
from tests.world import SIGNING_SECRET, World, free_port

NOTE = "the plum-coloured harbour lamp"


@pytest.fixture(params=["INFO", "DEBUG"])
def logged(request: pytest.FixtureRequest, logs: "logging.StreamHandler[Any]") -> Iterator[io.StringIO]:
    """Everything the app logs, as each process sets it up."""
    root, written = logging.getLogger(), io.StringIO()
    level, stream = root.level, logs.setStream(written)
    root.setLevel(request.param)
    yield written
    root.setLevel(level)
    assert stream is not None
    logs.setStream(stream)
    print(written.getvalue())


async def test_no_token_secret_or_note_is_ever_logged(logged: io.StringIO, world: World) -> None:
    sandbox = world.sandbox
    await sandbox.command("ana", "team", "/kudos", f"<@{world.ben}> {NOTE}")
    await sandbox.command("ana", "team", "/kudos", NOTE)
    await sandbox.open_home("ana")
    for kind in ("kudos", "help", "?"):
        await sandbox.command("ben", "team", "/kudos", kind)
    await sandbox.send(
        {"type": "event_callback", "event": {"type": "app_home_opened", "tab": "home", "x": NOTE}}
    )
    await sandbox.send(
        {"type": "block_actions", "actions": [{"action_id": "undo", "value": NOTE}]}, kind="interactivity"
    )
    await world.settle()

    said = logged.getvalue()
    assert world.id in said
    for secret in (
        sandbox.bot_token,
        sandbox.app_token,
        SIGNING_SECRET,
        world.settings.mutual_secret_keys.get_secret_value(),
        sandbox.app.client_secret,
        NOTE,
    ):
        assert secret not in said


async def test_what_was_accepted_is_finished_when_told_to_stop(world: World) -> None:
    """SIGTERM while a request waits for the database: it is answered, and what it recorded is there."""
    port = free_port()
    environment = {
        **heard.clean(),
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_BOT_TOKEN": world.sandbox.bot_token,
        "SLACK_API_URL": world.settings.slack_api_url,
        "MUTUAL_SECRET_KEYS": world.settings.mutual_secret_keys.get_secret_value(),
        "DATABASE_URL": str(world.settings.database_url),
        "PORT": str(port),
    }
    serve = await asyncio.create_subprocess_exec(sys.executable, "-m", "slackapp", "serve", env=environment)
    try:
        async with aiohttp.ClientSession() as http:
            for _ in range(200):
                with suppress(aiohttp.ClientError):
                    async with http.get(f"http://127.0.0.1:{port}/health/ready") as ready:
                        if ready.status == 200:
                            break
                await asyncio.sleep(0.1)
            body = urlencode(
                {
                    "command": "/kudos",
                    "text": f"<@{world.ben}>",
                    "team_id": world.id,
                    "user_id": world.ana,
                    "channel_id": world.team,
                    "trigger_id": "7.7.slow",
                    "response_url": "http://127.0.0.1:9/",
                }
            )
            now = str(int(__import__("time").time()))
            headers = {
                "Content-Type": FORM,
                "X-Slack-Request-Timestamp": now,
                "X-Slack-Signature": sign(SIGNING_SECRET, now, body),
            }
            async with world.database.engine.connect() as held:
                await held.execute(text("BEGIN"))
                await held.execute(text("LOCK TABLE procrastinate_jobs IN ACCESS EXCLUSIVE MODE"))
                asked = asyncio.create_task(
                    http.post(f"http://127.0.0.1:{port}/slack/events", data=body, headers=headers)
                )
                await asyncio.sleep(0.7)
                assert not asked.done()
                serve.send_signal(signal.SIGTERM)
                await asyncio.sleep(0.7)
                assert not asked.done()
                await held.execute(text("COMMIT"))
            answer = await asyncio.wait_for(asked, 10)
            assert answer.status == 200
            assert "blocks" in json.loads(await answer.text())
            answer.release()
        assert await asyncio.wait_for(serve.wait(), 25) == 0
    finally:
        if serve.returncode is None:
            serve.kill()
    assert ("ana", "ben", "kudos") in await world.standing()
