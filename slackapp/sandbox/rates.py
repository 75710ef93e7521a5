"""Slack's rate limits: so many calls of one method in one workspace in any minute, on the sandbox's clock."""

import math
from collections import deque

from .clock import Clock

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}

TIERS: dict[str, int] = {
    "chat.update": 3,
    "chat.delete": 3,
    "chat.postEphemeral": 4,
    "views.publish": 4,
    "views.open": 4,
    "views.push": 4,
    "views.update": 4,
    "users.list": 2,
    "users.info": 4,
    "users.lookupByEmail": 3,
    "conversations.members": 4,
    "conversations.info": 3,
    "conversations.open": 3,
    "conversations.join": 3,
    "conversations.list": 2,
    "conversations.history": 3,
    "conversations.replies": 3,
    "usergroups.list": 2,
    "usergroups.users.list": 2,
    "files.getUploadURLExternal": 4,
    "files.completeUploadExternal": 4,
    "files.delete": 3,
    "files.info": 4,
    "reactions.get": 3,
    "reactions.add": 3,
    "reactions.remove": 2,
    "functions.completeSuccess": 3,
    "functions.completeError": 3,
    "team.info": 3,
    "bots.info": 3,
}
POSTS_PER_MINUTE = 300  # "several hundred messages per minute" in one workspace
POST_BURST = 3  # "short bursts" above one message a second in one channel
SPECIAL_PER_MINUTE = 300  # auth.test: "hundreds of requests per minute"


class Rates:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._calls: dict[str, deque[float]] = {}
        self._channels: dict[str, tuple[float, float]] = {}  # tokens left, and since when

    def retry_after(self, method: str, channel: str | None = None) -> int | None:
        """Count one call; when it is one too many, say how many seconds to wait and count nothing."""
        now = self.clock.now()
        posting = method == "chat.postMessage"
        allowed = POSTS_PER_MINUTE if posting else PER_MINUTE.get(TIERS.get(method, 0), SPECIAL_PER_MINUTE)
        calls = self._calls.setdefault(method, deque())
        while calls and calls[0] <= now - 60:
            calls.popleft()
        if len(calls) >= allowed:
            return max(1, math.ceil(calls[0] + 60 - now))
        if posting and channel:
            tokens, since = self._channels.get(channel, (float(POST_BURST), now))
            tokens = min(float(POST_BURST), tokens + (now - since))
            if tokens < 1:
                return max(1, math.ceil(1 - tokens))
            self._channels[channel] = (tokens - 1, now)
        calls.append(now)
        return None
