"""The sandbox: a Slack workspace with people in it, one installed app, and hands to do what people do."""

import asyncio
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import elements, mentions
from .clock import Clock
from .delivery import FORM, Attempt, Courier, Delivery, address, encode
from .elements import Json
from .errors import AppFailed, SlackError
from .events import Events
from .installation import Installation
from .rates import Rates
from .responses import Responses
from .scopes import kind_of
from .server import Server
from .web_api import WebApi, add_reaction, reaction_event, remove_reaction
from .workspace import Channel, Execution, File, User, UserGroup, View, Workspace, identifier

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass
class Answer:
    """What the app answered to a person, and what the person saw of it."""

    status: int
    body: str = ""
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    response_type: str = ""
    error: str | None = None  # operation_timeout, dispatch_failed or invalid_command_response
    ts: str | None = None  # of the message that the answer became

    @property
    def ok(self) -> bool:
        return self.error is None


def failure(attempt: Attempt) -> str | None:
    """What Slack tells the person when the app did not answer well."""
    if attempt.ok:
        return None
    return "operation_timeout" if attempt.reason == "http_timeout" else "dispatch_failed"


class Sandbox:
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
        self.api = WebApi(self.workspace, self.app, self.events, self.rates)
        self.api.rate_limits = rate_limits
        self.responses = Responses(self.api)
        self.server = Server(self)

    # -- its own life

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        await self.courier.start()
        self.workspace.url = await self.server.start(host, port)

    async def stop(self) -> None:
        await self.courier.stop()
        await self.server.stop()

    async def settle(self) -> None:
        """Wait until everything on its way, or due by the clock, has arrived or failed."""
        await self.courier.settle()

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

    # -- writing and reacting

    def _present(self, user: str, channel: str) -> tuple[User, Channel]:
        person, place = self.workspace.user(user), self.workspace.channel(channel)
        if person.id not in place.members:
            raise SlackError("not_in_channel")
        if place.is_archived:
            raise SlackError("is_archived")
        return person, place

    async def say(
        self, user: str, channel: str, text: str, thread_ts: str | None = None, broadcast: bool = False
    ) -> str:
        person, place = self._present(user, channel)
        if place.is_im and (not self.app.messages_tab or self.app.messages_read_only):
            raise SlackError("messages_tab_disabled")
        message: Json = {
            "user": person.id,
            "team": person.team_id,
            "text": mentions.as_message(text, self.workspace),
            "client_msg_id": self.workspace.next_id("").lower(),
        }
        if thread_ts:
            if thread_ts not in place.messages:
                raise SlackError("thread_not_found")
            message["thread_ts"] = place.messages[thread_ts].get("thread_ts") or thread_ts
            if broadcast:
                message |= {
                    "subtype": "thread_broadcast",
                    "root": self.workspace.copy(place.messages[thread_ts]),
                }
        if person.bot_id:
            message |= {"bot_id": person.bot_id, "app_id": person.app_id}
        stored = self.workspace.post(place, message)
        await self.events.emit(*self.events.about_message(stored, place))
        return str(stored["ts"])

    def _own(self, user: str, channel: str, ts: str, error: str) -> tuple[Channel, Json]:
        person, place = self._present(user, channel)
        message = place.messages.get(ts)
        if not message or message.get("subtype") == "tombstone":
            raise SlackError("message_not_found")
        if message.get("user") != person.id:
            raise SlackError(error)
        return place, message

    async def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        place, message = self._own(user, channel, ts, "cant_update_message")
        previous = self.workspace.copy(message)
        message["text"] = mentions.as_message(text, self.workspace)
        message["edited"] = {"user": message["user"], "ts": self.workspace.next_ts()}
        self.workspace.tell("message_changed", channel=place.id, message=message)
        await self.events.emit(self.events.about_change(self.workspace.copy(message), previous, place))

    async def delete(self, user: str, channel: str, ts: str) -> None:
        """Delete a message. One with replies leaves a tombstone, which Slack tells as a change."""
        place, message = self._own(user, channel, ts, "cant_delete_message")
        if message.get("reply_count"):
            previous = self.workspace.copy(message)
            for part in ("blocks", "reactions", "edited", "files"):
                message.pop(part, None)
            message |= {
                "subtype": "tombstone",
                "text": "This message was deleted.",
                "user": "USLACKBOT",
                "hidden": True,
            }
            self.workspace.tell("message_changed", channel=place.id, message=message)
            await self.events.emit(self.events.about_change(self.workspace.copy(message), previous, place))
            return
        previous = self.workspace.remove(place, ts)
        await self.events.emit(self.events.about_deletion(previous, place))

    async def react(self, user: str, channel: str, ts: str, name: str) -> None:
        await self._reaction("reaction_added", user, channel, ts, name.strip(":"))

    async def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        await self._reaction("reaction_removed", user, channel, ts, name.strip(":"))

    async def _reaction(self, type_: str, user: str, channel: str, ts: str, name: str) -> None:
        person, place = self._present(user, channel)
        message = place.messages.get(ts)
        if not message or message.get("subtype") == "tombstone":
            raise SlackError("message_not_found")
        change = add_reaction if type_ == "reaction_added" else remove_reaction
        if not change(message, name, person.id):
            raise SlackError("already_reacted" if type_ == "reaction_added" else "no_reaction")
        self.workspace.tell("message_changed", channel=place.id, message=message)
        await self.events.emit(
            (reaction_event(self.api, type_, name, person.id, message=message, channel=place), place)
        )

    # -- commands and shortcuts

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Answer:
        person, place = self._present(user, channel)
        known = next((c for c in self.app.commands if c["command"] == command), None)
        if not known:
            raise SlackError("unknown_command")
        names = {"channels": place.name, "groups": "privategroup", "im": "directmessage"}
        kind = kind_of(is_private=place.is_private, is_im=place.is_im)
        escape = bool(known.get("should_escape"))
        payload: Json = {
            "token": self.app.verification_token,
            "team_id": self.team_id,
            "team_domain": self.workspace.domain,
            "channel_id": place.id,
            "channel_name": names[kind],
            "user_id": person.id,
            "user_name": person.name,
            "command": command,
            "text": mentions.as_command(text.strip(), self.workspace, should_escape=escape),
            "api_app_id": self.app.app_id,
            "is_enterprise_install": "false",
            "response_url": self.workspace.issue_response_url(person.id, place.id),
            "trigger_id": self.workspace.issue_trigger(person.id),
        }
        attempt = await self.courier.ask("command", payload)
        answer = Answer(attempt.status, attempt.body, error=failure(attempt))
        if answer.error:
            toast = f"{command} failed with the error “{answer.error}”"
            self.workspace.tell("toast", users=[person.id], text=toast)
        elif attempt.body.strip():
            self._show_answer(answer, person, place)
        return answer

    def _show_answer(self, answer: Answer, person: User, place: Channel) -> None:
        """Show the immediate reply: JSON, or plain text that becomes an ephemeral message."""
        try:
            said = json.loads(answer.body)
        except ValueError:
            said = {"text": answer.body}
        if not isinstance(said, dict) or not (said.get("text") or said.get("blocks")):
            return
        try:
            shown = self.responses.show(person.id, place, said)
        except SlackError as refused:
            answer.error = "invalid_command_response"
            toast = f"The command failed with the error “{answer.error}” ({refused})"
            self.workspace.tell("toast", users=[person.id], text=toast)
            return
        answer.text, answer.blocks, answer.ts = shown["text"], shown.get("blocks", []), shown["ts"]
        answer.response_type = said.get("response_type", "ephemeral")

    async def shortcut(self, user: str, callback_id: str) -> Answer:
        person = self.workspace.user(user)
        self._shortcut(callback_id, "global")
        payload = {
            "type": "shortcut",
            "token": self.app.verification_token,
            "action_ts": self.workspace.next_ts(),
            **self._who(person),
            "callback_id": callback_id,
            "trigger_id": self.workspace.issue_trigger(person.id),
        }
        return await self._interact(person, payload)

    async def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Answer:
        person, place = self._present(user, channel)
        self._shortcut(callback_id, "message")
        message = place.messages.get(ts)
        if not message:
            raise SlackError("message_not_found")
        payload = {
            "type": "message_action",
            "token": self.app.verification_token,
            "action_ts": self.workspace.next_ts(),
            **self._who(person),
            "channel": self._channel_ref(place),
            "callback_id": callback_id,
            "trigger_id": self.workspace.issue_trigger(person.id),
            "message_ts": ts,
            "message": self.workspace.copy(message),
            "response_url": self.workspace.issue_response_url(person.id, place.id),
        }
        return await self._interact(person, payload)

    def _shortcut(self, callback_id: str, type_: str) -> None:
        if not any(s["callback_id"] == callback_id and s["type"] == type_ for s in self.app.shortcuts):
            raise SlackError("unknown_shortcut")

    def _who(self, person: User) -> Json:
        return {
            "team": {"id": self.team_id, "domain": self.workspace.domain},
            "user": {
                "id": person.id,
                "username": person.name,
                "name": person.name,
                "team_id": person.team_id,
            },
            "is_enterprise_install": False,
            "enterprise": None,
        }

    def _channel_ref(self, place: Channel) -> Json:
        if place.is_im:
            return {"id": place.id, "name": "directmessage"}
        return {"id": place.id, "name": "privategroup" if place.is_private else place.name}

    async def _interact(self, person: User, payload: Json) -> Answer:
        attempt = await self.courier.ask("interactivity", payload)
        answer = Answer(attempt.status, attempt.body, error=failure(attempt))
        if answer.error:
            self.workspace.tell("toast", users=[person.id], text=TROUBLE)
        return answer

    # -- buttons and other elements

    async def press(
        self,
        user: str,
        where: Json | str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Any = None,
        selected: Any = None,
        state: Json | None = None,
    ) -> Answer:
        """Use an element of a message, of a modal or of the Home tab; of several alike, the first."""
        person = self.workspace.user(user)
        ref = where if isinstance(where, str) else str(where.get("id") or where["ts"])
        blocks = self._blocks_at(person, ref, where)
        found = [
            (block, element)
            for block, element in elements.elements(blocks)
            if element.get("action_id") == action_id and block_id in (None, block.get("block_id"))
        ]
        if not found:
            raise LookupError(f"No element {action_id} there, only {self._action_ids(blocks)}.")
        block, element = found[0]
        return await self.act(user, ref, block, element, value=value, selected=selected, state=state)

    def _action_ids(self, blocks: list[Json]) -> list[str]:
        return [str(element.get("action_id")) for _, element in elements.elements(blocks)]

    def _find_message(self, person: User, ref: str) -> tuple[Channel, Json] | None:
        ephemeral = self.workspace.ephemeral(person.id, ref)
        if ephemeral:
            return self.workspace.channels[ephemeral["channel"]], ephemeral
        for place in self.workspace.channels.values():
            if ref in place.messages and person.id in place.members:
                return place, place.messages[ref]
        return None

    def _find_view(self, person: User, ref: str) -> View | None:
        view = self.workspace.views.get(ref)
        return view if view and view.user == person.id else None

    def _blocks_at(self, person: User, ref: str, where: Json | str) -> list[Json]:
        view = self._find_view(person, ref)
        if view:
            return list(view.content["blocks"])
        found = self._find_message(person, ref)
        if not found:
            raise LookupError(f"{person.name} sees no message or view {ref}.")
        if isinstance(where, dict) and where.get("channel") not in (None, found[0].id):
            place = self.workspace.channels[where["channel"]]
            return list(place.messages[ref].get("blocks", []))
        return list(found[1].get("blocks", []))

    async def act(
        self,
        user: str,
        ref: str,
        block: Json,
        element: Json,
        *,
        value: Any = None,
        selected: Any = None,
        state: Json | None = None,
    ) -> Answer:
        person = self.workspace.user(user)
        action: Json = {
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "type": element["type"],
            "action_ts": self.workspace.next_ts(),
        }
        view = self._find_view(person, ref)
        entered: Json = {} if view is None else view.entered
        for name, held in (state or {}).items():
            entered.setdefault(name, {}).update(held)
        if element["type"] in elements.STATEFUL:
            chosen = elements.state(element, selected if selected is not None else value)
            entered.setdefault(block["block_id"], {})[element["action_id"]] = chosen
            action |= chosen
        elif element["type"] == "overflow":
            action["selected_option"] = elements.option(element, selected if selected is not None else value)
        else:
            if "text" in element:
                action["text"] = element["text"]
            given = element.get("value") if value is None else value
            if given is not None:
                action["value"] = given
        payload: Json = {
            "type": "block_actions",
            **self._who(person),
            "api_app_id": self.app.app_id,
            "token": self.app.verification_token,
        }
        if view:
            payload |= {
                "container": {"type": "view", "view_id": view.id},
                "trigger_id": self.workspace.issue_trigger(person.id, view.id),
                "view": self.api.view_json(view, values=elements.values(view.content["blocks"], entered)),
                "actions": [action],
            }
            return await self._interact(person, payload)
        place, message = self._find_message(person, ref) or (None, None)
        assert place
        assert message
        is_ephemeral = bool(message.get("is_ephemeral"))
        container = {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": place.id,
            "is_ephemeral": is_ephemeral,
        }
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        payload |= {
            "container": container,
            "trigger_id": self.workspace.issue_trigger(person.id),
            "channel": self._channel_ref(place),
            "state": {"values": elements.values(message.get("blocks", []), entered)},
            "response_url": self.workspace.issue_response_url(
                person.id,
                place.id,
                original_ts=message["ts"],
                is_ephemeral=is_ephemeral,
                thread_ts=message.get("thread_ts"),
            ),
            "actions": [action],
        }
        if not is_ephemeral:
            payload["message"] = self.workspace.copy(message)
        return await self._interact(person, payload)

    # -- modals

    async def submit(self, user: str, view_id: str, values: Json | None = None) -> dict[str, str]:
        """Press a modal's submit button. What Slack or the app found wrong comes back by block; {} is success."""
        person = self.workspace.user(user)
        view = self._find_view(person, view_id)
        if not view or view.type != "modal":
            raise LookupError(f"{person.name} has no modal {view_id} open.")
        for block_id, held in self._states(view, values or {}).items():
            view.entered.setdefault(block_id, {}).update(held)
        blocks = view.content["blocks"]
        entered = elements.values(blocks, view.entered)
        errors = elements.missing(blocks, entered)
        if errors:
            return errors
        payload = {
            "type": "view_submission",
            **self._who(person),
            "api_app_id": self.app.app_id,
            "token": self.app.verification_token,
            "trigger_id": self.workspace.issue_trigger(person.id, view.id),
            "view": self.api.view_json(view, values=entered),
            "response_urls": self._response_urls(person, blocks, entered),
        }
        answer = await self._interact(person, payload)
        if answer.error:
            raise AppFailed(answer.error, answer.body)
        return self._submitted(person, view, answer.body)

    def _states(self, view: View, values: Json) -> Json:
        """Values by block and action, or plainly by action, as state objects."""
        states: Json = {}
        known = list(elements.elements(view.content["blocks"]))
        blocks = {block["block_id"] for block, _ in known}
        for name, given in values.items():
            if name in blocks and isinstance(given, dict):
                found = [(b, e) for b, e in known if b["block_id"] == name and e["action_id"] in given]
                if len(found) != len(given):
                    raise LookupError(f"No element {sorted(given)} in block {name}.")
                for block, element in found:
                    entry = elements.state(element, given[element["action_id"]])
                    states.setdefault(block["block_id"], {})[element["action_id"]] = entry
                continue
            match = next(((b, e) for b, e in known if e["action_id"] == name), None)
            if not match:
                raise LookupError(f"No element {name} there, only {[e['action_id'] for _, e in known]}.")
            states.setdefault(match[0]["block_id"], {})[name] = elements.state(match[1], given)
        return states

    def _response_urls(self, person: User, blocks: list[Json], entered: Json) -> list[Json]:
        urls = []
        for block, element in elements.elements(blocks):
            if not element.get("response_url_enabled"):
                continue
            chosen = entered[block["block_id"]][element["action_id"]]
            channel = chosen.get("selected_conversation") or chosen.get("selected_channel")
            if channel in self.workspace.channels:
                urls.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": channel,
                        "response_url": self.workspace.issue_response_url(person.id, channel),
                    }
                )
        return urls

    def _submitted(self, person: User, view: View, body: str) -> dict[str, str]:
        """Do what the app answered to a submission."""
        try:
            said = json.loads(body) if body.strip() else {}
        except ValueError:
            raise AppFailed("invalid_response", body) from None
        action = said.get("response_action") if isinstance(said, dict) else None
        if action == "errors":
            errors: dict[str, str] = said.get("errors") or {}
            known = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
            if not errors or not set(errors) <= known:
                raise AppFailed(
                    "invalid_response", f"errors for {sorted(errors)}, but inputs are {sorted(known)}"
                )
            return errors
        if action == "clear":
            self._clear(person)
            return {}
        if action in ("update", "push"):
            try:
                content = self.api.checked_view(said.get("view"), "modal")
                if action == "push":
                    self.api.show(person.id, content, push=True)
                elif view.id in self.workspace.views:
                    self.api.change(view, content)
            except SlackError as refused:
                raise AppFailed("invalid_response", str(refused)) from None
            return {}
        if action is not None:
            raise AppFailed("invalid_response", body)
        self.workspace.drop_view(view.id)
        self.api.tell_views(person.id)
        return {}

    def _clear(self, person: User) -> list[View]:
        gone = self.workspace.open_views(person.id)
        for view in gone:
            self.workspace.drop_view(view.id)
        self.api.tell_views(person.id)
        return gone

    async def close(self, user: str, view_id: str, *, clear: bool = False) -> None:
        """Press a modal's close button, or with `clear` the cross that closes the whole stack."""
        person = self.workspace.user(user)
        view = self._find_view(person, view_id)
        if not view:
            raise LookupError(f"{person.name} has no modal {view_id} open.")
        if clear or view.content.get("clear_on_close"):
            gone, clear = self._clear(person), True
        else:
            gone = [view]
            self.workspace.drop_view(view.id)
            self.api.tell_views(person.id)
        for closed in gone:
            if not closed.content.get("notify_on_close"):
                continue
            payload = {
                "type": "view_closed",
                **self._who(person),
                "api_app_id": self.app.app_id,
                "token": self.app.verification_token,
                "view": self.api.view_json(
                    closed, values=elements.values(closed.content["blocks"], closed.entered)
                ),
                "is_cleared": clear,
            }
            await self._interact(person, payload)

    async def open_home(self, user: str, tab: str = "home") -> Json | None:
        person = self.workspace.user(user)
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": self.dm(person.id),
            "tab": tab,
            "event_ts": self.workspace.next_ts(),
        }
        shown = self.home(person.id)
        if shown and tab == "home":
            event["view"] = shown
        await self.events.emit((event, None))
        return self.home(person.id)

    # -- the workspace changes

    async def join(self, name: str, **about: Any) -> str:
        """A new person in the workspace."""
        user_id = (
            self.workspace.user(name).id if name in self.workspace.users else self.add_user(name, **about)
        )
        profile = self.workspace.user_json(self.workspace.users[user_id])
        await self.events.emit(({"type": "team_join", "user": profile}, None))
        return user_id

    async def change_user(self, user: str, **profile: Any) -> None:
        person = self.workspace.user(user)
        for name, held in profile.items():
            if not hasattr(person, name):
                raise AttributeError(name)
            setattr(person, name, held)
        person.updated = self.workspace.seconds()
        self.workspace.tell("state")
        event = {"type": "user_change", "user": self.workspace.user_json(person), "cache_ts": person.updated}
        await self.events.emit((event, None))

    async def deactivate(self, user: str) -> None:
        person = self.workspace.user(user)
        for place in self.workspace.channels.values():
            if not place.is_im and person.id in place.members:
                place.members.remove(person.id)
        for group in self.workspace.usergroups.values():
            if person.id in group.users:
                group.users.remove(person.id)
        await self.change_user(user, deleted=True)

    async def reactivate(self, user: str) -> None:
        await self.change_user(user, deleted=False)

    async def join_channel(self, user: str, channel: str, *, inviter: str | None = None) -> None:
        person, place = self.workspace.user(user), self.workspace.channel(channel)
        if person.id in place.members:
            raise SlackError("already_in_channel")
        place.members.append(person.id)
        self.workspace.tell("state")
        event = {**self._membership("member_joined_channel", person, place)}
        if inviter:
            event["inviter"] = self.workspace.user(inviter).id
        await self.events.emit((event, place))

    async def leave_channel(self, user: str, channel: str) -> None:
        person, place = self.workspace.user(user), self.workspace.channel(channel)
        place.members.remove(person.id)
        self.workspace.tell("state")
        if person.id == self.app.bot_user_id:
            # Once out, the bot no longer hears from the channel, only that it left.
            name = "group_left" if place.is_private else "channel_left"
            await self.events.emit(({"type": name, "channel": place.id, "actor_id": person.id}, place))
            return
        await self.events.emit((self._membership("member_left_channel", person, place), place))

    def _membership(self, type_: str, person: User, place: Channel) -> Json:
        return {
            "type": type_,
            "user": person.id,
            "channel": place.id,
            "channel_type": "G" if place.is_private else "C",
            "team": self.team_id,
            "event_ts": self.workspace.next_ts(),
        }

    async def invite_app(self, channel: str, *, inviter: str | None = None) -> None:
        await self.join_channel(self.app.bot_user_id, channel, inviter=inviter)

    async def remove_app(self, channel: str) -> None:
        await self.leave_channel(self.app.bot_user_id, channel)

    async def archive(self, channel: str, *, by: str = "USLACKBOT") -> None:
        place = self.workspace.channel(channel)
        place.is_archived = True
        self.workspace.tell("state")
        name = "group_archive" if place.is_private else "channel_archive"
        await self.events.emit(({"type": name, "channel": place.id, "user": by}, place))

    async def rename(self, channel: str, name: str) -> None:
        place = self.workspace.channel(channel)
        place.name = name
        self.workspace.tell("state")
        body = {"id": place.id, "name": name, "name_normalized": name, "created": place.created}
        kind = "group_rename" if place.is_private else "channel_rename"
        await self.events.emit(({"type": kind, "channel": body}, place))

    async def change_usergroup(self, group: str, users: Iterable[str]) -> None:
        found = next(g for g in self.workspace.usergroups.values() if group in (g.id, g.handle))
        previous, found.users = found.users, [self.workspace.user(ref).id for ref in users]
        before, found.updated = found.updated, self.workspace.seconds()
        self.workspace.tell("state")
        subteam = {
            "id": found.id,
            "team_id": self.team_id,
            "is_usergroup": True,
            "name": found.name,
            "handle": found.handle,
            "date_create": found.created,
            "date_update": found.updated,
            "date_delete": 0,
            "users": list(found.users),
            "user_count": len(found.users),
        }
        members = {
            "type": "subteam_members_changed",
            "subteam_id": found.id,
            "team_id": self.team_id,
            "date_previous_update": before,
            "date_update": found.updated,
            "added_users": [u for u in found.users if u not in previous],
            "removed_users": [u for u in previous if u not in found.users],
            "added_users_count": len(set(found.users) - set(previous)),
            "removed_users_count": len(set(previous) - set(found.users)),
        }
        await self.events.emit(({"type": "subteam_updated", "subteam": subteam}, None), (members, None))

    async def uninstall(self) -> None:
        """Remove the app; its token stops working before the event arrives."""
        self.app.tokens[self.app.bot_token] = "account_inactive"
        for place in self.workspace.channels.values():
            if self.app.bot_user_id in place.members and not place.is_im:
                place.members.remove(self.app.bot_user_id)
        await self.events.emit(({"type": "app_uninstalled"}, None))

    async def revoke_tokens(self) -> None:
        self.app.tokens[self.app.bot_token] = "token_revoked"
        tokens = {"oauth": [], "bot": [self.app.bot_user_id]}
        await self.events.emit(({"type": "tokens_revoked", "tokens": tokens}, None))

    def reinstall(self) -> None:
        self.app.tokens[self.app.bot_token] = None

    # -- workflow steps

    async def run_step(
        self, user: str, callback_id: str, inputs: Json, channel: str | None = None
    ) -> Execution:
        """Run one of the app's workflow steps with these inputs; the outcome appears in what is returned."""
        person = self.workspace.user(user)
        step = self.app.steps[callback_id]
        execution_id = self.workspace.next_id("Fx")
        execution = Execution(
            execution_id, callback_id, person.id, inputs, f"xwfp-sandbox-{execution_id.lower()}"
        )
        self.workspace.executions[execution_id] = execution

        def parameters(name: str) -> list[Json]:
            return [{"name": key, **about} for key, about in step.get(name, {}).items()]

        event = {
            "type": "function_executed",
            "function": {
                "id": identifier("Fn", callback_id),
                "callback_id": callback_id,
                "title": step.get("title", ""),
                "description": step.get("description", ""),
                "type": "app",
                "input_parameters": parameters("input_parameters"),
                "output_parameters": parameters("output_parameters"),
                "app_id": self.app.app_id,
                "date_created": self.workspace.seconds(),
                "date_updated": self.workspace.seconds(),
                "date_deleted": 0,
                "form_enabled": False,
            },
            "inputs": inputs,
            "function_execution_id": execution_id,
            "workflow_execution_id": self.workspace.next_id("Wx"),
            "event_ts": self.workspace.next_ts(),
            "bot_access_token": execution.token,
        }
        await self.events.emit((event, None))
        return execution

    # -- sending what no honest Slack would

    async def send_event(
        self,
        event: Json | list[Json],
        *,
        event_id: str | None = None,
        retry_num: int | None = None,
        reason: str = "http_timeout",
        copies: int = 1,
        shuffle: bool = False,
    ) -> list[int]:
        """Send events just as given, each in several copies; without an event_id every copy has its own."""
        given = event if isinstance(event, list) else [event]
        payloads = [self.events.envelope(e, event_id=event_id) for e in given for _ in range(copies)]
        if shuffle:
            random.shuffle(payloads)
        headers = None
        if retry_num is not None:
            headers = {"X-Slack-Retry-Num": str(retry_num), "X-Slack-Retry-Reason": reason}
        url = address(self.app_url, self.app.event_url)

        async def post(payload: Json) -> int:
            body, content_type = encode("event", payload)
            attempt = await self.courier.post(
                url, body, content_type, headers=headers, retry_num=retry_num or 0
            )
            self.courier.deliveries.append(Delivery("event", payload, [attempt], gave_up=not attempt.ok))
            return attempt.status

        return list(await asyncio.gather(*(post(payload) for payload in payloads)))

    async def send(
        self,
        body: Json | str | bytes,
        *,
        kind: str = "event",
        url: str | None = None,
        content_type: str | None = None,
        secret: str | None = None,
        timestamp: float | None = None,
        signature: str | None = None,
        headers: dict[str, str] | None = None,
        patience: float | None = None,
    ) -> Answer:
        """Send any request, honestly signed unless a wrong secret, time or signature is given."""
        if isinstance(body, dict):
            encoded, default = encode(kind, body)
        else:
            encoded, default = body, FORM if kind != "event" else "application/json"  # type: ignore[assignment]
        attempt = await self.courier.post(
            url or address(self.app_url, None),
            encoded,
            content_type or default,
            secret=secret,
            timestamp=timestamp,
            signature=signature,
            headers=headers,
            patience=patience,
        )
        return Answer(attempt.status, attempt.body, error=failure(attempt))

    def put_file(self, name: str, content: bytes) -> File:
        """A file that is already in the workspace."""
        file_id = self.workspace.next_id("F")
        file = File(file_id, name, len(content), name, content=content, completed=True)
        self.workspace.files[file_id] = file
        return file


async def serve(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 3939) -> None:
    """Run a sandbox until cancelled."""
    await sandbox.start(port, host)
    try:
        await asyncio.Event().wait()
    finally:
        await sandbox.stop()
