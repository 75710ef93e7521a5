"""Reactions that mean something here. Removing one retracts, adding it again restores."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.domain.gestures import Mark, gestures_to, message_source
from slackapp.listeners.directory import acquainted
from slackapp.store import gestures, queue, workspaces
from slackapp.store.database import Database

REMEMBERED_SECONDS = 30.0


def register(bolt: AsyncApp) -> None:
    bolt.event("reaction_added")(reaction_changed)
    bolt.event("reaction_removed")(reaction_changed)


async def reaction_changed(event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    giver, receiver, item = event["user"], event.get("item_user"), event["item"]
    kind = context["reaction_kind"]
    if not receiver or giver == receiver or item.get("type") != "message":
        return
    workspace_id, now = context["workspace_id"], context["now"]()
    async with acquainted(context, client, [giver, receiver]) as (db, known):
        people = [known.people.get(user) for user in (giver, receiver)]
        if not all(person and person.takes_part for person in people):
            return
        given = gestures_to(
            [known.people[receiver]],
            giver=giver,
            kind=kind,
            source=message_source(item["channel"], item["ts"]),
            at=now,
            tz=known.timezone,
        )
        mark = Mark(event["reaction"], on=event["type"] == "reaction_added", at=float(event["event_ts"]))
        changed = await gestures.record(db, workspace_id, given, mark, now)
        if changed:
            await queue.defer(db, *queue.keep_true(workspace_id, changed))


class Meanings:
    """What each workspace's reactions mean, remembered for half a minute: most reactions mean nothing here,

    and those must not cost a database call each.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[float, dict[str, str]]] = {}

    async def of(self, workspace_id: str, emoji: str) -> str | None:
        until, meanings = self._known.get(workspace_id, (0.0, {}))
        if until < time.monotonic():
            async with self._database.workspace(workspace_id) as db:
                meanings = dict(await workspaces.emoji(db, workspace_id))
            self._known[workspace_id] = (time.monotonic() + REMEMBERED_SECONDS, meanings)
        return meanings.get(emoji.partition("::")[0])  # a skin tone changes no meaning

    def forget(self, workspace_id: str) -> None:
        self._known.pop(workspace_id, None)

    async def let_through(
        self, req: AsyncBoltRequest, context: AsyncBoltContext, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Before authorisation: acknowledge at once a reaction that means nothing."""
        event = req.body.get("event") or {}
        if req.body.get("type") == "event_callback" and str(event.get("type", "")).startswith("reaction_"):
            kind = await self.of(str(req.body.get("team_id")), str(event.get("reaction")))
            if kind is None:
                return BoltResponse(status=200, body="")
            context["reaction_kind"] = kind
        return await next()
