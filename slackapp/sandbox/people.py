"""What people do in Slack: write, react, type commands, press buttons, fill in modals, open Home.

Each act waits for the app's answer, as the person would.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from . import elements, mentions
from .delivery import Attempt
from .elements import Json
from .errors import AppFailed, SlackError
from .methods import add_reaction, reaction_event, remove_reaction
from .scopes import kind_of
from .workspace import Channel, User, View
from .world import World

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


class People(World):
    # -- writing and reacting

    def _person(self, ref: str) -> User:
        """Someone who can still do something in Slack."""
        person = self.workspace.user(ref)
        if person.deleted:
            raise SlackError("account_inactive")
        return person

    def _present(self, user: str, channel: str) -> tuple[User, Channel]:
        person, place = self._person(user), self.workspace.channel(channel)
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
        person = self._person(user)
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
        person = self._person(user)
        ref = where if isinstance(where, str) else str(where.get("id") or where["ts"])
        blocks = self._blocks_at(person, ref, where)
        alike = [
            (block, element)
            for block, element in elements.elements(blocks)
            if element.get("action_id") == action_id
        ]
        # Where the view was published again meanwhile, a block without an id of the app's has a new one.
        found = [pair for pair in alike if pair[0].get("block_id") == block_id] or alike
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

    def _at(self, person: User, ref: str) -> tuple[Channel, Json]:
        found = self._find_message(person, ref)
        if not found:
            raise LookupError(f"{person.name} sees no message or view {ref}.")
        return found

    def _find_view(self, person: User, ref: str) -> View | None:
        view = self.workspace.views.get(ref)
        return view if view and view.user == person.id else None

    def _blocks_at(self, person: User, ref: str, where: Json | str) -> list[Json]:
        view = self._find_view(person, ref)
        if view:
            return list(view.content["blocks"])
        found = self._at(person, ref)
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
        person = self._person(user)
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
        place, message = self._at(person, ref)
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

    async def suggest(self, user: str, where: Json | str, action_id: str, typed: str) -> list[Json]:
        """Type into a menu whose options the app looks up, and see what it offers."""
        person = self._person(user)
        ref = where if isinstance(where, str) else str(where.get("id") or where["ts"])
        found = elements.elements(self._blocks_at(person, ref, where))
        block, element = next((b, e) for b, e in found if e.get("action_id") == action_id)
        if not element["type"].endswith("external_select"):
            raise LookupError(f"{action_id} has its own options.")
        payload: Json = {
            "type": "block_suggestion",
            **self._who(person),
            "api_app_id": self.app.app_id,
            "token": self.app.verification_token,
            "action_id": action_id,
            "block_id": block["block_id"],
            "value": typed,
        }
        view = self._find_view(person, ref)
        if view:
            payload |= {"container": {"type": "view", "view_id": view.id}, "view": self.api.view_json(view)}
        else:
            place, message = self._at(person, ref)
            payload |= {
                "container": {"type": "message", "message_ts": message["ts"], "channel_id": place.id},
                "channel": self._channel_ref(place),
                "message": self.workspace.copy(message),
            }
        answer = await self._interact(person, payload)
        try:
            said = json.loads(answer.body) if answer.ok else {}
        except ValueError:
            raise AppFailed("invalid_response", answer.body) from None
        offered = elements.options_of(said)
        if len(offered) > 100:
            raise AppFailed("invalid_response", f"{len(offered)} options")
        return offered

    # -- modals

    async def submit(self, user: str, view_id: str, values: Json | None = None) -> dict[str, str]:
        """Press a modal's submit button. What Slack or the app found wrong comes back by block; {} is success."""
        person = self._person(user)
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
            "trigger_id": self.workspace.issue_trigger(person.id, view.id, of_submission=True),
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
        person = self._person(user)
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
        person = self._person(user)
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
