"""What went otherwise than planned, and is nobody's failure: Slack need not send it again."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import BoltResponse
from slack_sdk.errors import SlackApiError

from slackapp.listeners.directory import NotMet

#: How Slack says that three seconds went by before a window could be opened.
_LATE = {
    "expired_trigger_id",
    "invalid_trigger_id",
    "exchanged_trigger_id",
    "trigger_expired",
    "trigger_exchanged",
}
#: How it says that the person has closed the window, or gone on in it.
_GONE_ON = {"not_found", "hash_conflict"}
TOO_LATE = "That took me too long, and Slack opens no window so late. Please try again."


def no_failure(error: Exception, body: Mapping[str, Any]) -> tuple[BoltResponse, str | None] | None:
    """The answer to what would go no better a second time, and what its person should hear; None: it might."""
    if isinstance(error, NotMet):
        return _said(str(error), body)
    if isinstance(error, SlackApiError) and "/views." in getattr(error.response, "api_url", ""):
        if error.response["error"] in _LATE:
            return _said(TOO_LATE, body)
        if error.response["error"] in _GONE_ON:
            return BoltResponse(status=200, body=""), None
    return None


def _said(sentence: str, body: Mapping[str, Any]) -> tuple[BoltResponse, str | None]:
    """A command is answered with it. Whatever else has a place for an answer gets it there."""
    if "command" in body:
        said = {"response_type": "ephemeral", "text": sentence}
        return BoltResponse(status=200, body=said), None
    return BoltResponse(status=200, body=""), sentence if body.get("response_url") else None
