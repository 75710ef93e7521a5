"""Give and take: what one-sided pair, over-giver and mostly-receiving have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from slackapp.domain.patterns import words
from slackapp.domain.patterns.chance import Bools, Floats, Ints, Tests, fair_tail, share_interval
from slackapp.domain.patterns.evidence import LONG, RECENT, SHORT, windowed
from slackapp.domain.patterns.findings import Figures, Finding

RARE, ADJUSTED = 0.005, 0.04  # chances below which a split is not chance: by itself, and among all tested
REACH = 11  # gesture-days from which a split can be that rare at all: 0.6 ** 11 < RARE
EVEN = 0.62  # share of the last 8 weeks below which things look even again
LITTLE = 3  # gesture-days in 8 weeks that say something about now
FADED = 4  # gesture-days in 26 weeks below which there is nothing left to say


@dataclass(frozen=True, slots=True)
class Balance:
    """What each subject gave and took over a window [week, subject]."""

    gave: Ints
    took: Ints

    @classmethod
    def over(cls, gave: Ints, took: Ints, window: int) -> "Balance":
        return cls(windowed(gave, window), windowed(took, window))

    @property
    def acts(self) -> Ints:
        return self.gave + self.took

    def leans(self, share: float) -> Bools:
        return self.gave >= share * self.acts

    def tests(self, family: Bools) -> Tests:
        """How often chance splits as unevenly as this at 3:2."""

        def chance(week: Ints, subject: Ints) -> Floats:
            gave = self.gave[week, subject]
            return fair_tail(gave, gave + self.took[week, subject])

        return Tests(family, chance)

    def of(self, columns: Ints) -> "Balance":
        return Balance(self.gave[:, columns], self.took[:, columns])

    def turned(self, where: Bools) -> "Balance":
        """The same seen from the other side, where that is asked for."""
        return Balance(np.where(where, self.took, self.gave), np.where(where, self.gave, self.took))


def lately(recent: Balance, share: float) -> Bools:
    """Whether the last 8 weeks lean too, or are too quiet to tell."""
    return recent.leans(share) | (recent.acts < LITTLE)


def even_again(recent: Balance) -> Bools:
    return (recent.acts >= LITTLE) & ~recent.leans(EVEN)


def figures_of(
    windows: Mapping[int, Balance],
    adjusted_p: Callable[[int], float],
    cell: tuple[int, int],
    leaves: bool,
) -> Figures:
    """The window that speaks plainest: the last 12 weeks where they suffice; the last 8 to say goodbye.

    `adjusted_p` is asked for the window of a test, never for RECENT.
    """

    def counts(window: int) -> tuple[int, int]:
        return int(windows[window].gave[cell]), int(windows[window].took[cell])

    def chance(window: int) -> float:
        gave, took = counts(window)
        return float(fair_tail(gave, gave + took))

    window = RECENT if leaves else LONG if chance(LONG) <= RARE < chance(SHORT) else SHORT
    gave, took = counts(window)
    low, high = share_interval(gave, took)
    return Figures(
        window=window,
        counts={"given": gave, "received": took},
        share=gave / max(gave + took, 1),
        low=low,
        high=high,
        p=chance(window),
        adjusted_p=1.0 if window == RECENT else adjusted_p(window),
    )


def evened_out(finding: Finding) -> bool:
    """Whether a finding left because things are even now, not because it faded or somebody left."""
    counts = finding.figures.counts
    return counts["given"] + counts["received"] >= LITTLE and finding.figures.share < EVEN


def odds(finding: Finding) -> str:
    """The chance of it, or, once chance is no longer the point, since when it has been so."""
    if finding.figures.p <= RARE:
        return f"If things were no worse than 3:2, chance would do this {words.once_in(finding.figures.p)}."
    return f"It has not evened out since the week of {words.day(finding.since)}."
