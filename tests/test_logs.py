"""Logs say what went wrong and where, and nobody's words; and the tests would notice."""

import asyncio
import json
import logging
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from slack_sdk.errors import SlackApiError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from slackapp.logs import about
from slackapp.store.database import Database
from tests import heard

NOTE = "the plum-coloured harbour lamp"


@pytest.mark.parametrize(
    ("statement", "sqlstate", "constraint"),
    [
        ("SELECT CAST(:note AS uuid), CAST(:id AS text)", "22P02", None),
        (
            "INSERT INTO preferences (workspace_id, user_id, thanked, help_me) VALUES (:id, 'U0ANA', 'loudly', :note)",
            "23514",
            "preferences_thanked_check",
        ),
    ],
)
async def test_what_the_database_refused_is_named_and_not_quoted(
    database: Database, workspace_id: str, statement: str, sqlstate: str, constraint: str | None
) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with database.workspace(workspace_id) as db:
            await db.execute(text(statement), {"id": workspace_id, "note": NOTE})
    said = about(refused.value)

    assert (said["sqlstate"], said["constraint"]) == (sqlstate, constraint)
    assert NOTE not in repr(said)
    assert "test_logs.py:" in said["where"]


def test_what_slack_refused_is_named_by_its_word() -> None:
    refused = SlackApiError(NOTE, {"ok": False, "error": "invalid_blocks", "text": NOTE})

    assert about(refused) == {"error": "SlackApiError", "where": "", "slack_error": "invalid_blocks"}


def test_a_librarys_exception_is_written_without_its_message(logs: "logging.StreamHandler[Any]") -> None:
    written = StringIO()
    stream = logs.setStream(written)
    try:
        raise ValueError(NOTE)
    except ValueError:
        logging.getLogger("some.library").exception("It failed")
    assert stream is not None
    logs.setStream(stream)

    line = json.loads(written.getvalue())
    assert (line["event"], line["error"], line["level"]) == ("It failed", "ValueError", "error")
    assert NOTE not in written.getvalue()


async def test_what_nobody_waited_for_is_written_without_its_message(
    logs: "logging.StreamHandler[Any]",
) -> None:
    async def fail() -> None:
        raise ValueError(NOTE)

    written = StringIO()
    stream = logs.setStream(written)
    task = asyncio.ensure_future(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    assert stream is not None
    logs.setStream(stream)

    assert "Task exception was never retrieved" in written.getvalue()
    assert NOTE not in written.getvalue()


def test_a_secret_that_is_printed_is_noticed() -> None:
    key = Fernet.generate_key()
    for secret in (
        "xoxb-1234567890-abcdefghij",
        "xapp-1-A0-123",
        key.decode(),
        Fernet(key).encrypt(b"xoxb-1").decode(),
    ):
        assert heard.leaked(f'{{"token": "{secret}"}}')
        assert heard.leaked(f"MUTUAL_SECRET_KEYS={secret}")
    assert not heard.leaked('{"event": "message_sent", "workspace": "T0K57IM5UZ4"}')


def test_words_that_are_printed_before_their_workspace_closes_are_noticed() -> None:
    since = heard.so_far()
    assert not heard.leaked(f"typed {NOTE}")
    heard.written([{"command": "/kudos", "text": f"<@U0BEN> {NOTE}"}], since)
    assert heard.leaked("") == [f"{NOTE[:14]}…"]
    assert heard.leaked("") == []
