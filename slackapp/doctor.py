"""What the command line says about an installation: `doctor`, and a digest before it is sent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from slackapp.app import clock_of
from slackapp.blocks import digest as blocks
from slackapp.domain.health import Check, checks, scopes_check, slack_clock_check
from slackapp.settings import Settings
from slackapp.store import digests, health, installations
from slackapp.store.database import Database, NotIsolatedError, open_database
from slackapp.store.revisions import pending


async def examine(settings: Settings) -> list[Check]:
    """Every check there is; where the database does not answer, that is the only one."""
    assert settings.database_url is not None
    database = open_database(settings.database_url)
    try:
        try:
            async with database.engine.connect() as db:
                behind = await db.run_sync(pending)
        except (SQLAlchemyError, OSError) as error:
            return [
                Check(
                    "database", False, f"It does not answer ({type(error).__name__}). Look at DATABASE_URL."
                )
            ]
        found = [
            Check("database", True, "It answers."),
            await _isolated(database),
            Check("migrations", not behind, "Up to date." if not behind else "Run `slackapp migrate`."),
        ]
        if behind:
            return found
        now = clock_of(settings.mutual_clock_file)()
        found += checks(await health.read(database, now, datetime.now(UTC)))
        return [*found, *await _slack(settings, database)]
    finally:
        await database.close()


async def _isolated(database: Database) -> Check:
    try:
        await database.require_isolation()
    except NotIsolatedError as why:
        return Check("isolation", False, str(why))
    return Check("isolation", True, "The database keeps workspaces apart.")


AT_ONCE = 16  # workspaces asked about side by side


async def _slack(settings: Settings, database: Database) -> list[Check]:
    """One call a workspace: its scopes, and Slack's clock."""
    # It is the same Slack for all of them: once it does not answer, asking on would only mean waiting on.
    turn, silent = asyncio.Semaphore(AT_ONCE), asyncio.Event()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:

        async def ask(workspace_id: str) -> tuple[Check | None, float | None]:
            async with turn:
                if silent.is_set():
                    return None, None
                try:
                    async with database.workspace(workspace_id) as db:
                        installation = await installations.find(db, workspace_id, settings.cipher)
                except installations.LostKeyError as why:
                    return Check(f"key of {workspace_id}", False, str(why)), None
                if installation is None:
                    return None, None
                client = AsyncWebClient(
                    token=installation.bot_token,
                    base_url=settings.slack_api_url,
                    session=http,
                    retry_handlers=[],
                )
                found = await _scopes(client, workspace_id)
                if found is None:
                    silent.set()
                return found or (Check("Slack", False, "No answer."), None)

        answers = await asyncio.gather(*map(ask, await database.workspace_ids()))
    found = list(dict.fromkeys(check for check, _ in answers if check is not None))
    skews = [skew for _, skew in answers if skew is not None]
    return [*found, slack_clock_check(skews[-1])] if skews else found


async def _scopes(client: AsyncWebClient, workspace_id: str) -> tuple[Check, float | None] | None:
    """None where Slack does not answer."""
    try:
        answer = await client.auth_test()
    except SlackApiError as refused:
        why = refused.response.get("error") or "an answer I cannot read"
        return Check(f"Slack in {workspace_id}", False, f"It refuses us: {why}."), None
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None
    granted = str(answer.headers.get("x-oauth-scopes") or "").replace(" ", "").split(",")
    date = answer.headers.get("Date")
    skew = (datetime.now(UTC) - parsedate_to_datetime(str(date))).total_seconds() if date else None
    return scopes_check(workspace_id, granted), skew


@dataclass(frozen=True, slots=True)
class Preview:
    text: str
    blocks: list[Any]


async def digest_preview(settings: Settings, workspace: str | None, person: str) -> Preview | str:
    """The digest as text and blocks, or a sentence about why there is none."""
    assert settings.database_url is not None
    database = open_database(settings.database_url)
    try:
        ids = await database.workspace_ids()
        if workspace is None and len(ids) != 1:
            return f"There are {len(ids)} workspaces; say which one with --workspace."
        workspace = workspace or ids[0]
        async with database.workspace(workspace) as db:
            facts = await digests.facts(db, workspace, person, clock_of(settings.mutual_clock_file)())
    finally:
        await database.close()
    if facts is None:
        return f"Nobody with the id {person} is known in {workspace}."
    message = blocks.digest(replace(facts, preview=True))
    if message is None:
        return f"{facts.person.name} would get no digest: nothing happened that is worth a message."
    plain = [block if isinstance(block, dict) else block.to_dict() for block in message[1]]
    return Preview("\n\n".join(_texts(plain)), plain)


def _texts(blocks_: Sequence[dict[str, Any]]) -> list[str]:
    said = []
    for block in blocks_:
        parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        lines = []
        for part in parts:
            if isinstance(part, dict):
                inner = part.get("text")
                text = inner.get("text") if isinstance(inner, dict) else inner
                lines.append(f"[{text}]" if part.get("type") == "button" else str(text))
        if lines:
            said.append("  ".join(lines))
    return said
