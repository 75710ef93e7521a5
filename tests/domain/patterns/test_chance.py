import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import beta, binom, binomtest, false_discovery_control, gamma, nbinom, poisson

from slackapp.domain.patterns import chance
from slackapp.domain.patterns.chance import (
    TABLE,
    adjusted,
    fair_tail,
    lower_tail,
    overdispersed_tail,
    poisson_tail,
    rate_interval,
    share_at_least,
    share_interval,
    silence_tail,
    upper_tail,
)

COUNTS = st.integers(0, 400)
SHARES = st.floats(0.01, 0.99)
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("x", "n", "p"),
    [
        (10, 10, 0.006047),
        (11, 11, 0.003628),
        (15, 16, 0.003291),
        (16, 17, 0.002088),
        (18, 20, 0.003611),
        (21, 24, 0.003503),
        (9, 12, 0.225337),
    ],
)
def test_a_split_is_as_rare_as_the_books_say(x: int, n: int, p: float) -> None:
    assert round(float(fair_tail(x, n)), 6) == p


def test_this_many_acts_one_way_are_rare_for_so_many_back() -> None:
    smallest = [next(x for x in range(100) if fair_tail(x, x + y) <= 0.005) for y in range(13)]
    assert smallest == [11, 15, 18, 21, 23, 26, 28, 31, 33, 35, 38, 40, 42]


@given(COUNTS, COUNTS)
def test_the_fair_tail_is_scipys_exact_test(x: int, y: int) -> None:
    if x + y:
        exact = binomtest(x, x + y, 0.6, alternative="greater").pvalue
        assert float(fair_tail(x, x + y)) == pytest.approx(exact, rel=1e-9, abs=1e-300)


def test_the_fair_tail_is_the_same_inside_and_outside_its_table() -> None:
    n = np.array([TABLE - 1, TABLE, TABLE + 1, 3])
    assert fair_tail(n - 3, n) == pytest.approx(binom.sf(n - 4, n, 0.6), rel=1e-9)
    assert float(fair_tail(0, 0)) == 1


@given(COUNTS, COUNTS, SHARES)
def test_both_tails_are_scipys_binomials(x: int, y: int, share: float) -> None:
    assert float(upper_tail(x, x + y, share)) == pytest.approx(
        binom.sf(x - 1, x + y, share), rel=1e-7, abs=1e-290
    )
    assert float(lower_tail(x, x + y, share)) == pytest.approx(
        binom.cdf(x, x + y, share), rel=1e-7, abs=1e-290
    )


@given(COUNTS, st.floats(0.1, 200), st.floats(1.1, 5))
def test_the_overdispersed_tail_is_scipys_negative_binomial(
    count: int, mean: float, dispersion: float
) -> None:
    size = mean / (dispersion - 1)
    expected = nbinom.cdf(count, size, 1 / dispersion)
    assert float(overdispersed_tail(count, mean, dispersion)) == pytest.approx(expected, rel=1e-7, abs=1e-290)
    assert nbinom.var(size, 1 / dispersion) == pytest.approx(dispersion * mean)


def test_no_gestures_at_all_are_rare_from_an_expected_5_7() -> None:
    assert float(overdispersed_tail(0, 5.6, 1.5)) > 0.01 > float(overdispersed_tail(0, 5.7, 1.5))


@given(COUNTS, st.floats(0.1, 200))
def test_the_poisson_tail_is_scipys(count: int, mean: float) -> None:
    assert float(poisson_tail(count, mean)) == pytest.approx(poisson.cdf(count, mean), rel=1e-9, abs=1e-290)


def test_nothing_crossing_is_rare_from_an_expected_18_4() -> None:
    assert float(poisson_tail(0, 0.25 * 18.4)) > 0.01 > float(poisson_tail(0, 0.25 * 18.43))


@pytest.mark.parametrize(("k", "g", "p"), [(12, 5, 0.00052), (10, 4, 0.01144)])
def test_a_silence_is_as_rare_as_the_books_say(k: int, g: int, p: float) -> None:
    assert round(float(silence_tail(k, 12, g)), 5) == p


