"""The frame of the Web API: who may call, what arguments there are, and what several methods check alike.

The methods themselves are in `methods.py`.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from . import scopes, validation
from .elements import Json
from .errors import SlackError
from .events import Events
from .installation import Installation
from .rates import Rates
from .sockets import Sockets
from .workspace import Channel, File, View, Workspace

T = TypeVar("T")


class Args:
    """The arguments of one call, whether they came as form, query or JSON."""

    def __init__(self, given: Json) -> None:
        self.given = given

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name)
        return default if value is None else str(value)

    def required(self, name: str, error: str | None = None) -> str:
        value = self.text(name)
        if not value:
            if error:
                raise SlackError(error)
            raise invalid_arguments(f"missing required field: {name}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.given.get(name)
        if value is None:
            return default
        return value in (True, 1) or str(value).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        value = self.text(name)
        try:
            return int(value) if value else default
        except ValueError:
            raise invalid_arguments(f"must be an integer [json-pointer:/{name}]") from None

    def parsed(self, name: str, error: str) -> Any:
        """A part that is JSON inside a form, or already parsed inside JSON."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError(error) from None


def invalid_arguments(*messages: str) -> SlackError:
    return SlackError(
        "invalid_arguments", response_metadata={"messages": [f"[ERROR] {message}" for message in messages]}
    )


Method = Callable[["WebApi", Args], Json]
METHODS: dict[str, Method] = {}


def method(name: str) -> Callable[[Method], Method]:
    def register(function: Method) -> Method:
        METHODS[name] = function
        return function

    return register


def page(items: Sequence[T], key: Callable[[T], str], *, limit: int, cursor: str) -> tuple[Sequence[T], Json]:
    """One page of a list, and the response_metadata that leads to the next."""
    start = 0
    if cursor:
        try:
            wanted = base64.b64decode(cursor.encode(), validate=True).decode().removeprefix("next:")
        except (binascii.Error, UnicodeDecodeError):
            raise SlackError("invalid_cursor") from None
        found = [place for place, item in enumerate(items) if key(item) == wanted]
        if not found:
            raise SlackError("invalid_cursor")
        start = found[0]
    end = start + limit if limit else len(items)
    following = key(items[end]) if end < len(items) else ""
    next_cursor = base64.b64encode(f"next:{following}".encode()).decode() if following else ""
    return items[start:end], {"next_cursor": next_cursor}


