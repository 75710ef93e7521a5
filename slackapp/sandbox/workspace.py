"""The state of one Slack workspace: people, channels, messages, views and what was handed out for them.

Nothing here talks to the network. Whoever wants to know of changes adds a function to `watchers`.
"""

import base64
import copy
import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from .clock import Clock
from .elements import Json, elements
from .errors import SlackError

COLORS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "684b6c", "5b89d5", "2b6836")


def identifier(prefix: str, seed: str) -> str:
    """An id that looks like Slack's and is the same for the same seed in every run."""
    digest = hashlib.sha256(f"{prefix}/{seed}".encode()).digest()
    return prefix + "0" + base64.b32encode(digest).decode()[:9]


@dataclass
class User:
    id: str
    name: str  # the handle, unique; what people type after @
    real_name: str
    team_id: str
    title: str = ""
    tz: str = "Europe/Berlin"
    is_bot: bool = False
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    bot_id: str | None = None
    app_id: str | None = None
    display_name: str = ""
    email: str | None = None
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: int = 0
    updated: int = 0
    is_app_user: bool = False

    @property
    def color(self) -> str:
        return COLORS[sum(self.id.encode()) % len(COLORS)]


@dataclass
class Channel:
    id: str
    name: str
    created: int
    creator: str
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_im: bool = False
    user: str | None = None  # a DM's human side
    is_general: bool = False
    is_shared: bool = False
    is_archived: bool = False
    topic: str = ""
    purpose: str = ""
    messages: dict[str, Json] = field(default_factory=dict)
    last_read: dict[str, str] = field(default_factory=dict)


@dataclass
class UserGroup:
    id: str
    handle: str
    name: str
    users: list[str]
    created: int
    updated: int
    deleted: bool = False


@dataclass
class File:
    id: str
    name: str
    length: int
    title: str
    alt_text: str = ""
    content: bytes | None = None
    by_app: bool = True
    completed: bool = False
    usable_at: float = (
        0.0  # on the clock's steady seconds: Slack looks at a file before it shows it in a block
    )
    channels: list[str] = field(default_factory=list)
    created: int = 0


@dataclass
class View:
    id: str
    user: str
    type: str  # modal or home
    content: Json  # as the app gave it, with block ids filled in
    hash: str
    root_id: str
    previous_id: str | None = None
    entered: Json = field(default_factory=dict)  # what the person has chosen and typed so far


@dataclass
class Trigger:
    id: str
    user: str
    issued: float  # steady seconds
    view_id: str | None = None  # the modal in which it was issued
    used: bool = False
    of_submission: bool = False


@dataclass
class ResponseUrl:
    key: str
    user: str
    channel: str
    issued: float
    original_ts: str | None = None
    is_ephemeral: bool = True
    thread_ts: str | None = None
    uses: int = 0


@dataclass
class Execution:
    """One run of a workflow step, from function_executed to completeSuccess or completeError."""

    id: str
    callback_id: str
    user: str
    inputs: Json
    token: str
    outcome: str | None = None  # success or error
    outputs: Json = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True)
class Change:
    """Something a person looking at Slack would see change; `users` None means everyone in the channel."""

    type: str
    channel: str | None = None
    users: frozenset[str] | None = None
    data: Json = field(default_factory=dict)


