"""A workspace with one installed app in it: making it, and looking at it as a person does."""

from collections.abc import Iterable
from pathlib import Path

from .clock import Clock
from .delivery import Courier, Delivery, address
from .elements import Json
from .events import Events
from .installation import Installation
from .rates import Rates
from .responses import Responses
from .sockets import Sockets
from .web_api import WebApi
from .workspace import UserGroup, Workspace, identifier


class World:
    def __init__(
        self,
        manifest: Json,
        signing_secret: str,
        app_url: str | None = None,
        rate_limits: bool = False,
        clock: Clock | None = None,
        *,
        clock_file: Path | str | None = None,
        team_name: str = "Lantern",
        domain: str | None = None,
        optional_scopes: bool = True,
        timeout: float = 3.0,
    ) -> None:
        self.clock = clock or Clock(file=clock_file)
        self.signing_secret = signing_secret
        self.app_url = app_url
        self.workspace = Workspace(
            clock=self.clock, name=team_name, domain=domain or team_name.lower().replace(" ", "-")
        )
        self.workspace.add_user(
            "slackbot", user_id="USLACKBOT", real_name="Slackbot", tz="America/Los_Angeles"
        )
        self.app = Installation(
            manifest, self.workspace, seed=signing_secret, optional_scopes=optional_scopes
        )
        self.courier = Courier(self.clock, secret=signing_secret, timeout=timeout)
        self.courier.url_of = self._address
        self.events = Events(self.workspace, self.app, self.courier)
        self.rates = Rates(self.clock)
        self.sockets = Sockets(self.clock, app_id=self.app.app_id)
        self.courier.sockets = self.sockets
        self.api = WebApi(self.workspace, self.app, self.events, self.rates, self.sockets)
        self.api.rate_limits = rate_limits
        self.responses = Responses(self.api)

    def _address(self, kind: str, payload: Json) -> str | None:
        if kind == "event":
            return address(self.app_url, self.app.event_url)
        if kind == "command":
            known = (c for c in self.app.commands if c["command"] == payload["command"])
            return address(self.app_url, next(known, {}).get("url"))
        return address(self.app_url, self.app.interactivity.get("request_url"))

    @property
    def url(self) -> str:
        return self.workspace.url

    @property
    def team_id(self) -> str:
        return self.workspace.team_id

    @property
    def team_name(self) -> str:
        return self.workspace.name

    @property
    def bot_token(self) -> str:
        return self.app.bot_token

    @property
    def app_token(self) -> str:
        return self.app.app_token

    @property
    def bot_user_id(self) -> str:
        return self.app.bot_user_id

    @property
    def bot_id(self) -> str:
        return self.app.bot_id

    @property
    def app_id(self) -> str:
        return self.app.app_id

    @property
    def deliveries(self) -> list[Delivery]:
        return self.courier.deliveries

    @property
    def calls(self) -> list[tuple[str, Json]]:
        return self.api.calls

    @property
    def rate_limits(self) -> bool:
        return self.api.rate_limits

    @rate_limits.setter
    def rate_limits(self, on: bool) -> None:
        self.api.rate_limits = on
        self.workspace.tell("state")

    # -- making the world, without telling the app

    def add_user(
        self,
        name: str,
        *,
        real_name: str | None = None,
        title: str = "",
        tz: str = "Europe/Berlin",
        is_bot: bool = False,
        is_admin: bool = False,
        is_owner: bool = False,
        is_restricted: bool = False,
        is_ultra_restricted: bool = False,
        deleted: bool = False,
        team_id: str | None = None,
        user_id: str | None = None,
        display_name: str = "",
        email: str | None = None,
        status_text: str = "",
        status_emoji: str = "",
    ) -> str:
        user = self.workspace.add_user(
            name,
            user_id=user_id,
            real_name=real_name,
            title=title,
            tz=tz,
            is_bot=is_bot,
            is_admin=is_admin,
            is_owner=is_owner,
            is_restricted=is_restricted,
            is_ultra_restricted=is_ultra_restricted,
            deleted=deleted,
            team_id=team_id,
            display_name=display_name,
            email=email or (None if is_bot else f"{identifier('', name)[1:].lower()}@example.com"),
            status_text=status_text,
            status_emoji=status_emoji,
        )
        self.workspace.tell("state")
        return user.id

    def add_channel(
        self,
        name: str,
        members: Iterable[str] = (),
        *,
        is_private: bool = False,
        app_in: bool = True,
        is_general: bool = False,
        shared: bool = False,
        topic: str = "",
        channel_id: str | None = None,
    ) -> str:
        people = [self.workspace.user(ref).id for ref in members]
        if app_in:
            people.append(self.app.bot_user_id)
        channel = self.workspace.add_channel(
            name,
            people,
            channel_id=channel_id,
            is_private=is_private,
            is_general=is_general,
            is_shared=shared,
            topic=topic,
        )
        self.workspace.tell("state")
        return channel.id

    def add_usergroup(self, handle: str, users: Iterable[str], *, name: str | None = None) -> str:
        now = self.workspace.seconds()
        group_id = identifier("S", f"{self.workspace.domain}/{handle}")
        people = [self.workspace.user(ref).id for ref in users]
        self.workspace.usergroups[group_id] = UserGroup(group_id, handle, name or handle, people, now, now)
        self.workspace.tell("state")
        return group_id

    def dm(self, user: str) -> str:
        return self.workspace.dm(self.workspace.user(user).id, self.app.bot_user_id).id

    # -- looking at it, as a person does

    def home(self, user: str) -> Json | None:
        view = self.workspace.views.get(self.workspace.homes.get(self.workspace.user(user).id, ""))
        return self.api.view_json(view) if view else None

    def modals(self, user: str) -> list[Json]:
        return [self.api.view_json(view) for view in self.workspace.open_views(self.workspace.user(user).id)]

    def modal(self, user: str) -> Json | None:
        stack = self.modals(user)
        return stack[-1] if stack else None

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Json]:
        """What stands in a channel or thread, oldest first; each message also carries its channel."""
        place = self.workspace.channel(channel)
        found = self.workspace.history(place, thread_ts)
        return [self.workspace.copy({**message, "channel": place.id}) for message in found]

    def ephemerals(self, user: str, channel: str | None = None) -> list[Json]:
        found = self.workspace.ephemerals.get(self.workspace.user(user).id, [])
        place = self.workspace.channel(channel).id if channel else None
        return [self.workspace.copy(m) for m in found if place in (None, m["channel"])]
