"""A gesture is one directed act, giver to receiver. To add a kind, append one line to GESTURE_KINDS."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GestureKind:
    name: str  # stored with every gesture, so it never changes
    given: str  # how Home names it for the one who gave: "Kudos given"
    received: str


GESTURE_KINDS = (
    GestureKind("kudos", given="Kudos given", received="Kudos received"),
    GestureKind("thanks", given="Thanks said", received="Thanks received"),
    GestureKind("offer", given="Help offered", received="Help offered to me"),
    GestureKind("help", given="Help given", received="Help received"),
    GestureKind("check_in", given="Check-ins made", received="Check-ins received"),
)
KIND_NAMES = frozenset(kind.name for kind in GESTURE_KINDS)
