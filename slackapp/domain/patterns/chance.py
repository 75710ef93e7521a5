"""What chance alone would do: exact tails, adjustment for many tests, and intervals.

Only `scipy.special` is used; it loads in a fraction of the time of `scipy.stats` and takes arrays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv, betaln, gammaincc, gammaincinv

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FAIR = 0.6  # give and take of 3:2 is still called even
TABLE = 128


@cache
def _fair_tails() -> Floats:
    """P(Binomial(n, FAIR) >= x) as [n, x] for n below TABLE: weeks repeat the same small counts endlessly."""
    n, x = np.mgrid[0:TABLE, 0:TABLE]
    return upper_tail(np.minimum(x, n), n, FAIR)


def upper_tail(x: ArrayLike, n: ArrayLike, share: float) -> Floats:
    """P(Binomial(n, share) >= x), any shape; exact (Abramowitz & Stegun 26.5.24)."""
    x, n = np.asarray(x, np.float64), np.asarray(n, np.float64)
    return np.where(x > 0, betainc(np.maximum(x, 1), n - x + 1, share), 1.0)


def fair_tail(x: ArrayLike, n: ArrayLike) -> Floats:
    """P(Binomial(n, 3/5) >= x): how often chance gives a split this uneven when 3:2 is the truth."""
    x, n = np.asarray(x, np.int64), np.asarray(n, np.int64)
    if n.size and n.max() >= TABLE:
        small = n < TABLE
        p = upper_tail(x, n, FAIR)
        p[small] = _fair_tails()[n[small], x[small]]
        return p
    return np.asarray(_fair_tails()[n, x], np.float64)


def lower_tail(x: ArrayLike, n: ArrayLike, share: ArrayLike) -> Floats:
    """P(Binomial(n, share) <= x), any shape."""
    x, n, share = (np.asarray(value, np.float64) for value in (x, n, share))
    return np.where(x < n, betainc(np.maximum(n - x, 1), x + 1, 1 - share), 1.0)


def overdispersed_tail(count: ArrayLike, mean: ArrayLike, dispersion: float) -> Floats:
    """P(N <= count) for a negative binomial N with this mean and a variance of dispersion x mean."""
    size = np.asarray(mean, np.float64) / (dispersion - 1)
    return np.asarray(betainc(size, np.asarray(count, np.float64) + 1, 1 / dispersion), np.float64)


def poisson_tail(count: ArrayLike, mean: ArrayLike) -> Floats:
    """P(Poisson(mean) <= count), any shape."""
    return np.asarray(gammaincc(np.asarray(count, np.float64) + 1, np.asarray(mean, np.float64)), np.float64)


def silence_tail(active: ArrayLike, weeks: ArrayLike, silent: ArrayLike) -> Floats:
    """How often a rhythm of `active` of `weeks` weeks pauses for `silent` weeks by itself.

    The beta-geometric predictive with a Beta(1, 2) prior, after Fader, Hardie & Lee (2005), on weeks.
    """
    k, m, g = (np.asarray(value, np.float64) for value in (active, weeks, silent))
    return np.asarray(np.exp(betaln(1 + k, 2 + m - k + g) - betaln(1 + k, 2 + m - k)), np.float64)


def adjusted(p: Floats, week: Ints) -> Floats:
    """Benjamini & Hochberg (1995) adjusted p-values [test], each week's on their own."""
    order = np.lexsort((p, week))
    _, row, tests = np.unique(week[order], return_inverse=True, return_counts=True)
    rank = np.arange(p.size) - (np.cumsum(tests) - tests)[row]
    ladder = np.full((tests.size, int(tests.max(initial=0))), np.inf)
    ladder[row, rank] = p[order] * tests[row] / (rank + 1)
    ladder = np.minimum.accumulate(ladder[:, ::-1], axis=1)[:, ::-1]
    answer = np.empty_like(p)
    answer[order] = np.minimum(ladder[row, rank], 1)
    return answer


@dataclass(frozen=True, slots=True)
class Tests:
    """The tests of one pattern, worked out only for the weeks in which somebody is found."""

    #: [week, subject]: whom that week can say anything of. Nobody else counts as a test (Tarone 1990: a test that
    #: cannot reach significance costs the others nothing).
    family: Bools
    chance: Callable[[Ints, Ints], Floats]  # of a week and a subject each: how likely chance does as much

    def rare(self, hopeful: Bools, *, alone: float, together: float) -> Bools:
        """Where a hopeful subject is rare by itself, and still when adjusted among all tested that week."""
        answer = np.zeros(self.family.shape, np.bool_)
        week, subject = np.nonzero(hopeful & self.family)
        rare = self.chance(week, subject) <= alone
        week, subject = week[rare], subject[rare]
        if week.size:
            tested, everybody, p = self._adjusted(np.unique(week))
            passes = p <= together
            answer[tested[passes], everybody[passes]] = True
            alone_too = np.zeros_like(answer)
            alone_too[week, subject] = True
            answer &= alone_too
        return answer

    def of(self, week: int, subject: int) -> tuple[float, float]:
        """One p-value, and the same adjusted; 1 for whom nothing can be said of."""
        if not self.family[week, subject]:
            return 1.0, 1.0
        _, everybody, p = self._adjusted(np.array([week]))
        alone = self.chance(np.array([week]), np.array([subject]))
        return float(alone[0]), float(p[everybody == subject][0])

    def _adjusted(self, weeks: Ints) -> tuple[Ints, Ints, Floats]:
        """Week, subject and adjusted p-value of every test of these weeks."""
        row, subject = np.nonzero(self.family[weeks])
        week = weeks[row]
        return week, subject, adjusted(self.chance(week, subject), week)


def share_interval(x: float, y: float) -> tuple[float, float]:
    """The 90 % Jeffreys interval of a share, from x of x + y (Brown, Cai & DasGupta 2001)."""
    low, high = betaincinv(x + 0.5, y + 0.5, (0.05, 0.95))
    return float(low), float(high)


def rate_interval(count: float, exposure: float) -> tuple[float, float]:
    """The 90 % Jeffreys interval of a rate, from `count` over `exposure`."""
    low, high = gammaincinv(count + 0.5, (0.05, 0.95)) / exposure
    return float(low), float(high)


def share_at_least(x: ArrayLike, n: ArrayLike) -> Floats:
    """The one-sided 95 % lower bound of a share (Clopper & Pearson 1934); 0 where x is 0."""
    x, n = np.asarray(x, np.float64), np.asarray(n, np.float64)
    return np.where(x > 0, betaincinv(np.maximum(x, 1), n - x + 1, 0.05), 0.0)
