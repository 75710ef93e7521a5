"""`slack run`: the commands in .slack/hooks.json do what Slack's command line expects of them."""

import asyncio
import json
import shlex
import signal
import subprocess
import sys
from typing import Any

import pytest

from slackapp.app import Roles
from slackapp.store.database import Database
from tests import heard
from tests.world import MANIFEST, ROOT, World, free_port, make_world

HOOKS: dict[str, Any] = json.loads((ROOT / ".slack" / "hooks.json").read_text())


def command(hook: str) -> list[str]:
    """Split at spaces, as Slack's command line does it, and run by the Python at hand."""
    python, *rest = HOOKS["hooks"][hook].split()
    assert (python, shlex.split(HOOKS["hooks"][hook])) == (".venv/bin/python", [python, *rest])
    return [sys.executable, *rest]


def test_the_manifest_is_all_that_its_hook_prints() -> None:
    printed = subprocess.run(
        command("get-manifest"), cwd=ROOT, env=heard.clean(), capture_output=True, text=True, check=True
    )

    assert json.loads(printed.stdout) == MANIFEST
    assert printed.stderr == ""


async def test_it_starts_with_the_tokens_of_slack_run_and_ends_when_interrupted(
    database_url: str, database: Database
) -> None:
    """Slack's command line leaves the connection to us, and waits five seconds for the end."""
    assert HOOKS["config"]["sdk-managed-connection-enabled"] is True
    async with make_world(database_url, database, roles=Roles(web=True)) as world:
        world.sandbox.app_url = None  # nothing can arrive by request
        started = await asyncio.create_subprocess_exec(
            *command("start"),
            cwd=ROOT,
            env={
                **heard.clean(),
                "SLACK_CLI_XOXB": world.sandbox.bot_token,
                "SLACK_CLI_XAPP": world.sandbox.app_token,
                "SLACK_API_URL": world.settings.slack_api_url,
                "SLACK_SIGNING_SECRET": world.settings.slack_signing_secret.get_secret_value(),
                "MUTUAL_SECRET_KEYS": world.settings.mutual_secret_keys.get_secret_value(),
                "DATABASE_URL": database_url,
                "PORT": str(free_port()),
            },
        )
        try:
            await asyncio.wait_for(world.sandbox.sockets.opened.wait(), 30)
            await _answers(world)
            started.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(started.wait(), 25) == 0
        finally:
            if started.returncode is None:
                started.kill()


async def _answers(world: World) -> None:
    answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
    assert answer.text == "Your kudos to Ben counted."


@pytest.mark.parametrize("lacks", ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"])
def test_what_is_missing_is_named(lacks: str) -> None:
    said = {
        "SLACK_CLI_XOXB": "xoxb-1234567890-abcdefghij",
        "SLACK_APP_TOKEN": "xapp-1234567890-abcdefghij",
        "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
        "MUTUAL_SECRET_KEYS": "l1Sn4ZxVbh3WUq0mFTo8r2PyKcJdGeXa5vN7wRiBkQE=",
        "DATABASE_URL": "postgresql://127.0.0.1:9/nowhere",
    }
    del said[lacks]
    ended = heard.slackapp("serve", "--socket", "--all", env=said)

    assert ended.returncode == 2
    assert f"{lacks} is missing" in ended.stderr
