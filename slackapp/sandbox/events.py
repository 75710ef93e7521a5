"""Which events Slack sends to the app, and the envelope they come in.

An event is sent when the manifest subscribes to it, the scope is granted and the bot can see where it happened.
"""

import asyncio

from .delivery import Attempt, Courier
from .elements import Json
from .installation import Installation
from .scopes import EVENT_SCOPES, kind_of
from .workspace import Channel, Workspace

# These reach the app whatever its scopes are, as long as it subscribes.
SUBSCRIPTION_OF_MESSAGE = {"channels": "message.channels", "groups": "message.groups", "im": "message.im"}
CHANNEL_TYPE = {"channels": "channel", "groups": "group", "im": "im"}


class Events:
    def __init__(self, workspace: Workspace, app: Installation, courier: Courier) -> None:
        self.workspace = workspace
        self.app = app
        self.courier = courier
        self._count = 0

    def envelope(self, event: Json, *, event_id: str | None = None, shared: bool = False) -> Json:
        workspace = self.workspace
        return {
            "token": self.app.verification_token,
            "team_id": workspace.team_id,
            "context_team_id": workspace.team_id,
            "context_enterprise_id": None,
            "api_app_id": self.app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id or workspace.next_id("Ev"),
            "event_time": int(float(event.get("event_ts") or workspace.clock.now())),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": workspace.team_id,
                    "user_id": self.app.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": shared,
            "event_context": f"4-{workspace.next_id('')}",
        }

    def wanted(self, event: Json, channel: Channel | None) -> bool:
        kind = kind_of(is_private=channel.is_private, is_im=channel.is_im) if channel else ""
        name = event["type"]
        subscription = SUBSCRIPTION_OF_MESSAGE[kind] if name == "message" else name
        if subscription not in self.app.subscribed:
            return False
        scope = EVENT_SCOPES.get(name, "").format(kind=kind)
        if scope and scope not in self.app.granted:
            return False
        return (
            channel is None
            or self.app.bot_user_id in channel.members
            or name in ("channel_left", "group_left")
        )

    def payload(self, event: Json, channel: Channel | None = None) -> Json | None:
        """The envelope to send, or None when this app is not told."""
        if not self.wanted(event, channel):
            return None
        event = self.workspace.copy(event)
        event.setdefault("event_ts", self.workspace.next_ts())
        author = (
            self.workspace.users.get(str(event.get("user"))) if isinstance(event.get("user"), str) else None
        )
        shared = bool(channel and channel.is_shared)
        if shared and author:
            event |= {"user_team": author.team_id, "source_team": author.team_id}
        return self.envelope(event, shared=shared)

    async def emit(self, *events: tuple[Json, Channel | None]) -> list[Attempt | None]:
        """Send events and wait for the app's first answer to each."""
        payloads = [payload for event, channel in events if (payload := self.payload(event, channel))]
        return list(await asyncio.gather(*(self.courier.deliver(payload) for payload in payloads)))

    def emit_soon(self, *events: tuple[Json, Channel | None]) -> None:
        """Send events while the app's own call that caused them is still being answered."""
        for event, channel in events:
            payload = self.payload(event, channel)
            if payload:
                self.courier.deliver_soon(payload)

    # -- the events about messages

    def about_message(self, message: Json, channel: Channel) -> list[tuple[Json, Channel | None]]:
        """What Slack sends when a message was posted: a message event and, when the bot is named, a mention."""
        kind = kind_of(is_private=channel.is_private, is_im=channel.is_im)
        event = {
            **message,
            "channel": channel.id,
            "channel_type": CHANNEL_TYPE[kind],
            "event_ts": message["ts"],
        }
        found: list[tuple[Json, Channel | None]] = [(event, channel)]
        named = f"<@{self.app.bot_user_id}>" in message.get("text", "")
        if named and not channel.is_im and not message.get("bot_id"):
            mention = {k: v for k, v in event.items() if k not in ("channel_type", "subtype")}
            found.append(({**mention, "type": "app_mention"}, channel))
        return found

    def about_change(self, message: Json, previous: Json, channel: Channel) -> tuple[Json, Channel | None]:
        ts = self.workspace.next_ts()
        kind = kind_of(is_private=channel.is_private, is_im=channel.is_im)
        return {
            "type": "message",
            "subtype": "message_changed",
            "message": message,
            "previous_message": previous,
            "channel": channel.id,
            "hidden": True,
            "ts": ts,
            "event_ts": ts,
            "channel_type": CHANNEL_TYPE[kind],
        }, channel

    def about_deletion(self, previous: Json, channel: Channel) -> tuple[Json, Channel | None]:
        ts = self.workspace.next_ts()
        kind = kind_of(is_private=channel.is_private, is_im=channel.is_im)
        return {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": previous,
            "deleted_ts": previous["ts"],
            "channel": channel.id,
            "hidden": True,
            "ts": ts,
            "event_ts": ts,
            "channel_type": CHANNEL_TYPE[kind],
        }, channel
