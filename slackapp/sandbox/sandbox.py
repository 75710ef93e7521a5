"""The sandbox: a local Slack with people who act, an administrator who changes things, and a server in front."""

import asyncio
import random
from collections.abc import Iterable
from typing import Any

from .delivery import FORM, Delivery, address, encode
from .elements import Json
from .errors import SlackError
from .people import Answer, People, failure
from .server import Server
from .workspace import Channel, Execution, File, User, identifier


class Sandbox(People):
    _server: Server | None = None

    # -- its own life

    async def start(self, port: int = 0, host: str = "127.0.0.1", *, beside: "Sandbox | None" = None) -> None:
        """Listen; or, beside another sandbox, be one more workspace at its address, told apart by tokens."""
        await self.courier.start()
        if beside:
            assert beside._server
            self.workspace.url = beside._server.share(self)
            return
        self._server = Server(self)
        self.workspace.url = await self._server.start(host, port)

    async def stop(self) -> None:
        await self.courier.stop()
        await self.sockets.stop()
        if self._server:
            await self._server.stop()

    async def settle(self) -> None:
        """Wait until everything on its way, or due by the clock, has arrived or failed."""
        await self.courier.settle()

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
        encoded: str | bytes
        if isinstance(body, dict):
            encoded, usual = encode(kind, body)
        else:
            encoded, usual = body, FORM if kind != "event" else "application/json"
        attempt = await self.courier.post(
            url or address(self.app_url, None),
            encoded,
            content_type or usual,
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
        file = File(file_id, name, len(content), name, content=content, by_app=False, completed=True)
        self.workspace.files[file_id] = file
        return file


async def serve(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 3939) -> None:
    """Run a sandbox until cancelled."""
    await sandbox.start(port, host)
    try:
        await asyncio.Event().wait()
    finally:
        await sandbox.stop()
