"""The methods of Slack's Web API that an app like this one calls. To add one, write a function under `@method`.

A method reads its arguments, may refuse by raising SlackError, and answers what stands beside `"ok": true`.
"""

from . import scopes
from .elements import Json
from .errors import SlackError
from .web_api import Args, WebApi, invalid_arguments, method, page
from .workspace import Channel, Execution, File, Trigger, View

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
    view = unseen(api, trigger, content) or api.show(trigger.user, content, push=False)
    return {"view": api.view_json(view)}


def unseen(api: WebApi, trigger: Trigger, content: Json) -> View | None:
    """What a submission's trigger opens: Slack says ok, but its desktop client shows nothing.

    An app answers a submission with a response_action instead: bolt-js issue 1072, bolt-python issue 481.
    """
    return api.workspace.put_view(trigger.user, "modal", content) if trigger.of_submission else None


@method("views.push")
def views_push(api: WebApi, args: Args) -> Json:
    trigger_id = args.required("trigger_id")
    content = api.view(args, "modal")
    trigger = api.workspace.use_trigger(trigger_id)
    view = unseen(api, trigger, content) or api.show(trigger.user, content, push=True)
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
    users = (
        [str(u) for u in wanted]
        if isinstance(wanted, list)
        else [u for u in args.text("users").split(",") if u]
    )
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
    oldest, latest = moment(args, "oldest", 0), moment(args, "latest", 10**10)
    found = [
        message
        for message in reversed(api.workspace.history(channel))
        if oldest < float(message["ts"]) < latest
    ]
    return messages_page(api, args, found)


def moment(args: Args, name: str, default: float) -> float:
    try:
        return float(args.text(name) or default)
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


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


#: From the last step of an upload until the file can be used in a block: java-slack-sdk issue 1335, bolt-js issue 2115.
FILE_SECONDS = 0.25


@method("files.completeUploadExternal")
def files_complete_upload(api: WebApi, args: Args) -> Json:
    wanted = args.parsed("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise invalid_arguments("missing required field: files")
    found = []
    for entry in wanted:
        file = api.workspace.files.get(str(entry.get("id"))) if isinstance(entry, dict) else None
        if not file or file.content is None:
            raise SlackError("file_not_found")
        file.completed = True
        file.usable_at = api.workspace.clock.steady() + FILE_SECONDS
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


@method("files.delete")
def files_delete(api: WebApi, args: Args) -> Json:
    file = api.workspace.files.get(args.required("file", "file_not_found"))
    if not file or not file.completed:
        raise SlackError("file_not_found")
    if not file.by_app:
        raise SlackError("cant_delete_file")
    del api.workspace.files[file.id]
    return {}


@method("files.info")
def files_info(api: WebApi, args: Args) -> Json:
    file = api.workspace.files.get(args.required("file", "file_not_found"))
    if not file or not file.completed:
        raise SlackError("file_not_found")
    return {"file": file_json(api, file)}


MIMETYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "csv": "text/csv"}


def file_json(api: WebApi, file: File) -> Json:
    kind = file.name.rpartition(".")[2].lower() or "binary"
    usable = api.usable(file)
    url = f"{api.workspace.url}/files/{file.id}/{file.name}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        # Empty until Slack has looked at it.
        "mimetype": MIMETYPES.get(kind, "application/octet-stream") if usable else "",
        "filetype": kind if usable else "",
        "user": api.app.bot_user_id,
        "size": file.length,
        "alt_txt": file.alt_text,
        "url_private": url,
        "url_private_download": url,
        "permalink": url,
        "channels": list(file.channels),
    }