class WebApi:
    def __init__(
        self, workspace: Workspace, app: Installation, events: Events, rates: Rates, sockets: Sockets
    ) -> None:
        self.workspace = workspace
        self.app = app
        self.events = events
        self.rates = rates
        self.sockets = sockets
        self.rate_limits = False
        self.calls: list[tuple[str, Json]] = []
        # Methods that refuse, “chat.update” everywhere or “chat.update C0TEAM” there, for tests of the app's patience.
        self.broken: dict[str, SlackError] = {}
        self.lost: dict[str, int] = {}  # methods that are carried out, but so many answers never arrive
        self.without_bot = (
            False  # installing gives a person's token only, as to an app that asked for user scopes
        )

    def call(self, name: str, token: str | None, given: Json) -> Json:
        """Answer one call, in the order in which Slack checks: method, token, rate, scope, arguments."""
        self.calls.append((name, given))
        if name not in METHODS and name != "apps.connections.open":
            raise SlackError("unknown_method", req_method=name)
        if name == "apps.connections.open":
            if name in self.broken:
                raise self.broken[name]
            return self.open_connection(token)
        execution = next((e for e in self.workspace.executions.values() if e.token == token), None)
        if not execution:
            self.app.bot_of(token)
        elif execution.outcome:
            raise SlackError("token_expired")
        if self.rate_limits:
            seconds = self.rates.retry_after(name, str(given.get("channel", "")))
            if seconds:
                raise SlackError("ratelimited", retry_after=seconds)
        scopes.require(self.app.granted, *scopes.METHOD_SCOPES.get(name, ()))
        for call in (name, f"{name} {given.get('channel')}"):
            if call in self.broken:
                raise self.broken[call]
        return METHODS[name](self, Args(given))

    def open_connection(self, token: str | None) -> Json:
        """Where the app may connect for Socket Mode; only its app-level token may ask."""
        if token != self.app.app_token:
            raise SlackError("not_allowed_token_type" if token in self.app.tokens else "invalid_auth")
        address = self.workspace.url.replace("http", "ws", 1)
        return {"url": f"{address}/link/?ticket={self.sockets.ticket()}&app_id={self.app.app_id}"}

    # -- what several methods share

    def visible(self, ref: str) -> Channel:
        """A channel that the bot may know of."""
        channel = self.workspace.channels.get(ref)
        hidden = channel and (channel.is_private or channel.is_im)
        if not channel or (hidden and self.app.bot_user_id not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def dm_with(self, user_id: str) -> Channel:
        user = self.workspace.users.get(user_id)
        # Slack takes messages to the deactivated without a word: python-slack-sdk issue 1156.
        if not user or user.id == self.app.bot_user_id:
            raise SlackError("channel_not_found")
        if user.is_bot:
            raise SlackError("cannot_dm_bot")
        return self.workspace.dm(user_id, self.app.bot_user_id)

    def writable(self, args: Args) -> Channel:
        ref = args.required("channel", "channel_not_found")
        if ref in self.workspace.users:
            if not self.app.messages_tab:
                raise SlackError("messages_tab_disabled")
            return self.dm_with(ref)
        if ref.startswith("#"):
            ref = self.workspace.channel(ref).id
        channel = self.visible(ref)
        if channel.is_archived:
            raise SlackError("is_archived")
        if self.app.bot_user_id not in channel.members and "chat:write.public" not in self.app.granted:
            raise SlackError("not_in_channel")
        return channel

    def content(self, args: Args, *, posted: bool = True) -> Json:
        """Text, blocks and attachments of a message, checked as Slack checks them."""
        blocks = args.parsed("blocks", "invalid_blocks_format")
        attachments = args.parsed("attachments", "invalid_attachments")
        markdown = args.text("markdown_text")
        text = args.text("text")
        if markdown:
            if text or blocks:
                raise SlackError("markdown_text_conflict")
            if len(markdown) > 12_000:
                raise SlackError("msg_too_long")
            text, blocks = markdown, [{"type": "markdown", "text": markdown}]
        if not text and not blocks and not attachments:
            raise SlackError("no_text")
        if blocks:
            self.check_blocks(blocks)
            if posted and validation.is_too_long(blocks):
                raise SlackError("msg_blocks_too_long")
            blocks = self.with_ids(blocks)
        return {"text": text, "blocks": blocks, "attachments": attachments}

    def check_blocks(self, blocks: Any) -> None:
        problems = validation.check_blocks(blocks, "message") or self.missing_files(blocks, "/blocks")
        if problems:
            raise SlackError(
                "invalid_blocks",
                errors=problems,
                response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]},
            )

    def missing_files(self, blocks: list[Json], where: str) -> list[str]:
        """Images from files that are not uploaded, or not images."""
        found = []
        for place, block in enumerate(blocks):
            images = [block, block.get("accessory") or {}, *block.get("elements", [])]
            for image in images:
                wanted = image.get("slack_file") if image.get("type") == "image" else None
                if not wanted:
                    continue
                file = self.workspace.files.get(wanted.get("id") or str(wanted.get("url")).split("/")[-2])
                kind = file.name.rpartition(".")[2].lower() if file and self.usable(file) else ""
                if kind not in ("png", "jpg", "jpeg", "gif"):
                    found.append(f"invalid slack file [json-pointer:{where}/{place}/slack_file]")
        return found

    def usable(self, file: File) -> bool:
        """Whether Slack has looked at it since the last step of its upload."""
        return file.completed and self.workspace.clock.steady() >= file.usable_at

    def with_ids(self, blocks: list[Json]) -> list[Json]:
        return validation.with_ids(blocks, lambda: secrets.token_urlsafe(4)[:5])

    def metadata(self, args: Args) -> Json | None:
        metadata = args.parsed("metadata", "invalid_metadata_format")
        if metadata is None:
            return None
        if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
            raise SlackError("invalid_metadata_format")
        if not metadata.get("event_type"):
            raise SlackError("invalid_metadata_schema")
        if len(json.dumps(metadata)) > 8_000:
            raise SlackError("metadata_too_large")
        return metadata

    def own_message(self, args: Args, error: str) -> tuple[Channel, Json]:
        channel = self.visible(args.required("channel", "channel_not_found"))
        message = channel.messages.get(args.required("ts", "message_not_found"))
        if not message or message.get("subtype") == "tombstone":
            raise SlackError("message_not_found")
        if message.get("bot_id") != self.app.bot_id:
            raise SlackError(error)
        return channel, message

    def view(self, args: Args, type_: str | None) -> Json:
        view = args.parsed("view", "invalid_arguments")
        if view is None:
            raise invalid_arguments("missing required field: view")
        return self.checked_view(view, type_)

    def checked_view(self, view: Any, type_: str | None) -> Json:
        if not isinstance(view, dict):
            raise invalid_arguments("must provide an object [json-pointer:/view]")
        if validation.size(view) > 250_000:
            raise SlackError("view_too_large")
        problems = validation.check_view(view, type_) or self.missing_files(view["blocks"], "/view/blocks")
        if problems:
            raise invalid_arguments(*problems)
        return {**view, "blocks": self.with_ids(view["blocks"])}

    def free_external_id(self, content: Json, view: View | None = None) -> None:
        external_id = content.get("external_id")
        taken = external_id and any(
            other is not view and other.content.get("external_id") == external_id
            for other in self.workspace.views.values()
        )
        if taken:
            raise SlackError("duplicate_external_id")

    def view_json(self, view: View, *, values: Json | None = None) -> Json:
        content = view.content
        body: Json = {
            "id": view.id,
            "team_id": self.workspace.team_id,
            "type": view.type,
            "blocks": content["blocks"],
            "private_metadata": content.get("private_metadata", ""),
            "callback_id": content.get("callback_id", ""),
            "state": {"values": values or {}},
            "hash": view.hash,
            "title": content.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
            "clear_on_close": content.get("clear_on_close", False),
            "notify_on_close": content.get("notify_on_close", False),
            "close": content.get("close"),
            "submit": content.get("submit"),
            "previous_view_id": view.previous_id,
            "root_view_id": view.root_id,
            "app_id": self.app.app_id,
            "external_id": content.get("external_id", ""),
            "app_installed_team_id": self.workspace.team_id,
            "bot_id": self.app.bot_id,
        }
        return self.workspace.copy(body)

    # -- views, also used when the app answers a submission with one

    def show(self, user: str, content: Json, *, push: bool) -> View:
        self.free_external_id(content)
        stack = self.workspace.stacks.setdefault(user, [])
        if push and len(stack) >= 3:
            raise SlackError("push_limit_reached")
        if not push:
            for view_id in list(stack):
                self.workspace.drop_view(view_id)
            stack = self.workspace.stacks.setdefault(user, [])
        below = self.workspace.views[stack[-1]] if stack else None
        view = self.workspace.put_view(user, "modal", content, on=below)
        stack.append(view.id)
        self.tell_views(user)
        return view

    def change(self, view: View, content: Json) -> None:
        self.free_external_id(content, view)
        self.workspace.replace_view(view, content)
        self.tell_views(view.user)

    def tell_views(self, user: str) -> None:
        self.workspace.tell("views", users=[user])
