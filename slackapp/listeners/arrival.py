"""What happens to every request before it is authorised."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

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
from slackapp.store.installations import Installation

REMEMBERED_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Installed:
    installation: Installation
    emoji: Mapping[str, str]  # what a reaction means there
    until: float  # monotonic seconds


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
    ) -> None:
        self._database, self._cipher, self._now, self._links = database, cipher, now, links
        self._retention = retention
        self._remembered: dict[str, Installed] = {}

    async def installed(self, workspace_id: str, enterprise_id: str | None = None) -> Installed | None:
        """The workspace's installation first, then its organisation's."""
        known = self._remembered.get(workspace_id)
        if known is not None and known.until > time.monotonic():
            return known
        async with self._database.workspace(workspace_id) as db:
            installation = await installations.find(db, workspace_id, self._cipher)
            emoji = await workspaces.emoji(db, workspace_id)
        if installation is None:
            self.forget(workspace_id)
            return await self._joined(workspace_id, enterprise_id) if enterprise_id else None
        found = Installed(installation, emoji, time.monotonic() + REMEMBERED_SECONDS)
        self._remembered[workspace_id] = found
        return found

    async def _joined(self, workspace_id: str, enterprise_id: str) -> Installed | None:
        """Slack sends us a workspace we do not know only if its organisation has let us in."""
        async with self._database.workspace(enterprise_id) as db:
            organisation = await installations.find(db, enterprise_id, self._cipher)
        if organisation is None:
            return None
        async with self._database.workspace(workspace_id) as db:
            await workspaces.join(db, workspace_id, enterprise_id)
            await queue.defer(db, queue.sync_directory(workspace_id))
        return await self.installed(workspace_id)

    def forget(self, workspace_id: str) -> None:
        """Also everything that an organisation's installation was serving."""
        self._remembered = {
            known: what
            for known, what in self._remembered.items()
            if workspace_id not in {known, what.installation.held_by}
        }

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse | None:
        context = req.context
        named = (context.team_id, context.user_id, context.enterprise_id)
        if not all(one is None or name(one) for one in named) or not well_formed(req.body):
            return BoltResponse(status=400, body="")
        # The database, not a connection: Bolt's middleware is over before the listener starts.
        context["database"], context["now"], context["arrival"] = self._database, self._now, self
        if "command" in req.body or req.body.get("type") == "view_submission":
            # Slack sends these once, and shows a failure when it has waited too long: then nothing is recorded.
            context["database"] = self._database.within(PATIENCE)
        context["retention"] = self._retention
        context["links"] = self._links  # None: no public address, so pictures are uploaded
        event = req.body.get("event") if req.body.get("type") == "event_callback" else None
        workspace_id = context.team_id
        if (
            context.is_enterprise_install
            and isinstance(event, dict)
            and event.get("type") in {"app_uninstalled", "tokens_revoked"}
        ):
            workspace_id = context.enterprise_id  # the whole organisation's is gone
        context["workspace_id"] = workspace_id
        if (
            workspace_id
            and isinstance(event, dict)
            and event.get("type") in {"reaction_added", "reaction_removed"}
        ):
            known = await self.installed(workspace_id, context.enterprise_id)
            # A skin tone changes no meaning.
            kind = known and known.emoji.get(str(event.get("reaction")).partition("::")[0])
            if not kind:
                return BoltResponse(status=200, body="")
            context["reaction_kind"] = kind
        elif workspace_id and isinstance(event, dict) and event.get("type") in {"message", "app_mention"}:
            known = await self.installed(workspace_id)
            context["emoji"] = known.emoji if known else {}
            if event["type"] == "message" and event.get("channel_type") != "im":
                # Most messages give nothing to anybody, and cost nothing here.
                said = (event, event.get("message") or {}, event.get("previous_message") or {})
                bot = f"<@{known.installation.bot_user_id}>" if known else "-"
                texts = [str(part.get("text") or "") for part in said]
                if not any(bot in text or may_matter(text, context["emoji"], True) for text in texts):
                    return BoltResponse(status=200, body="")
        return await next()


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
        known = await self._arrival.installed(team_id, enterprise_id) if team_id else None
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
