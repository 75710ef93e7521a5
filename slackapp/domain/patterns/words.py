"""Plain words for numbers, days and people, shared by the sentences of all patterns."""

from datetime import date

NOT_ENOUGH = "Not enough to say yet."


def things(count: float) -> str:
    return "1 thing" if count == 1 else f"{count:.0f} things" if count else "nothing"


def times(count: float) -> str:
    return {0: "not once", 1: "once", 2: "twice"}.get(int(count), f"{count:.0f} times")


def people(count: float) -> str:
    return "1 person" if count == 1 else f"{count:.0f} people"


def weeks(count: float) -> str:
    return "1 week" if count == 1 else f"{count:.0f} weeks"


def day(when: date) -> str:
    return f"{when.day} {when:%B %Y}"


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def once_in(p: float) -> str:
    """A chance as people say it, to two figures: once in 480."""
    if p < 1e-6:
        return "less than once in a million"
    times = 1 / p
    step = 10 ** max(len(str(int(times))) - 2, 0)
    return f"once in {round(times / step) * step:,}"


def listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
