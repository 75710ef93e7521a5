"""What a refusal of Slack's means for a message: try again, never, or nobody knows whether it arrived."""

from typing import Literal

Verdict = Literal["again", "never", "unknown"]

#: Slack says of these that part of the work may have been done.
_UNKNOWN = {"internal_error", "fatal_error", "request_timeout"}
_AGAIN = {"ratelimited", "rate_limited", "message_limit_exceeded", "service_unavailable", "team_added_to_org"}

#: The whole workspace is closed to us, so the next message would be refused too.
WORKSPACE_CLOSED = {
    "account_inactive",
    "invalid_auth",
    "missing_scope",
    "not_authed",
    "org_login_required",
    "team_access_not_granted",
    "token_expired",
    "token_revoked",
    "access_denied",
    "two_factor_setup_required",
}

#: The channel, or the thread, will not take it: people are told in private instead.
CHANNEL_CLOSED = {
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "is_inactive",
    "restricted_action",
    "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
    "restricted_action_thread_only_channel",
    "no_permission",
    "ekm_access_denied",
    "messages_tab_disabled",
    "thread_not_found",
    "cannot_reply_to_message",
}

#: Nobody reads it there: the channel is closed, or by a fault of ours the message is none that Slack takes.
UNREACHED = CHANNEL_CLOSED | {
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
}

#: Kinds of what is posted about kudos: one by one, or several that came within minutes.
ANNOUNCEMENT, GATHERED = "announcement", "gathered"

UNRESOLVED_MINUTES = 5  # a claim this old without an outcome will not get one


def verdict(status: int, error: str | None) -> Verdict:
    """Read a refusal. Only 429 and 503 say that nothing was done: behind any other 5xx, Slack may have taken it."""
    if error not in _UNKNOWN and (status in {429, 503} or error in _AGAIN):
        return "again"
    if error is None or error in _UNKNOWN:
        return "unknown"
    return "never"
