"""What an app says at a response_url, or at once to a slash command: for one person or for the channel."""

from typing import Any

from .elements import Json
from .errors import SlackError
from .web_api import Args, WebApi
from .workspace import Channel, ResponseUrl

MOST_USES = 5
LIFETIME = 30 * 60


class Responses:
    def __init__(self, api: WebApi) -> None:
        self.api = api
        self.workspace = api.workspace

    def use(self, key: str, said: Any) -> None:
        """Do what was posted to a response_url, or say why not."""
        link = self.workspace.response_urls.get(key)
        if not link:
            raise SlackError("invalid_url")
        if self.workspace.clock.now() - link.issued > LIFETIME:
            raise SlackError("expired_url")
        if link.uses >= MOST_USES:
            raise SlackError("used_url")
        if not isinstance(said, dict):
            raise SlackError("invalid_payload")
        place = self.workspace.channels[link.channel]
        if said.get("delete_original"):
            self._delete(link, place)
        elif said.get("replace_original") and link.original_ts:
            self._replace(link, place, said)
        else:
            self.show(link.user, place, said, thread_ts=link.thread_ts if said.get("thread_ts") else None)
        link.uses += 1

    def show(self, user: str, place: Channel, said: Json, *, thread_ts: str | None = None) -> Json:
        content = self.api.content(Args(said), posted=False)
        message = self.api.app.message(
            content["text"],
            blocks=content["blocks"],
            attachments=content["attachments"],
            thread_ts=thread_ts or said.get("thread_ts"),
        )
        if said.get("response_type") != "in_channel":
            return self.workspace.add_ephemeral(user, place.id, message)
        posted = self.workspace.post(place, message)
        self.api.events.emit_soon(*self.api.events.about_message(posted, place))
        return posted

    def _original(self, link: ResponseUrl, place: Channel) -> Json | None:
        if not link.original_ts:
            return None
        if link.is_ephemeral:
            return self.workspace.ephemeral(link.user, link.original_ts)
        return place.messages.get(link.original_ts)

    def _replace(self, link: ResponseUrl, place: Channel, said: Json) -> None:
        original = self._original(link, place)
        if original is None:
            raise SlackError("message_not_found")
        content = self.api.content(Args(said), posted=False)
        previous = self.workspace.copy(original)
        for name, part in content.items():
            if part:
                original[name] = part
            else:
                original.pop(name, None)
        original["text"] = content["text"]
        if link.is_ephemeral:
            self.workspace.tell("message_changed", channel=place.id, users=[link.user], message=original)
            return
        original["edited"] = {"user": self.api.app.bot_user_id, "ts": self.workspace.next_ts()}
        self.workspace.tell("message_changed", channel=place.id, message=original)
        self.api.events.emit_soon(
            self.api.events.about_change(self.workspace.copy(original), previous, place)
        )

    def _delete(self, link: ResponseUrl, place: Channel) -> None:
        original = self._original(link, place)
        if original is None:
            raise SlackError("message_not_found")
        if link.is_ephemeral:
            self.workspace.drop_ephemeral(link.user, original["ts"])
            return
        previous = self.workspace.remove(place, original["ts"])
        self.api.events.emit_soon(self.api.events.about_deletion(previous, place))
