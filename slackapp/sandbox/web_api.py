"""The methods of Slack's Web API that an app like this one calls. To add one, write a function under `@method`.

A method reads its arguments, may refuse by raising SlackError, and answers what stands beside `"ok": true`.
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
from .workspace import Channel, Execution, File, View, Workspace

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
    def __init__(self, workspace: Workspace, app: Installation, events: Events, rates: Rates) -> None:
        self.workspace = workspace
        self.app = app
        self.events = events
        self.rates = rates
        self.rate_limits = False
        self.calls: list[tuple[str, Json]] = []
        self.broken: dict[str, SlackError] = {}  # methods that refuse, for tests of the app's patience

    def call(self, name: str, token: str | None, given: Json) -> Json:
        """Answer one call, in the order in which Slack checks: method, token, rate, scope, arguments."""
        self.calls.append((name, given))
        if name not in METHODS:
            raise SlackError("unknown_method", req_method=name)
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
        if name in self.broken:
            raise self.broken[name]
        return METHODS[name](self, Args(given))

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
            # A limit of calls, not of response_urls, which Slack does not document: bolt-js issue 2509.
            if posted and len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > 13_300:
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
                kind = file.name.rpartition(".")[2].lower() if file and file.completed else ""
                if kind not in ("png", "jpg", "jpeg", "gif"):
                    found.append(f"invalid slack file [json-pointer:{where}/{place}/slack_file]")
        return found

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


# -- auth and team


@method("api.test")
def api_test(api: WebApi, args: Args) -> Json:
    return {"args": args.given}


@method("auth.test")
def auth_test(api: WebApi, args: Args) -> Json:
    app, workspace = api.app, api.workspace
    return {
        "url": f"{workspace.url}/",
        "team": workspace.name,
        "user": workspace.users[app.bot_user_id].name,
        "team_id": workspace.team_id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


@method("auth.revoke")
def auth_revoke(api: WebApi, args: Args) -> Json:
    if args.flag("test"):
        return {"revoked": False}
    api.app.tokens[api.app.bot_token] = "token_revoked"
    event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [api.app.bot_user_id]}}
    api.events.emit_soon((event, None))
    return {"revoked": True}


@method("team.info")
def team_info(api: WebApi, args: Args) -> Json:
    workspace = api.workspace
    icon = {"image_default": True, "image_68": "", "image_132": ""}
    return {
        "team": {
            "id": workspace.team_id,
            "name": workspace.name,
            "domain": workspace.domain,
            "url": f"{workspace.url}/",
            "email_domain": "",
            "icon": icon,
        }
    }


@method("bots.info")
def bots_info(api: WebApi, args: Args) -> Json:
    wanted = args.required("bot", "bot_not_found")
    if wanted == api.app.bot_id:
        return {"bot": api.app.profile()}
    for user in api.workspace.users.values():
        if user.bot_id == wanted:
            return {"bot": {"id": wanted, "name": user.name, "user_id": user.id, "deleted": user.deleted}}
    raise SlackError("bot_not_found")


# -- messages


@method("chat.postMessage")
def post_message(api: WebApi, args: Args) -> Json:
    channel = api.writable(args)
    if any(args.text(name) for name in ("username", "icon_url", "icon_emoji")):
        scopes.require(api.app.granted, "chat:write.customize")
    content = api.content(args)
    metadata = api.metadata(args)
    warnings = {}
    if len(content["text"]) > 40_000:
        content["text"] = content["text"][:40_000]
        warnings = {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
    thread_ts = args.text("thread_ts")
    subtype = None
    if thread_ts:
        parent = channel.messages.get(thread_ts)
        if not parent:
            raise SlackError("thread_not_found")
        thread_ts = parent.get("thread_ts") or thread_ts
        subtype = "thread_broadcast" if args.flag("reply_broadcast") else None
    message = api.workspace.post(
        channel,
        api.app.message(
            content["text"],
            blocks=content["blocks"],
            attachments=content["attachments"],
            thread_ts=thread_ts,
            subtype=subtype,
            metadata=metadata,
        ),
    )
    api.events.emit_soon(*api.events.about_message(message, channel))
    return {"channel": channel.id, "ts": message["ts"], "message": api.workspace.copy(message), **warnings}


@method("chat.postEphemeral")
def post_ephemeral(api: WebApi, args: Args) -> Json:
    channel = api.writable(args)
    user = args.required("user", "user_not_in_channel")
    content = api.content(args)
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = api.app.message(
        content["text"],
        blocks=content["blocks"],
        attachments=content["attachments"],
        thread_ts=args.text("thread_ts"),
    )
    return {"message_ts": api.workspace.add_ephemeral(user, channel.id, message)["ts"]}


@method("chat.update")
def update_message(api: WebApi, args: Args) -> Json:
    channel, message = api.own_message(args, "cant_update_message")
    if len(args.text("text")) > 4_000:
        raise SlackError("msg_too_long")
    if channel.is_archived:
        raise SlackError("is_archived")
    if args.given.get("blocks") in ([], "[]") and args.text("text"):
        args = Args({k: v for k, v in args.given.items() if k != "blocks"})
        message.pop("blocks", None)
    content = api.content(args)
    metadata = api.metadata(args)
    previous = api.workspace.copy(message)
    # Without blocks the old ones go, as Slack says of a text that replaces a message.
    for name, part in {**content, "metadata": metadata or message.get("metadata")}.items():
        if part:
            message[name] = part
        else:
            message.pop(name, None)
    message["text"] = content["text"]
    message["edited"] = {"user": api.app.bot_user_id, "ts": api.workspace.next_ts()}
    api.workspace.tell("message_changed", channel=channel.id, message=message)
    api.events.emit_soon(api.events.about_change(api.workspace.copy(message), previous, channel))
    changed = api.workspace.copy(message)
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": changed}


@method("chat.delete")
def delete_message(api: WebApi, args: Args) -> Json:
    channel, message = api.own_message(args, "cant_delete_message")
    previous = api.workspace.remove(channel, message["ts"])
    api.events.emit_soon(api.events.about_deletion(previous, channel))
    return {"channel": channel.id, "ts": message["ts"]}


@method("chat.getPermalink")
def get_permalink(api: WebApi, args: Args) -> Json:
    channel = api.visible(args.required("channel", "channel_not_found"))
    ts = args.required("message_ts", "message_not_found")
    message = channel.messages.get(ts)
    if not message:
        raise SlackError("message_not_found")
    link = f"{api.workspace.url}/archives/{channel.id}/p{ts.replace('.', '')}"
    if message.get("thread_ts", ts) != ts:
        link += f"?thread_ts={message['thread_ts']}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


# -- views


@method("views.open")
def views_open(api: WebApi, args: Args) -> Json:
    trigger_id = args.required("trigger_id")
    content = api.view(args, "modal")
    trigger = api.workspace.use_trigger(trigger_id)
    view = api.show(trigger.user, content, push=False)
    return {"view": api.view_json(view)}


@method("views.push")
def views_push(api: WebApi, args: Args) -> Json:
    trigger_id = args.required("trigger_id")
    content = api.view(args, "modal")
    trigger = api.workspace.use_trigger(trigger_id)
    view = api.show(trigger.user, content, push=True)
    return {"view": api.view_json(view)}


@method("views.update")
def views_update(api: WebApi, args: Args) -> Json:
    view_id, external_id = args.text("view_id"), args.text("external_id")
    if not view_id and not external_id:
        raise invalid_arguments("missing required field: view_id")
    content = api.view(args, None)
    view = api.workspace.views.get(view_id)
    if external_id:
        found = (v for v in api.workspace.views.values() if v.content.get("external_id") == external_id)
        view = next(found, None)
    if not view or view.type != content["type"]:
        raise SlackError("not_found")
    if args.text("hash") and args.text("hash") != view.hash:
        raise SlackError("hash_conflict")
    api.change(view, content)
    return {"view": api.view_json(view)}


@method("views.publish")
def views_publish(api: WebApi, args: Args) -> Json:
    user_id = args.required("user_id")
    if not api.app.home_tab:
        raise SlackError("not_enabled")
    content = api.view(args, "home")
    user = api.workspace.users.get(user_id)
    if not user or user.is_bot or user.deleted:
        raise invalid_arguments("invalid `user_id`")
    view = api.workspace.views.get(api.workspace.homes.get(user_id, ""))
    if args.text("hash") and (not view or args.text("hash") != view.hash):
        raise SlackError("hash_conflict")
    api.free_external_id(content, view)
    if view:
        api.workspace.replace_view(view, content)
    else:
        view = api.workspace.put_view(user_id, "home", content)
        api.workspace.homes[user_id] = view.id
    api.workspace.tell("home", users=[user_id])
    return {"view": api.view_json(view)}


# -- people and groups


@method("users.list")
def users_list(api: WebApi, args: Args) -> Json:
    limit = args.number("limit", 0)
    if not 0 <= limit <= 1000:
        raise SlackError("invalid_limit")
    users, metadata = page(
        list(api.workspace.users.values()), lambda user: user.id, limit=limit, cursor=args.text("cursor")
    )
    return {
        "members": [known(api, api.workspace.user_json(user)) for user in users],
        "cache_ts": api.workspace.seconds(),
        "response_metadata": metadata,
    }


@method("users.info")
def users_info(api: WebApi, args: Args) -> Json:
    user = api.workspace.users.get(args.required("user", "user_not_found"))
    if not user:
        raise SlackError("user_not_found")
    return {"user": known(api, api.workspace.user_json(user))}


@method("users.lookupByEmail")
def users_lookup_by_email(api: WebApi, args: Args) -> Json:
    email = args.required("email", "users_not_found").lower()
    for user in api.workspace.users.values():
        if user.email and user.email.lower() == email and not user.deleted:
            return {"user": known(api, api.workspace.user_json(user))}
    raise SlackError("users_not_found")


def known(api: WebApi, user: Json) -> Json:
    """A profile without what the scopes do not show."""
    if "users:read.email" not in api.app.granted:
        user["profile"].pop("email", None)
    return user


@method("usergroups.list")
def usergroups_list(api: WebApi, args: Args) -> Json:
    groups = []
    for group in api.workspace.usergroups.values():
        if group.deleted and not args.flag("include_disabled"):
            continue
        body: Json = {
            "id": group.id,
            "team_id": api.workspace.team_id,
            "is_usergroup": True,
            "is_subteam": True,
            "name": group.name,
            "description": "",
            "handle": group.handle,
            "is_external": False,
            "date_create": group.created,
            "date_update": group.updated,
            "date_delete": group.updated if group.deleted else 0,
            "auto_type": None,
            "created_by": "USLACKBOT",
            "updated_by": "USLACKBOT",
            "deleted_by": None,
            "prefs": {"channels": [], "groups": []},
            "user_count": len(group.users),
        }
        if args.flag("include_users"):
            body["users"] = list(group.users)
        groups.append(body)
    return {"usergroups": groups}


@method("usergroups.users.list")
def usergroups_users_list(api: WebApi, args: Args) -> Json:
    group = api.workspace.usergroups.get(args.required("usergroup", "no_such_subteam"))
    if not group or (group.deleted and not args.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


# -- conversations


@method("conversations.list")
def conversations_list(api: WebApi, args: Args) -> Json:
    needs = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
    types = [part.strip() for part in args.text("types", "public_channel").split(",") if part.strip()]
    kinds = set()
    for type_ in types:
        if type_ not in needs:
            raise SlackError("invalid_types")
        scopes.require(api.app.granted, f"{needs[type_]}:read")
        kinds.add(needs[type_])
    limit = args.number("limit", 100)
    if not 0 < limit < 1000:
        raise SlackError("invalid_limit")
    me = api.app.bot_user_id
    found = [
        channel
        for channel in api.workspace.channels.values()
        if scopes.kind_of(is_private=channel.is_private, is_im=channel.is_im) in kinds
        and (me in channel.members or not (channel.is_private or channel.is_im))
        and not (args.flag("exclude_archived") and channel.is_archived)
    ]
    channels, metadata = page(found, lambda channel: channel.id, limit=limit, cursor=args.text("cursor"))
    return {
        "channels": [api.workspace.channel_json(channel, viewer=me) for channel in channels],
        "response_metadata": metadata,
    }


def readable(api: WebApi, args: Args, right: str = "read") -> Channel:
    channel = api.visible(args.required("channel", "channel_not_found"))
    kind = scopes.kind_of(is_private=channel.is_private, is_im=channel.is_im)
    scopes.require(api.app.granted, f"{kind}:{right}")
    return channel


@method("conversations.info")
def conversations_info(api: WebApi, args: Args) -> Json:
    channel = readable(api, args)
    body = api.workspace.channel_json(channel, viewer=api.app.bot_user_id)
    if not args.flag("include_num_members"):
        body.pop("num_members", None)
    return {"channel": body}


@method("conversations.members")
def conversations_members(api: WebApi, args: Args) -> Json:
    channel = readable(api, args)
    limit = args.number("limit", 100)
    if not 0 < limit <= 1000:
        raise SlackError("invalid_limit")
    members, metadata = page(channel.members, str, limit=limit, cursor=args.text("cursor"))
    return {"members": list(members), "response_metadata": metadata}


@method("conversations.open")
def conversations_open(api: WebApi, args: Args) -> Json:
    if args.text("channel"):
        return {"channel": {"id": api.visible(args.text("channel")).id}}
    wanted = args.given.get("users")
    users = wanted if isinstance(wanted, list) else [u for u in args.text("users").split(",") if u]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    user = api.workspace.users.get(users[0].strip())
    if not user:
        raise SlackError("user_not_found")
    if user.deleted:
        raise SlackError("user_disabled")
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    channel = api.workspace.dm(user.id, api.app.bot_user_id)
    if args.flag("return_im"):
        return {"channel": api.workspace.channel_json(channel, viewer=api.app.bot_user_id)}
    return {"channel": {"id": channel.id}}


@method("conversations.join")
def conversations_join(api: WebApi, args: Args) -> Json:
    channel = api.visible(args.required("channel", "channel_not_found"))
    if channel.is_private or channel.is_im:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    me = api.app.bot_user_id
    if me not in channel.members:
        channel.members.append(me)
        api.workspace.tell("state")
        joined = {"type": "member_joined_channel", "user": me, "channel": channel.id, "channel_type": "C"}
        api.events.emit_soon(({**joined, "team": api.workspace.team_id}, channel))
    return {"channel": api.workspace.channel_json(channel, viewer=me)}


@method("conversations.history")
def conversations_history(api: WebApi, args: Args) -> Json:
    channel = readable(api, args, "history")
    if api.app.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    oldest, latest = args.text("oldest", "0"), args.text("latest", "9999999999")
    found = [
        message
        for message in reversed(api.workspace.history(channel))
        if float(oldest) < float(message["ts"]) < float(latest)
    ]
    return messages_page(api, args, found)


@method("conversations.replies")
def conversations_replies(api: WebApi, args: Args) -> Json:
    channel = readable(api, args, "history")
    if api.app.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    if args.text("ts") not in channel.messages:
        raise SlackError("thread_not_found")
    return messages_page(api, args, api.workspace.history(channel, args.text("ts")))


def messages_page(api: WebApi, args: Args, found: list[Json]) -> Json:
    limit = args.number("limit", 100)
    if not 0 < limit < 1000:
        raise SlackError("invalid_limit")
    messages, metadata = page(
        found, lambda message: str(message["ts"]), limit=limit, cursor=args.text("cursor")
    )
    return {
        "messages": [api.workspace.copy(message) for message in messages],
        "has_more": bool(metadata["next_cursor"]),
        "pin_count": 0,
        "response_metadata": metadata,
    }


# -- reactions


def reacted(api: WebApi, args: Args) -> tuple[Channel, Json]:
    channel = api.visible(args.required("channel", "channel_not_found"))
    message = channel.messages.get(args.required("timestamp", "no_item_specified"))
    if not message:
        raise SlackError("message_not_found")
    return channel, message


@method("reactions.add")
def reactions_add(api: WebApi, args: Args) -> Json:
    name = args.required("name", "invalid_name").strip(":")
    channel, message = reacted(api, args)
    if channel.is_archived:
        raise SlackError("is_archived")
    if api.app.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    if not add_reaction(message, name, api.app.bot_user_id):
        raise SlackError("already_reacted")
    api.workspace.tell("message_changed", channel=channel.id, message=message)
    api.events.emit_soon(
        (
            reaction_event(
                api, "reaction_added", name, api.app.bot_user_id, message=message, channel=channel
            ),
            channel,
        )
    )
    return {}


@method("reactions.remove")
def reactions_remove(api: WebApi, args: Args) -> Json:
    name = args.required("name", "invalid_name").strip(":")
    channel, message = reacted(api, args)
    if not remove_reaction(message, name, api.app.bot_user_id):
        raise SlackError("no_reaction")
    api.workspace.tell("message_changed", channel=channel.id, message=message)
    api.events.emit_soon(
        (
            reaction_event(
                api, "reaction_removed", name, api.app.bot_user_id, message=message, channel=channel
            ),
            channel,
        )
    )
    return {}


@method("reactions.get")
def reactions_get(api: WebApi, args: Args) -> Json:
    channel, message = reacted(api, args)
    return {"type": "message", "channel": channel.id, "message": api.workspace.copy(message)}


def add_reaction(message: Json, name: str, user: str) -> bool:
    """False when this person already reacted so."""
    reactions: list[Json] = message.setdefault("reactions", [])
    found = next((reaction for reaction in reactions if reaction["name"] == name), None)
    if not found:
        found = {"name": name, "users": [], "count": 0}
        reactions.append(found)
    if user in found["users"]:
        return False
    found["users"].append(user)
    found["count"] = len(found["users"])
    return True


def remove_reaction(message: Json, name: str, user: str) -> bool:
    for reaction in message.get("reactions", []):
        if reaction["name"] == name and user in reaction["users"]:
            reaction["users"].remove(user)
            reaction["count"] = len(reaction["users"])
            message["reactions"] = [r for r in message["reactions"] if r["count"]]
            if not message["reactions"]:
                del message["reactions"]
            return True
    return False


def reaction_event(api: WebApi, type_: str, name: str, user: str, *, message: Json, channel: Channel) -> Json:
    event: Json = {
        "type": type_,
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": channel.id, "ts": message["ts"]},
        "event_ts": api.workspace.next_ts(),
    }
    if message.get("user"):
        event["item_user"] = message["user"]
    return event


# -- workflow steps


@method("functions.completeSuccess")
def functions_complete_success(api: WebApi, args: Args) -> Json:
    execution = running(api, args)
    outputs = args.parsed("outputs", "invalid_arguments")
    if not isinstance(outputs, dict):
        raise invalid_arguments("missing required field: outputs")
    known = api.app.steps[execution.callback_id].get("output_parameters", {})
    lacking = [
        name for name, about in known.items() if about.get("is_required") and outputs.get(name) is None
    ]
    if lacking or not set(outputs) <= set(known):
        problems = [f"missing required field: {name}" for name in lacking]
        problems += [f"invalid additional property: {name}" for name in sorted(set(outputs) - set(known))]
        raise SlackError("parameter_validation_failed", response_metadata={"messages": problems})
    execution.outcome, execution.outputs = "success", outputs
    api.workspace.tell("toast", users=[execution.user], text="The workflow step is done.")
    return {}


@method("functions.completeError")
def functions_complete_error(api: WebApi, args: Args) -> Json:
    execution = running(api, args)
    execution.error = args.required("error")
    execution.outcome = "error"
    api.workspace.tell("toast", users=[execution.user], text=f"The workflow step failed: {execution.error}")
    return {}


def running(api: WebApi, args: Args) -> Execution:
    execution = api.workspace.executions.get(args.required("function_execution_id"))
    if not execution:
        raise SlackError("function_execution_not_found")
    if execution.outcome:
        raise SlackError("execution_not_in_running_state")
    return execution


# -- files


@method("files.getUploadURLExternal")
def files_get_upload_url(api: WebApi, args: Args) -> Json:
    name = args.required("filename")
    length = args.number("length", 0)
    if length <= 0:
        raise invalid_arguments("must be greater than 0 [json-pointer:/length]")
    file_id = api.workspace.next_id("F")
    api.workspace.files[file_id] = File(
        file_id, name, length, title=name, alt_text=args.text("alt_txt"), created=api.workspace.seconds()
    )
    return {"file_id": file_id, "upload_url": f"{api.workspace.url}/upload/{file_id}"}


@method("files.completeUploadExternal")
def files_complete_upload(api: WebApi, args: Args) -> Json:
    wanted = args.parsed("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise invalid_arguments("missing required field: files")
    found = []
    for entry in wanted:
        file = api.workspace.files.get(str(entry.get("id")))
        if not file or file.content is None:
            raise SlackError("file_not_found")
        file.completed = True
        file.title = str(entry.get("title") or file.title)
        found.append(file)
    refs = [ref for ref in (args.text("channel_id") or args.text("channels")).split(",") if ref]
    for ref in refs:
        channel = api.writable(Args({"channel": ref}))
        files = [file_json(api, file) for file in found]
        message = api.workspace.post(
            channel,
            api.app.message(
                args.text("initial_comment"), files=files, upload=True, thread_ts=args.text("thread_ts")
            ),
        )
        for file in found:
            file.channels.append(channel.id)
        api.events.emit_soon(*api.events.about_message({**message, "subtype": "file_share"}, channel))
    return {"files": [file_json(api, file) for file in found]}


@method("files.info")
def files_info(api: WebApi, args: Args) -> Json:
    file = api.workspace.files.get(args.required("file", "file_not_found"))
    if not file or not file.completed:
        raise SlackError("file_not_found")
    return {"file": file_json(api, file)}


def file_json(api: WebApi, file: File) -> Json:
    kind = file.name.rpartition(".")[2].lower() or "binary"
    url = f"{api.workspace.url}/files/{file.id}/{file.name}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "csv": "text/csv"}.get(
            kind, "application/octet-stream"
        ),
        "filetype": kind,
        "user": api.app.bot_user_id,
        "size": file.length,
        "alt_txt": file.alt_text,
        "url_private": url,
        "url_private_download": url,
        "permalink": url,
        "channels": list(file.channels),
    }
