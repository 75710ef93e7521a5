"""What a refusal means for a message: sending it twice is the worse fault."""

import pytest

from slackapp.domain.deliveries import verdict


@pytest.mark.parametrize(
    ("status", "error", "meant"),
    [
        (429, "ratelimited", "again"),
        (429, None, "again"),
        (503, None, "again"),
        (200, "service_unavailable", "again"),
        (500, None, "unknown"),
        (502, None, "unknown"),
        (504, None, "unknown"),
        (500, "internal_error", "unknown"),
        (503, "internal_error", "unknown"),
        (200, "fatal_error", "unknown"),
        (200, "channel_not_found", "never"),
    ],
)
def test_only_what_was_certainly_not_done_is_done_again(status: int, error: str | None, meant: str) -> None:
    assert verdict(status, error) == meant
