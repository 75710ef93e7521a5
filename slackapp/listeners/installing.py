"""Installing by OAuth: an admin says yes at Slack, and Slack sends them back with a code worth a token."""

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from cryptography.fernet import MultiFernet
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.domain.scopes import OPTIONAL, REQUIRED, lacking
from slackapp.store import installations, installing, queue, workspaces
from slackapp.store.database import Database
from slackapp.store.installations import Installation

log = structlog.get_logger("slackapp.installing")

LIFETIME = timedelta(minutes=10)


class NotInstalled(Exception):  # noqa: N818 - it names the situation, and its message is read by people
    """Nothing was installed. The message is a sentence for the person who tried."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """What was installed, for the page that says so."""

    name: str
    is_organisation: bool
    opens: str  # a link into Slack
    lacks: list[str]


@dataclass(frozen=True, slots=True)
class Installer:
    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    slack_api_url: str
    timezone: str  # of a workspace until an admin chooses
    database: Database
    cipher: MultiFernet = field(repr=False)
    client: AsyncWebClient
    now: Callable[[], datetime]
    forget: Callable[[str], None]  # what was remembered of a workspace is out of date

    @property
    def _back(self) -> str:
        return f"{self.public_url}/slack/oauth_redirect"

    async def begin(self) -> tuple[str, str]:
        """(state, where to go with it). The state belongs in the browser too, so that nobody can lend theirs."""
        state, now = secrets.token_urlsafe(32), self.now()
        async with self.database.workspace(installing.NOWHERE) as db:
            await installing.begin(db, state, expires_at=now + LIFETIME, now=now)
        slack = urlsplit(self.slack_api_url)
        query = {
            "client_id": self.client_id,
            "scope": ",".join([*REQUIRED, *OPTIONAL]),
            "state": state,
            "redirect_uri": self._back,
        }
        return state, f"{slack.scheme}://{slack.netloc}/oauth/v2/authorize?{urlencode(query)}"

    async def finish(self, query: Mapping[str, str], cookie: str) -> Welcome:
        """Raises NotInstalled for a refusal, a state or code that is no good, and when Slack says no."""
        state = query.get("state", "")
        if not (state and cookie and hmac.compare_digest(state.encode(), cookie.encode())):
            raise NotInstalled("This did not begin in this browser. Please start again from here.")
        async with self.database.workspace(installing.NOWHERE) as db:
            good = await installing.use(db, state, self.now())
        if not good:
            raise NotInstalled(
                "This link was used already, or is older than ten minutes. Please start again."
            )
        if query.get("error"):
            raise NotInstalled("You did not allow it, so nothing was installed and nothing is kept.")
        try:
            # Not client.oauth_v2_access: it uses a class that aiohttp has deprecated.
            answer = await self.client.api_call(
                "oauth.v2.access",
                data={
                    "client_id": self.client_id,
                    "client_secret": self.client_secret,
                    "code": query.get("code", ""),
                    "redirect_uri": self._back,
                },
            )
        except SlackApiError as refused:
            log.warning("install_refused", slack_error=refused.response.get("error"))
            raise NotInstalled("Slack did not accept this installation. Please start again.") from None
        return await self._keep(answer.data if isinstance(answer.data, dict) else {})

    async def _keep(self, said: dict[str, Any]) -> Welcome:
        team, enterprise = said.get("team") or {}, said.get("enterprise") or {}
        is_organisation = bool(said.get("is_enterprise_install"))
        place = enterprise if is_organisation else team
        if said.get("token_type") != "bot" or not place.get("id"):
            raise NotInstalled("Slack did not give Mutual what it needs. Please start again.")
        token, workspace_id = said["access_token"], place["id"]
        who = await self.client.auth_test(token=token)
        scopes = [scope for scope in str(said.get("scope") or "").split(",") if scope]
        async with self.database.workspace(workspace_id) as db:
            await workspaces.add(
                db,
                workspace_id,
                name=place.get("name") or workspace_id,
                timezone=self.timezone,
                enterprise_id=None if is_organisation else enterprise.get("id"),
                is_organisation=is_organisation,
            )
            await installations.put(
                db,
                workspace_id,
                Installation(token, who.get("bot_id") or "", said["bot_user_id"], scopes),
                self.cipher,
                self.now(),
            )
            if not is_organisation:
                await queue.defer(db, queue.sync_directory(workspace_id))
        self.forget(workspace_id)
        log.info("installed", workspace=workspace_id, organisation=is_organisation)
        opens = (
            "slack://open"
            if is_organisation
            else f"slack://app?team={workspace_id}&id={said['app_id']}&tab=home"
        )
        return Welcome(place.get("name") or workspace_id, is_organisation, opens, lacking(scopes))
