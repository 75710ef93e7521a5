"""How the installation is: what `doctor` reads out and `/metrics` counts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from slackapp.domain.deliveries import WORKSPACE_CLOSED
from slackapp.domain.scopes import OPTIONAL, REQUIRED

LONGEST_WAIT = 300.0  # seconds a job may wait in the queue before it is worth a word
MOST_SKEW = 5.0  # seconds between clocks; Slack refuses signatures after 300


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs of one queue in one state."""

    queue: str
    status: str
    jobs: int


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A message that was claimed, and nobody knows whether it arrived. It is not sent again."""

    workspace_id: str
    recipient: str
    kind: str
    period: str
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """Messages of one kind that ended in one way, in the last seven days."""

    kind: str
    outcome: str
    messages: int


@dataclass(frozen=True, slots=True)
class Health:
    workspaces: int
    queue: tuple[Waiting, ...]
    longest_wait: float  # seconds since the oldest job that could run became due
    stalled: int  # jobs whose worker is gone
    told: tuple[Told, ...]
    unresolved: tuple[Unresolved, ...]
    skew: float  # seconds the database's clock is ahead of ours


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    says: str


def checks(found: Health) -> list[Check]:
    """One line each; a line that is not ok says what to do."""
    waiting = sum(line.jobs for line in found.queue if line.status == "todo")
    failed = sum(line.jobs for line in found.queue if line.status == "failed")
    # A closed channel or a person who left is everyday; a closed workspace is not.
    refused = [line for line in found.told if line.outcome in WORKSPACE_CLOSED]
    return [
        Check(
            "workspaces",
            True,
            f"{_count(found.workspaces, 'workspace')} with Mutual."
            if found.workspaces
            else "None with Mutual yet. `slackapp serve` joins the one of SLACK_BOT_TOKEN; others begin at /slack/install.",
        ),
        Check(
            "queue",
            found.longest_wait < LONGEST_WAIT,
            f"{_count(waiting, 'job')} waiting, the oldest for {found.longest_wait:.0f} s."
            + ("" if found.longest_wait < LONGEST_WAIT else " Is a worker running? `slackapp worker`"),
        ),
        Check(
            "failed jobs",
            not failed,
            "None." if not failed else f"{_count(failed, 'job')} gave up; the log says why.",
        ),
        Check(
            "stalled jobs",
            not found.stalled,
            "None."
            if not found.stalled
            else f"{_count(found.stalled, 'job')} whose worker is gone. A running clock gives them to another within a minute.",
        ),
        Check("messages", not refused, _outcomes(found.told)),
        Check("unresolved messages", not found.unresolved, _unresolved(found.unresolved)),
        Check(
            "database clock",
            abs(found.skew) < MOST_SKEW,
            f"{abs(found.skew):.1f} s {'ahead' if found.skew > 0 else 'behind'}."
            + (
                ""
                if abs(found.skew) < MOST_SKEW
                else " Set both clocks by NTP: digests and signatures depend on them."
            ),
        ),
    ]


def scopes_check(workspace_id: str, granted: Collection[str]) -> Check:
    """Against what the manifest asks for. An admin may leave the optional ones out."""
    missing = [scope for scope in REQUIRED if scope not in granted]
    without = [scope for scope in OPTIONAL if scope not in granted]
    says = "As in the manifest."
    if missing:
        says = f"Missing {', '.join(missing)}: install the app again to grant them."
    elif without:
        says = f"As in the manifest, without the optional {', '.join(without)}."
    return Check(f"scopes of {workspace_id}", not missing, says)


def slack_clock_check(seconds_ahead: float) -> Check:
    ok = abs(seconds_ahead) < 60
    return Check(
        "Slack's clock",
        ok,
        f"Ours is {abs(seconds_ahead):.0f} s {'ahead' if seconds_ahead > 0 else 'behind'}."
        + ("" if ok else " Beyond 5 minutes every request looks forged: set this clock by NTP."),
    )


def _outcomes(told: Sequence[Told]) -> str:
    if not told:
        return "None in the last seven days."
    return "; ".join(f"{line.kind} {line.outcome}: {line.messages}" for line in told) + "."


def _unresolved(found: Sequence[Unresolved]) -> str:
    if not found:
        return "None."
    lines = [
        f"  {line.claimed_at:%Y-%m-%d %H:%M} UTC  {line.workspace_id}  {line.kind} {line.period} to {line.recipient}"
        for line in found[:50]
    ]
    more = len(found) - len(lines)
    return "\n".join(
        [
            f"{_count(len(found), 'message')} may or may not have arrived, and will not be sent again:",
            *lines,
            *([f"  and {more} more"] if more else []),
        ]
    )


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
