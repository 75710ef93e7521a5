"""What went otherwise than planned, and is nobody's failure: Slack need not send it again."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import BoltResponse
from slack_sdk.errors import SlackApiError

from slackapp.listeners.directory import NotMet

#: How Slack says that the person has moved on: three seconds went by, or the window was closed or has changed.
_OVER = {
    "expired_trigger_id",
    "invalid_trigger_id",
    "exchanged_trigger_id",
    "trigger_expired",
    "trigger_exchanged",
    "not_found",
    "hash_conflict",
}


def no_failure(error: Exception, body: Mapping[str, Any]) -> BoltResponse | None:
    """The answer to what would go no better a second time; None: it might."""
    if isinstance(error, NotMet):
        said = {"response_type": "ephemeral", "text": str(error)} if "command" in body else ""
        return BoltResponse(status=200, body=said)
    if (
        isinstance(error, SlackApiError)
        and "/views." in getattr(error.response, "api_url", "")
        and error.response["error"] in _OVER
    ):
        return BoltResponse(status=200, body="")
    return None
