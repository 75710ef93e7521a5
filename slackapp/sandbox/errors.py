"""How the sandbox says no: in Slack's own error codes, or as a failure that a person in Slack would see."""

from typing import Any


class SlackError(Exception):
    """A refusal of the Web API: `code` goes into {"ok": false, "error": code}, `more` beside it."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code if not more else f"{code} {more}")
        self.code = code
        self.more = more


class AppFailed(Exception):  # noqa: N818  # it is the app that failed, the sandbox is fine
    """The app did not answer a person in time, answered with an error, or answered nonsense."""

    def __init__(self, error: str, said: str = "") -> None:
        super().__init__(f"{error}: {said}" if said else error)
        self.error = error  # operation_timeout, dispatch_failed or invalid_response
        self.said = said
