"""The endpoints of the sandbox's page: what a person sees, what a person does, and a live line for changes."""

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, web

from . import elements, mentions
from .elements import Json
from .emoji import EMOJI
from .errors import AppFailed, SlackError
from .people import TROUBLE
from .workspace import Change, Channel

if TYPE_CHECKING:
    from .sandbox import Sandbox


INVITE: Json = {
    "command": "/invite",
    "description": "Add people or apps to this channel",
    "usage_hint": "@name",
}
MENTIONED = re.compile(r"<@([UW][A-Z0-9]+)>")


class Browser:
    def __init__(self, sandbox: "Sandbox") -> None:
        self.sandbox = sandbox
        self.workspace = sandbox.workspace
        self.workspace.watchers.append(self.changed)
        self._live: dict[web.WebSocketResponse, tuple[str, asyncio.Queue[Json]]] = {}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/client/state", self.state)
        router.add_get("/client/history", self.history)
        router.add_get("/client/live", self.live)
        for name in (
            "message",
            "edit",
            "delete",
            "react",
            "shortcut",
            "action",
            "submit",
            "close",
            "home",
            "step",
            "clock",
            "admin",
        ):
            router.add_post(f"/client/{name}", self.doing(getattr(self, f"do_{name}")))

    async def stop(self) -> None:
        self.workspace.watchers.remove(self.changed)
        for socket in list(self._live):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    # -- what a person sees

    async def state(self, request: web.Request) -> web.Response:
        people = self.people()
        me = request.query.get("as") or (people[0] if people else "")
        if me not in self.workspace.users:
            return web.json_response({"ok": False, "error": "user_not_found"}, status=404)
        return web.json_response(self.state_of(me))

    def people(self) -> list[str]:
        """The humans one can be; a stranger of another organisation is someone to meet, not to be."""
        return [
            user.id
            for user in self.workspace.users.values()
            if not user.is_bot
            and not user.deleted
            and user.id != "USLACKBOT"
            and user.team_id == self.workspace.team_id
        ]

    def state_of(self, me: str) -> Json:
        sandbox, workspace, app = self.sandbox, self.workspace, self.sandbox.app
        dm = workspace.dm(me, app.bot_user_id)
        shown = [channel for channel in workspace.channels.values() if self.sees(me, channel)]
        return {
            "ok": True,
            "team": {"id": workspace.team_id, "name": workspace.name, "domain": workspace.domain},
            "me": me,
            "now": workspace.clock.now(),
            "users": {user.id: self.user(user.id) for user in workspace.users.values()},
            "people": self.people(),
            "channels": [self.channel(channel, me) for channel in shown],
            "usergroups": [
                {"id": group.id, "handle": group.handle, "name": group.name, "users": group.users}
                for group in workspace.usergroups.values()
                if not group.deleted
            ],
            "emoji": EMOJI,
            "commands": [
                {
                    "command": command["command"],
                    "description": command.get("description", ""),
                    "usage_hint": command.get("usage_hint", ""),
                }
                for command in (*app.commands, INVITE)
            ],
            "shortcuts": [
                {
                    "name": shortcut["name"],
                    "callback_id": shortcut["callback_id"],
                    "type": shortcut["type"],
                    "description": shortcut.get("description", ""),
                }
                for shortcut in app.shortcuts
            ],
            "steps": [
                {
                    "callback_id": callback_id,
                    "title": step.get("title", callback_id),
                    "description": step.get("description", ""),
                    "inputs": [
                        {
                            "name": name,
                            "type": about.get("type", "string"),
                            "title": about.get("title", name),
                            "description": about.get("description", ""),
                            "is_required": bool(about.get("is_required")),
                        }
                        for name, about in step.get("input_parameters", {}).items()
                    ],
                }
                for callback_id, step in app.steps.items()
            ],
            "app": {
                "id": app.app_id,
                "name": app.name,
                "bot_user_id": app.bot_user_id,
                "dm_channel": dm.id,
                "home_tab": app.home_tab,
                "messages_tab": app.messages_tab,
                "description": app.description,
            },
            "home": sandbox.home(me),
            "modal": self.stack(me),
            "controls": {
                "rate_limits": sandbox.rate_limits,
                "clock": {"now": workspace.clock.now(), "offset": workspace.clock.offset},
            },
        }

    def user(self, user_id: str) -> Json:
        user = self.workspace.users[user_id]
        return {
            "id": user.id,
            "name": user.name,
            "real_name": user.real_name,
            "display_name": user.display_name,
            "title": user.title,
            "color": user.color,
            "is_bot": user.is_bot,
            "deleted": user.deleted,
            "is_admin": user.is_admin,
            "is_restricted": user.is_restricted or user.is_ultra_restricted,
            "team_id": user.team_id,
            "status_emoji": user.status_emoji,
            "status_text": user.status_text,
            "tz": user.tz,
        }

    def channel(self, channel: Channel, me: str) -> Json:
        read = channel.last_read.get(me, "0")
        return {
            "id": channel.id,
            "name": channel.name,
            "is_private": channel.is_private,
            "is_im": channel.is_im,
            "user": self.sandbox.app.bot_user_id if channel.is_im else None,
            "is_member": me in channel.members,
            "topic": channel.topic,
            "members": channel.members,
            "is_archived": channel.is_archived,
            "unread": sum(
                1 for m in self.workspace.history(channel) if m["ts"] > read and m.get("user") != me
            ),
            "app_is_member": self.sandbox.app.bot_user_id in channel.members,
        }

    def stack(self, me: str) -> list[Json]:
        """My open modals, each with what I have entered so far."""
        return [
            self.sandbox.api.view_json(view, values=elements.values(view.content["blocks"], view.entered))
            for view in self.workspace.open_views(me)
        ]

    async def history(self, request: web.Request) -> web.Response:
        me, thread_ts = request.query.get("as", ""), request.query.get("thread_ts")
        channel = self.workspace.channels.get(request.query.get("channel", ""))
        if not channel or not self.sees(me, channel):
            return web.json_response({"ok": False, "error": "channel_not_found"}, status=404)
        found = [self.message(message) for message in self.workspace.history(channel, thread_ts or None)]
        found += [
            self.message(message)
            for message in self.workspace.ephemerals.get(me, [])
            if message["channel"] == channel.id and message.get("thread_ts") == (thread_ts or None)
        ]
        found.sort(key=lambda message: str(message["ts"]))
        if found and not thread_ts:
            channel.last_read[me] = found[-1]["ts"]
        return web.json_response({"ok": True, "messages": found})

    def sees(self, me: str, channel: Channel) -> bool:
        """Members see their channels, and everybody but guests and strangers sees the public ones."""
        person = self.workspace.users.get(me)
        if person is None or me in channel.members:
            return person is not None
        outside = (
            person.is_restricted or person.is_ultra_restricted or person.team_id != self.workspace.team_id
        )
        return not (outside or channel.is_private or channel.is_im)

    def message(self, message: Json) -> Json:
        kept = (
            "ts",
            "user",
            "bot_id",
            "text",
            "blocks",
            "attachments",
            "files",
            "thread_ts",
            "reply_count",
            "reply_users",
            "latest_reply",
            "reactions",
            "edited",
            "subtype",
            "is_ephemeral",
        )
        shown = {name: message[name] for name in kept if name in message}
        shown.setdefault("reactions", [])
        shown["app"] = message.get("bot_id") == self.sandbox.app.bot_id
        return shown

    # -- the live line

    async def live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._live[socket] = (request.query.get("as", ""), queue)
        sending = asyncio.create_task(self._send(socket, queue))
        try:
            async for _ in socket:  # what the page says here means nothing; it keeps the line open
                pass
        finally:
            del self._live[socket]
            sending.cancel()
        return socket

    async def _send(self, socket: web.WebSocketResponse, queue: asyncio.Queue[Json]) -> None:
        while True:
            change = await queue.get()
            with contextlib.suppress(ConnectionError):
                await socket.send_str(json.dumps(change))

    def changed(self, change: Change) -> None:
        for me, queue in self._live.values():
            if change.users is not None and me not in change.users:
                continue
            if change.channel and not self.sees(me, self.workspace.channels[change.channel]):
                continue
            queue.put_nowait(self.pushed(change, me))

    def pushed(self, change: Change, me: str) -> Json:
        if change.type in ("message", "message_changed"):
            body = self.message(change.data["message"])
            return {"type": change.type, "channel": change.channel, "message": json.loads(json.dumps(body))}
        if change.type == "message_deleted":
            return {"type": change.type, "channel": change.channel, "ts": change.data["ts"]}
        if change.type == "home":
            return {"type": "home", "view": self.sandbox.home(me)}
        if change.type == "views":
            return {"type": "views", "stack": self.stack(me)}
        return {"type": change.type, **change.data}

    # -- what a person does

    def doing(
        self, act: Callable[[str, Json], Awaitable[Json | None]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            # The page sends JSON; another site's form cannot, so no other page can act here.
            if request.content_type != "application/json":
                return web.json_response({"ok": False, "error": "invalid_post_type"}, status=415)
            try:
                said = json.loads(await request.text())
                body = await act(str(said.get("as", "")), said)
            except SlackError as refused:
                return web.json_response({"ok": False, "error": refused.code})
            except AppFailed as failed:
                return web.json_response({"ok": False, "error": TROUBLE, "detail": str(failed)})
            except LookupError as gone:
                return web.json_response({"ok": False, "error": str(gone.args[0] if gone.args else gone)})
            except ValueError as wrong:
                return web.json_response({"ok": False, "error": str(wrong)})
            return web.json_response({"ok": True, **(body or {})})

        return handle

    def toast(self, me: str, text: str) -> SlackError:
        self.workspace.tell("toast", users=[me], text=text)
        return SlackError(text)

    async def do_message(self, me: str, said: Json) -> Json | None:
        text, channel = str(said["text"]), said["channel"]
        command, _, rest = text.partition(" ")
        if text.startswith("/") and len(command) > 1 and "/" not in command[1:]:
            if said.get("thread_ts"):
                raise self.toast(me, f"{command} is not supported in threads. Sorry!")
            if command == INVITE["command"]:
                await self.invite(me, self.workspace.channel(channel), rest)
                return {"command": True, "failed": None}
            if not any(known["command"] == command for known in self.sandbox.app.commands):
                raise self.toast(me, f"{command} is not a valid command.")
            answer = await self.sandbox.command(me, channel, command, rest)
            return {"command": True, "failed": answer.error}
        place = self.workspace.channel(channel)
        if me not in place.members and not place.is_private and not place.is_im:
            await self.sandbox.join_channel(me, place.id)  # Slack's preview asks to join before one can write
        ts = await self.sandbox.say(
            me, channel, text, thread_ts=said.get("thread_ts") or None, broadcast=bool(said.get("broadcast"))
        )
        return {"ts": ts}

    async def invite(self, me: str, place: Channel, rest: str) -> None:
        """Slack's own command, which apps ask people to type."""
        named = MENTIONED.findall(mentions.as_message(rest, self.workspace))
        if place.is_im or me not in place.members or not named:
            raise self.toast(me, "Type /invite and a name after @, in a channel that you are in.")
        fresh = [user for user in dict.fromkeys(named) if user not in place.members]
        for user in fresh:
            await self.sandbox.join_channel(user, place.id, inviter=me)
        names = ", ".join(self.workspace.user(user).display_name for user in fresh or named)
        said = f"Added to #{place.name}: {names}" if fresh else f"Already in #{place.name}: {names}"
        self.workspace.tell("toast", users=[me], text=said)

    async def do_edit(self, me: str, said: Json) -> None:
        await self.sandbox.edit(me, said["channel"], said["ts"], said["text"])

    async def do_delete(self, me: str, said: Json) -> None:
        if self.workspace.ephemeral(me, said["ts"]):
            self.workspace.drop_ephemeral(me, said["ts"])
            return
        await self.sandbox.delete(me, said["channel"], said["ts"])

    async def do_react(self, me: str, said: Json) -> None:
        change = self.sandbox.react if said.get("on", True) else self.sandbox.unreact
        await change(me, said["channel"], said["ts"], said["name"])

    async def do_shortcut(self, me: str, said: Json) -> Json | None:
        if said.get("ts"):
            await self.sandbox.message_shortcut(me, said["channel"], said["ts"], said["callback_id"])
        else:
            await self.sandbox.shortcut(me, said["callback_id"])
        return None

    async def do_action(self, me: str, said: Json) -> Json | None:
        container, action = said["container"], said["action"]
        ref = container.get("view_id") or container["ts"]
        where = ref if container.get("view_id") else {"ts": ref, "channel": container.get("channel")}
        answer = await self.sandbox.press(
            me,
            where,
            said["action_id"],
            block_id=said.get("block_id"),
            value=chosen(action),
            state=(said.get("state") or {}).get("values"),
        )
        if answer.error:
            raise SlackError(TROUBLE)
        return None

    async def do_submit(self, me: str, said: Json) -> Json | None:
        errors = await self.sandbox.submit(me, said["view_id"], said.get("values") or {})
        if errors:
            return {"ok": False, "error": "invalid_fields", "errors": errors}
        return None

    async def do_close(self, me: str, said: Json) -> None:
        await self.sandbox.close(me, said["view_id"], clear=bool(said.get("clear")))

    async def do_home(self, me: str, said: Json) -> Json:
        return {"view": await self.sandbox.open_home(me, said.get("tab", "home"))}

    async def do_step(self, me: str, said: Json) -> Json:
        execution = await self.sandbox.run_step(
            me, said["callback_id"], said.get("inputs") or {}, said.get("channel")
        )
        return {"execution_id": execution.id, "outcome": execution.outcome, "error": execution.error}

    async def do_clock(self, me: str, said: Json) -> Json:
        if "advance" in said:
            self.workspace.clock.advance(float(said["advance"]))
        if "speed" in said:
            self.workspace.clock.speed = float(said["speed"])
        self.workspace.tell("clock", now=self.workspace.clock.now())
        return {"now": self.workspace.clock.now(), "offset": self.workspace.clock.offset}

    async def do_admin(self, me: str, said: Json) -> Json | None:  # noqa: PLR0912  # one line per switch
        """What an administrator does, and the sandbox's own switches: {op, ...arguments}."""
        sandbox = self.sandbox
        arguments: dict[str, Any] = {k: v for k, v in said.items() if k not in ("op", "as")}
        match said.get("op"):
            case "rate_limits":
                sandbox.rate_limits = bool(arguments["on"])
            case "duplicates":
                sandbox.courier.copies = int(arguments["copies"])
            case "add_user":
                return {"user": await sandbox.join(**arguments)}
            case "deactivate":
                await sandbox.deactivate(arguments["user"])
            case "reactivate":
                await sandbox.reactivate(arguments["user"])
            case "change_user":
                await sandbox.change_user(arguments.pop("user"), **arguments)
            case "add_channel":
                return {"channel": sandbox.add_channel(**arguments)}
            case "join_channel":
                await sandbox.join_channel(arguments["user"], arguments["channel"], inviter=me or None)
            case "leave_channel":
                await sandbox.leave_channel(arguments["user"], arguments["channel"])
            case "invite_app":
                await sandbox.invite_app(arguments["channel"], inviter=me or None)
            case "remove_app":
                await sandbox.remove_app(arguments["channel"])
            case "archive":
                await sandbox.archive(arguments["channel"])
            case "rename":
                await sandbox.rename(arguments["channel"], arguments["name"])
            case "usergroup":
                await sandbox.change_usergroup(arguments["group"], arguments["users"])
            case "uninstall":
                await sandbox.uninstall()
            case "revoke_tokens":
                await sandbox.revoke_tokens()
            case "reinstall":
                sandbox.reinstall()
            case other:
                raise SlackError(f"unknown_op {other}")
        return None


def chosen(action: Json) -> Any:
    """The value in an action as the page sends it, whichever element it came from."""
    for name, _ in elements.STATEFUL.values():
        if name in action:
            return action[name]
    return None