class Workspace:
    def __init__(self, *, clock: Clock, name: str, domain: str) -> None:
        self.clock = clock
        self.name = name
        self.domain = domain
        self.url = ""
        self.team_id = identifier("T", domain)
        self.users: dict[str, User] = {}
        self._handles: dict[str, str] = {}
        self.channels: dict[str, Channel] = {}
        self.usergroups: dict[str, UserGroup] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}  # modals open per person, the last on top
        self.homes: dict[str, str] = {}
        self.ephemerals: dict[str, list[Json]] = {}  # per person; each carries its channel
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.executions: dict[str, Execution] = {}
        self.watchers: list[Callable[[Change], None]] = []
        self._last_ts = 0
        self._count = 0

    # -- identifiers and time

    def next_id(self, prefix: str) -> str:
        self._count += 1
        return identifier(prefix, f"{self.domain}/{self._count}")

    def next_ts(self, moment: float | None = None) -> str:
        micros = int((self.clock.now() if moment is None else moment) * 1_000_000)
        if moment is None:
            micros = self._last_ts = max(micros, self._last_ts + 1)
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def seconds(self) -> int:
        return int(self.clock.now())

    def tell(
        self, type_: str, *, channel: str | None = None, users: Iterable[str] | None = None, **data: Any
    ) -> None:
        change = Change(type_, channel, None if users is None else frozenset(users), data)
        for watcher in self.watchers:
            watcher(change)

    # -- people

    def add_user(self, name: str, **about: Any) -> User:
        user_id = about.pop("user_id", None) or identifier("U", f"{self.domain}/{name}")
        if user_id in self.users or name in self._handles:
            raise ValueError(f"There already is a {name}.")
        real_name = about.pop("real_name", None) or name[:1].upper() + name[1:]
        team_id = about.pop("team_id", None) or self.team_id
        user = User(user_id, name, real_name, team_id, updated=self.seconds(), **about)
        user.display_name = user.display_name or real_name.split(" ")[0]
        if user.is_bot and not user.bot_id:
            user.bot_id = identifier("B", f"{self.domain}/{name}")
        self.users[user_id] = user
        self._handles[name] = user_id
        return user

    def user(self, ref: str) -> User:
        """Find a person by id or handle."""
        found = self.users.get(ref) or next(
            (u for u in self.users.values() if u.name == ref.lstrip("@")), None
        )
        if not found:
            raise SlackError("user_not_found")
        return found

    def user_json(self, user: User) -> Json:
        first, _, last = user.real_name.partition(" ")
        body: Json = {
            "id": user.id,
            "team_id": user.team_id,
            "name": user.name,
            "deleted": user.deleted,
            "updated": user.updated,
            "is_bot": user.is_bot,
            "is_app_user": user.is_app_user,
            "profile": {
                "title": user.title,
                "phone": "",
                "skype": "",
                "real_name": user.real_name,
                "real_name_normalized": user.real_name,
                "display_name": user.display_name,
                "display_name_normalized": user.display_name,
                "fields": None,
                "status_text": user.status_text,
                "status_emoji": user.status_emoji,
                "status_expiration": user.status_expiration,
                "avatar_hash": hashlib.sha256(user.id.encode()).hexdigest()[:12],
                "first_name": first,
                "last_name": last,
                "team": user.team_id,
            },
        }
        if user.email:
            body["profile"]["email"] = user.email
        if user.is_bot:
            body["profile"] |= {"api_app_id": user.app_id or "", "bot_id": user.bot_id, "always_active": True}
        if user.deleted:
            return body  # Slack leaves out zone and roles of the deactivated
        here = datetime.fromtimestamp(self.clock.now(), ZoneInfo(user.tz))
        stranger = user.team_id != self.team_id
        body |= {
            "color": user.color,
            "real_name": user.real_name,
            "tz": user.tz,
            "tz_label": here.tzname(),
            "tz_offset": int(offset.total_seconds()) if (offset := here.utcoffset()) else 0,
            "is_admin": user.is_admin,
            "is_owner": user.is_owner,
            "is_primary_owner": False,
            "is_restricted": user.is_restricted,
            "is_ultra_restricted": user.is_ultra_restricted,
            "is_email_confirmed": True,
            "who_can_share_contact_card": "EVERYONE",
        }
        if stranger:
            body["is_stranger"] = True
        return body

    # -- channels

    def add_channel(self, name: str, members: Iterable[str], **about: Any) -> Channel:
        channel_id = about.pop("channel_id", None) or identifier("C", f"{self.domain}/{name}")
        if channel_id in self.channels:
            raise ValueError(f"There already is a #{name}.")
        people = list(dict.fromkeys(members))
        creator = people[0] if people else "USLACKBOT"
        channel = Channel(channel_id, name, self.seconds(), creator, people, **about)
        self.channels[channel_id] = channel
        return channel

    def channel(self, ref: str) -> Channel:
        """Find a channel by id or name."""
        found = self.channels.get(ref)
        if not found:
            name = ref.lstrip("#")
            found = next((c for c in self.channels.values() if c.name == name and not c.is_im), None)
        if not found:
            raise SlackError("channel_not_found")
        return found

    def dm(self, user_id: str, bot_user_id: str) -> Channel:
        channel_id = identifier("D", f"{user_id}/{bot_user_id}")
        if channel_id not in self.channels:
            self.channels[channel_id] = Channel(
                channel_id, "", self.seconds(), bot_user_id, [user_id, bot_user_id], is_im=True, user=user_id
            )
        return self.channels[channel_id]

    def channel_json(self, channel: Channel, *, viewer: str) -> Json:
        if channel.is_im:
            return {
                "id": channel.id,
                "created": channel.created,
                "is_archived": channel.is_archived,
                "is_im": True,
                "is_org_shared": False,
                "user": channel.user,
                "context_team_id": self.team_id,
                "updated": channel.created * 1000,
                "priority": 0,
                "is_user_deleted": bool(channel.user and self.users[channel.user].deleted),
            }
        return {
            "id": channel.id,
            "name": channel.name,
            "name_normalized": channel.name,
            "is_channel": not channel.is_private,
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": channel.is_private,
            "created": channel.created,
            "creator": channel.creator,
            "is_archived": channel.is_archived,
            "is_general": channel.is_general,
            "unlinked": 0,
            "is_shared": channel.is_shared,
            "is_ext_shared": channel.is_shared,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "pending_shared": [],
            "pending_connected_team_ids": [],
            "shared_team_ids": sorted({self.users[m].team_id for m in channel.members} | {self.team_id}),
            "context_team_id": self.team_id,
            "updated": channel.created * 1000,
            "is_member": viewer in channel.members,
            "topic": {"value": channel.topic, "creator": "", "last_set": 0},
            "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
            "previous_names": [],
            "num_members": len(channel.members),
        }

    # -- messages

    def post(self, channel: Channel, message: Json, *, moment: float | None = None) -> Json:
        """Store a message and give it its ts. Replies are counted at their parent."""
        ts = self.next_ts(moment)
        while ts in channel.messages:
            moment = float(ts) + 0.000002
            ts = self.next_ts(moment)
        stored: Json = {"type": "message", **message, "ts": ts}
        thread_ts = stored.get("thread_ts")
        parent = channel.messages.get(thread_ts) if thread_ts else None
        if parent is not None and thread_ts:
            stored["parent_user_id"] = parent.get("user")
            parent["thread_ts"] = thread_ts
            parent["reply_count"] = parent.get("reply_count", 0) + 1
            repliers = parent.setdefault("reply_users", [])
            if stored.get("user") not in repliers:
                repliers.append(stored.get("user"))
            parent["reply_users_count"] = len(repliers)
            parent["latest_reply"] = ts
        channel.messages[ts] = stored
        if moment is None:
            channel.last_read[stored.get("user", "")] = ts
        self.tell("message", channel=channel.id, message=stored)
        if parent is not None:
            self.tell("message_changed", channel=channel.id, message=parent)
        return stored

    def remove(self, channel: Channel, ts: str) -> Json:
        gone = channel.messages.pop(ts)
        parent = channel.messages.get(gone.get("thread_ts", ""))
        if parent is not None and parent is not gone:
            parent["reply_count"] = max(0, parent.get("reply_count", 0) - 1)
            self.tell("message_changed", channel=channel.id, message=parent)
        self.tell("message_deleted", channel=channel.id, ts=ts)
        return gone

    def history(self, channel: Channel, thread_ts: str | None = None) -> list[Json]:
        """Oldest first. Without a thread: what the channel shows, so replies only when also sent to it."""
        ordered = sorted(channel.messages.values(), key=lambda message: str(message["ts"]))
        if thread_ts:
            return [m for m in ordered if thread_ts in (m["ts"], m.get("thread_ts"))]
        return [
            m
            for m in ordered
            if m.get("thread_ts") in (None, m["ts"]) or m.get("subtype") == "thread_broadcast"
        ]

    def add_ephemeral(self, user: str, channel: str, message: Json) -> Json:
        stored: Json = {
            "type": "message",
            **message,
            "ts": self.next_ts(),
            "channel": channel,
            "is_ephemeral": True,
        }
        self.ephemerals.setdefault(user, []).append(stored)
        self.tell("message", channel=channel, users=[user], message=stored)
        return stored

    def ephemeral(self, user: str, ts: str) -> Json | None:
        return next((m for m in self.ephemerals.get(user, []) if m["ts"] == ts), None)

    def drop_ephemeral(self, user: str, ts: str) -> None:
        gone = self.ephemeral(user, ts)
        if gone:
            self.ephemerals[user].remove(gone)
            self.tell("message_deleted", channel=gone["channel"], users=[user], ts=ts)

    # -- what interactions hand out

    def issue_trigger(self, user: str, view_id: str | None = None, *, of_submission: bool = False) -> str:
        # Slack's ids have this shape too: 13345224609.738474920.8088930838d88f008e0
        trigger_id = f"{self.seconds()}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(
            trigger_id, user, self.clock.steady(), view_id, of_submission=of_submission
        )
        return trigger_id

    def use_trigger(self, trigger_id: str) -> Trigger:
        trigger = self.triggers.get(trigger_id)
        if not trigger:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.clock.steady() - trigger.issued > 3:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def issue_response_url(self, user: str, channel: str, **about: Any) -> str:
        key = f"{self.team_id}/{secrets.randbelow(10**13)}/{secrets.token_urlsafe(18)}"
        self.response_urls[key] = ResponseUrl(key, user, channel, self.clock.now(), **about)
        return f"{self.url}/response/{key}"

    # -- views

    def new_hash(self) -> str:
        return f"{self.seconds()}.{secrets.token_hex(4)}"

    def open_views(self, user: str) -> list[View]:
        return [self.views[view_id] for view_id in self.stacks.get(user, [])]

    def put_view(self, user: str, type_: str, content: Json, *, on: View | None = None) -> View:
        view_id = self.next_id("V")
        view = View(
            view_id,
            user,
            type_,
            content,
            self.new_hash(),
            root_id=on.root_id if on else view_id,
            previous_id=on.id if on else None,
        )
        self.views[view_id] = view
        return view

    def replace_view(self, view: View, content: Json) -> None:
        view.content = content
        view.hash = self.new_hash()
        # Slack keeps what was typed into an input whose block and action keep their ids.
        kept = {(block["block_id"], element["action_id"]) for block, element in elements(content["blocks"])}
        view.entered = {
            block_id: {name: value for name, value in held.items() if (block_id, name) in kept}
            for block_id, held in view.entered.items()
        }

    def drop_view(self, view_id: str) -> None:
        view = self.views.pop(view_id, None)
        if view and view_id in self.stacks.get(view.user, []):
            self.stacks[view.user].remove(view_id)

    def copy(self, value: Json) -> Json:
        return copy.deepcopy(value)
