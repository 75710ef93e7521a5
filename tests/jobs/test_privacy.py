"""A copy of one's data arrives once, also when Slack takes nothing at first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from slackapp.jobs.delivery import TryLater
from slackapp.jobs.privacy import send_my_data
from slackapp.jobs.shell import Shell
from slackapp.sandbox import SlackError
from slackapp.store import deliveries, queue
from tests.world import World


def copies(world: World) -> int:
    return sum(bool(message.get("files")) for message in world.sandbox.messages(world.sandbox.dm(world.ben)))


async def run(world: World, shell: Shell) -> None:
    context: Any = SimpleNamespace(additional_context={"shell": shell})
    await send_my_data(context, workspace_id=world.id, user_id=world.ben, request="V1")


async def outcome(world: World) -> str | None:
    async with world.database.workspace(world.id) as db:
        return (await deliveries.about(db, world.id, "my_data", "V1"))[world.ben].outcome


async def test_it_comes_when_slack_says_to_try_again(world: World) -> None:
    world.sandbox.api.broken["files.completeUploadExternal"] = SlackError("ratelimited", retry_after=47)
    before = datetime.now(UTC)
    async with world.database.workspace(world.id) as db:
        await queue.defer(db, queue.send_my_data(world.id, world.ben, "V1"))
    await world.settle()

    assert copies(world) == 0
    due = await world.waits_until("send_my_data")
    assert timedelta(seconds=46) < due - before < timedelta(seconds=60)
    world.sandbox.api.broken.clear()
    await world.waits_no_longer()

    assert copies(world) == 1
    assert await outcome(world) == "sent"


async def test_it_comes_once_slack_is_within_reach(world: World, shell: Shell) -> None:
    with pytest.raises(TryLater):
        await run(world, replace(shell, slack_api_url="http://127.0.0.1:9/api/"))

    for _ in range(2):
        await run(world, shell)
        assert copies(world) == 1


async def test_it_comes_after_a_file_was_not_taken(world: World, shell: Shell) -> None:
    """Nothing is seen of the files before all are there."""
    url, world.sandbox.workspace.url = world.sandbox.workspace.url, f"{world.sandbox.workspace.url}/nowhere"
    with pytest.raises(TryLater):
        await run(world, shell)

    world.sandbox.workspace.url = url
    await run(world, shell)
    assert copies(world) == 1


async def test_it_is_not_sent_again_when_nobody_knows(world: World, shell: Shell) -> None:
    world.sandbox.api.lost["files.completeUploadExternal"] = 1
    for _ in range(2):
        await run(world, shell)

    assert copies(world) == 1
    assert await outcome(world) is None


async def test_it_never_comes_to_somebody_who_cannot_be_written_to(world: World, shell: Shell) -> None:
    world.sandbox.api.broken["conversations.open"] = SlackError("user_disabled")
    for _ in range(2):
        await run(world, shell)

    assert copies(world) == 0
    assert await outcome(world) == "user_disabled"