def test_silence_is_long_after_so_many_weeks() -> None:
    fires = [next(g for g in range(30) if silence_tail(k, 12, g) <= 0.003) for k in (12, 11, 10, 9, 8, 7, 6)]
    assert fires == [4, 5, 6, 7, 9, 11, 14]


@given(st.integers(0, 12), st.integers(0, 20))
def test_a_silence_is_a_chain_of_silent_weeks(k: int, g: int) -> None:
    chain = np.prod([(2 + 12 - k + week) / (3 + 12 + week) for week in range(g)])
    assert float(silence_tail(k, 12, g)) == pytest.approx(chain, rel=1e-9)


@pytest.mark.parametrize(("h", "most"), [(10, 0), (12, 1), (15, 2), (20, 4), (25, 6), (30, 8)])
def test_so_few_thanks_are_rare_where_six_in_ten_are_usual(h: int, most: int) -> None:
    tolerable = expit(logit(0.6) - np.log(1.5))
    assert max(s for s in range(h) if lower_tail(s, h, tolerable) <= 0.01) == most


def test_p_values_are_adjusted_as_the_books_say() -> None:
    p = np.array([0.0004, 0.004, 0.03, 0.2, 0.8])
    assert adjusted(p, np.zeros(5, int)) == pytest.approx(np.array([0.002, 0.01, 0.05, 0.25, 0.8]))


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), max_size=40))
def test_adjustment_is_scipys_for_each_week(tests: list[tuple[int, float]]) -> None:
    week, p = np.array([week for week, _ in tests], int), np.array([p for _, p in tests], float)
    q = adjusted(p, week)
    assert q.shape == p.shape
    for each in np.unique(week):
        assert q[week == each] == pytest.approx(false_discovery_control(p[week == each]), abs=1e-12)


@given(st.integers(1, 6), st.integers(0, 8), st.randoms(use_true_random=False))
def test_whoever_cannot_be_found_costs_the_others_nothing(weeks: int, subjects: int, random) -> None:  # type: ignore[no-untyped-def]
    def plane() -> np.ndarray:
        return np.array(
            [[random.random() < 0.7 for _ in range(subjects)] for _ in range(weeks)], bool
        ).reshape(weeks, subjects)

    family, hopeful = plane(), plane()
    p = np.array([[random.random() ** 6 for _ in range(subjects)] for _ in range(weeks)], float).reshape(
        weeks, subjects
    )
    tests = chance.Tests(family, lambda week, subject: p[week, subject])
    rare = tests.rare(hopeful, alone=0.05, together=0.1)
    for week in range(weeks):
        tested = family[week]
        q = np.ones(subjects)
        if tested.any():
            q[tested] = false_discovery_control(p[week, tested])
        assert rare[week].tolist() == (hopeful[week] & tested & (p[week] <= 0.05) & (q <= 0.1)).tolist()
        for subject in range(subjects):
            alone = p[week, subject] if tested[subject] else 1
            assert tests.of(week, subject) == pytest.approx((alone, q[subject]), abs=1e-12)


def test_sixteen_of_seventeen_is_between_79_and_99_percent() -> None:
    assert [round(end, 3) for end in share_interval(16, 1)] == [0.792, 0.990]


@given(COUNTS, COUNTS)
def test_intervals_are_jeffreys(x: int, y: int) -> None:
    assert share_interval(x, y) == pytest.approx(beta.ppf((0.05, 0.95), x + 0.5, y + 0.5), rel=1e-6)
    assert rate_interval(x, 7.5) == pytest.approx(gamma.ppf((0.05, 0.95), x + 0.5, scale=1 / 7.5), rel=1e-6)


@given(st.integers(1, 200), st.integers(0, 200))
def test_the_lower_bound_is_clopper_and_pearsons(x: int, y: int) -> None:
    exact = binomtest(x, x + y, alternative="greater").proportion_ci(0.95, "exact").low
    assert float(share_at_least(x, x + y)) == pytest.approx(exact, rel=1e-6)
    assert float(share_at_least(0, y)) == 0
