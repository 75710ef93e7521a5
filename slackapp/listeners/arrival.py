"""What happens to every request before it is authorised."""

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from cryptography.fernet import MultiFernet
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest

from slackapp.charts.links import Links
from slackapp.domain.privacy import DEFAULT, Retention
from slackapp.domain.typed import may_matter
from slackapp.listeners.shapes import name, well_formed
from slackapp.store import installations, queue, workspaces
from slackapp.store.database import PATIENCE, Database
from slackapp.store.installations import Installed

log = structlog.get_logger("slackapp.arrival")

REMEMBERED_SECONDS = 30.0


class Arrival(AsyncMiddleware):
    """Puts what listeners need into the context, and answers at once what means nothing here.

    What a workspace is to us is remembered for half a minute, so that most requests cost no read. A token that was
    revoked meanwhile does no harm: Slack refuses it, and jobs, which do the talking, always read it afresh.
    """

    def __init__(
        self,
        database: Database,
        cipher: MultiFernet,
        now: Callable[[], datetime],
        links: Links | None = None,
        retention: Retention = DEFAULT,
        contact: str | None = None,
        timezone: str = "UTC",
    ) -> None:
        self._database, self._cipher, self._now, self._links = database, cipher, now, links
        self._retention, self._contact = retention, contact
        self.timezone = timezone  # of a workspace until an admin chooses
        self._remembered: dict[str, tuple[Installed, float]] = {}  # until when, in monotonic seconds

    async def installed(
        self, workspace_id: str, enterprise_id: str | None = None, told_at: datetime | None = None
    ) -> Installed | None:
        """The workspace's installation first, then its organisation's."""
        known, until = self._remembered.get(workspace_id, (None, 0.0))
        if until > time.monotonic():
            return known
        async with self._database.workspace(workspace_id) as db:
            found = await installations.installed(db, workspace_id, self._cipher)
        if found is None:
            self.forget(workspace_id)
            return await self._joined(workspace_id, enterprise_id, told_at) if enterprise_id else None
        self._remembered[workspace_id] = found, time.monotonic() + REMEMBERED_SECONDS
        return found

    async def _joined(
        self, workspace_id: str, enterprise_id: str, told_at: datetime | None
    ) -> Installed | None:
        """Slack sends us a workspace we do not know only if its organisation has let us in."""
        async with self._database.workspace(enterprise_id) as db:
            organisation = await installations.find(db, enterprise_id, self._cipher)
        if organisation is None:
            return None
        async with self._database.workspace(workspace_id) as db:
            # What somebody pressed or typed says no time, and may have been on its way when the workspace left.
            at = told_at or self._now()
            again = told_at is not None
            if not await workspaces.join(
                db, workspace_id, enterprise_id, at, timezone=self.timezone, again=again
            ):
                return None
            await queue.defer(db, queue.sync_directory(workspace_id))
        return await self.installed(workspace_id)

    def forget(self, workspace_id: str) -> None:
        """Also everything that an organisation's installation was serving."""
        self._remembered = {
            known: (what, until)
            for known, (what, until) in self._remembered.items()
            if workspace_id not in {known, what.installation.held_by}
        }

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse | None:
        context = req.context
        if req.body.get("type") == "app_rate_limited":
            log.warning("slack_drops_events", workspace=context.team_id)
            return BoltResponse(status=200, body="")
        named = (context.team_id, context.user_id, context.enterprise_id)
        if not all(one is None or name(one) for one in named) or not well_formed(req.body):
            return BoltResponse(status=400, body="")
        # The database, not a connection: Bolt's middleware is over before the listener starts.
        context["database"], context["now"], context["arrival"] = self._database, self._now, self
        if "command" in req.body or req.body.get("type") == "view_submission":
            # Slack sends these once, and shows a failure when it has waited too long: then nothing is recorded.
            context["database"] = self._database.within(PATIENCE)
        context["retention"], context["contact"] = self._retention, self._contact
        context["links"] = self._links  # None: no public address, so pictures are uploaded
        event = req.body.get("event") if req.body.get("type") == "event_callback" else None
        workspace_id = _about(context, req.body, event)
        if workspace_id and workspace_id != context.team_id:
            context["team_id"] = context.client.default_params["team_id"] = workspace_id
        context["workspace_id"] = workspace_id
        context["told_at"] = _told_at(req.body)
        if (
            workspace_id
            and isinstance(event, dict)
            and event.get("type") in {"reaction_added", "reaction_removed"}
        ):
            known = await self.installed(workspace_id, context.enterprise_id, context["told_at"])
            # A skin tone changes no meaning.
            emoji = str(event.get("reaction")).partition("::")[0]
            kind = known and known.emoji.get(emoji)
            may_have_meant = known and event["type"] == "reaction_removed" and emoji in known.former
            if not (kind or may_have_meant):
                return BoltResponse(status=200, body="")
            context["reaction_kind"] = kind
        elif workspace_id and isinstance(event, dict) and event.get("type") in {"message", "app_mention"}:
            known = await self.installed(workspace_id, context.enterprise_id, context["told_at"])
            context["emoji"], context["former_emoji"] = (known.emoji, known.former) if known else ({}, {})
            if event["type"] == "message" and event.get("channel_type") != "im":
                # Most messages give nothing to anybody, and cost nothing here.
                said = (event, event.get("message") or {}, event.get("previous_message") or {})
                bot = f"<@{known.installation.bot_user_id}>" if known else "-"
                texts = [str(part.get("text") or "") for part in said]
                # A new message has to say something now; another may be about what one said before.
                before = context["former_emoji"] if "previous_message" in event else {}
                meanings = context["emoji"] or before
                if not any(bot in text or may_matter(text, meanings, True) for text in texts):
                    return BoltResponse(status=200, body="")
        return await next()


#: Of the organisation, where that has installed the app; of the workspace otherwise.
_GONE = frozenset({"app_uninstalled", "tokens_revoked"})
#: Of an organisation, naming the workspaces it lets us into.
_ACCESS = frozenset({"team_access_granted", "team_access_revoked"})


def _about(context: AsyncBoltContext, body: Mapping[str, Any], event: Mapping[str, Any] | None) -> str | None:
    """The workspace, or for what concerns the whole of it the organisation."""
    if event is None:
        return context.team_id
    if event["type"] in _ACCESS or (context.is_enterprise_install and event["type"] in _GONE):
        return context.enterprise_id
    # The authorization of an organisation may name no workspace. Then it is the one through which we are told, which
    # in a channel shared with others need not be the one where it happened.
    return context.team_id or body.get("context_team_id") or body.get("team_id")


def _told_at(body: Mapping[str, Any]) -> datetime | None:
    """When it happened, to the second: an event may be told again hours later. None for what is no event."""
    seconds = body.get("event_time")
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


class Authorization(AsyncAuthorize):
    """Who we are in a workspace. None where the app is not installed, or not any more."""

    def __init__(self, arrival: Arrival) -> None:
        self._arrival = arrival

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult | None:
        told_at = context.get("told_at")
        known = await self._arrival.installed(team_id, enterprise_id, told_at) if team_id else None
        if known is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            user_id=user_id,
            bot_token=known.installation.bot_token,
            bot_id=known.installation.bot_id,
            bot_user_id=known.installation.bot_user_id,
        )
