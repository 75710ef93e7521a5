"""Plain words for numbers, days and people, shared by the sentences of all patterns."""

from datetime import date

NOT_ENOUGH = "Not enough to say yet."


def things(count: float) -> str:
    return "1 thing" if count == 1 else f"{count:.0f} things" if count else "nothing"


def some(count: float) -> str:
    return f"{count:.0f}" if count else "none"


def rests(who: str) -> str:
    """What is said when a note ends without things having turned out even."""
    return f"There is little to say about {who} now, so this note rests."


def gestures(count: float) -> str:
    if count == 1:
        return "there was 1 gesture"
    return f"there were {count:.0f} gestures" if count else "there were no gestures"


def times(count: float) -> str:
    return {0: "not once", 1: "once", 2: "twice"}.get(int(count), f"{count:.0f} times")


def people(count: float) -> str:
    return "1 person" if count == 1 else f"{count:.0f} people"


def weeks(count: float) -> str:
    return "1 week" if count == 1 else f"{count:.0f} weeks"


def day(when: date) -> str:
    return f"{when.day} {when:%B %Y}"


def percent(share: float) -> str:
    return f"{share:.0%}"


def once_in(p: float) -> str:
    """A chance as people say it, to two figures: about once in 480."""
    if p < 1e-6:
        return "less than once in a million"
    times = 1 / p
    step = 10 ** max(len(str(int(times))) - 2, 0)
    return f"about once in {round(times / step) * step:,}"


def listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
