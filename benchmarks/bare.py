"""What a hand-written Bolt app does at the least, to measure ours against. Run by capture.py under granian."""

import json
import os
import uuid

from psycopg_pool import AsyncConnectionPool
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from slackapp.store import gestures as store
from slackapp.store.database import in_drivers_words

WORKSPACE = os.environ.get("BENCH_WORKSPACE", "")


def bare() -> AsyncSlackRequestHandler:
    mode = os.environ["BENCH_MODE"]

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id=WORKSPACE, bot_token="xoxb-1", bot_id="B1", bot_user_id="U1"
        )

    app = AsyncApp(
        signing_secret=os.environ["SLACK_SIGNING_SECRET"], process_before_response=True, authorize=authorize
    )
    pool = AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=10, max_size=10, open=False)
    opened = False
    record = in_drivers_words(store._RECORD_AT_ONCE.clause)

    async def ready() -> AsyncConnectionPool:
        nonlocal opened
        if not opened:
            opened = True
            await pool.open()
        return pool

    async def transaction(ack: AsyncAck, command: dict[str, str]) -> None:
        giver, receiver = command["user_id"], command["text"].split("<@")[1].split("|")[0]
        source = f"command:{command['trigger_id']}"
        row = {
            "gesture_id": str(uuid.uuid4()),
            "giver": giver,
            "receiver": receiver,
            "kind": "kudos",
            "source_key": source,
            "happened_at": "2026-03-04T10:00:00Z",
            "day": "2026-03-04",
            "visibility": "channel",
            "note": command["text"],
        }
        job = {"queue": "default", "task": "announce", "args": {"workspace_id": WORKSPACE}}
        async with (await ready()).connection() as db:
            await db.execute("SELECT set_config('mutual.workspace_id', %s, true)", [WORKSPACE])
            found = await db.execute(
                record,
                {
                    "workspace_id": WORKSPACE,
                    "asked": [giver, receiver],
                    "timezone": "UTC",
                    "rows": json.dumps([row]),
                    "mark": "command",
                    "jobs": json.dumps([job]),
                },
            )
            assert all(person[-1] for person in await found.fetchall()), "nothing was recorded"
        await ack(text="Counted.")

    async def single_insert(ack: AsyncAck, command: dict[str, str]) -> None:
        async with (await ready()).connection() as db:
            await db.execute("INSERT INTO bench_bare (body) VALUES (%s)", [command["text"]])
        await ack(text="Counted.")

    async def no_op() -> None:
        return

    app.command("/kudos")(transaction if mode == "transaction" else single_insert)
    app.event("reaction_added")(no_op)
    return AsyncSlackRequestHandler(app)
