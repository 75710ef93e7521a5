"""The patterns once more, with loops over dictionaries and scipy.stats: slow, plain, and nothing shared."""

import math
from collections import Counter, defaultdict
from statistics import median

from scipy.special import betaln
from scipy.stats import beta, binom, nbinom, poisson

from tests.domain.patterns.builders import Act

HELP_DAYS = 7


def gesture_days(acts: list[Act], weeks: int) -> set[Act]:
    """Distinct acts of the closed weeks, with the help that thanks imply."""
    plain = {act for act in acts if 0 <= act[0] < weeks * 7}
    implied = {
        (day, receiver, giver, "help")
        for day, giver, receiver, kind in plain
        if kind == "thanks"
        and not any((day - back, receiver, giver, "help") in plain for back in range(HELP_DAYS + 1))
    }
    return plain | implied


def between(days: set[Act], week: int, window: int) -> Counter[tuple[str, str]]:
    first, last = (week + 1 - window) * 7, week * 7 + 6
    return Counter((giver, receiver) for day, giver, receiver, _ in days if first <= day <= last)


def adjust(p: dict) -> dict:
    ranked = sorted(p, key=p.__getitem__)
    best, answer = 1.0, {}
    for rank in range(len(ranked), 0, -1):
        best = min(best, p[ranked[rank - 1]] * len(ranked) / rank)
        answer[ranked[rank - 1]] = best
    return answer


def fair(x: int, n: int) -> float:
    return float(binom.sf(x - 1, n, 0.6))


def active_weeks(days: set[Act], week: int, window: int, people: set[str], single: bool) -> int:
    found = set()
    for day, giver, receiver, _ in days:
        inside = week - window < day // 7 <= week
        if inside and (bool({giver, receiver} & people) if single else {giver, receiver} == people):
            found.add(day // 7)
    return len(found)


def one_sided_pairs(days: set[Act], week: int) -> set[tuple[str, str]]:
    found = set()
    recent = between(days, week, 8)
    for window, enough, weeks in ((12, 8, 4), (26, 10, 6)):
        acts = between(days, week, window)
        given, received = Counter(), Counter()
        for (giver, receiver), count in acts.items():
            given[giver] += count
            received[receiver] += count
        p = {}
        for giver, receiver in {tuple(sorted(pair)) for pair in acts}:
            a, b = acts[giver, receiver], acts[receiver, giver]
            if a + b >= enough and 0.6 ** (a + b) <= 0.005:
                p[(giver, receiver) if a >= b else (receiver, giver)] = fair(max(a, b), a + b)
        q = adjust(p)
        for (giver, receiver), chance in p.items():
            x, y = acts[giver, receiver], acts[receiver, giver]
            x8, y8 = recent[giver, receiver], recent[receiver, giver]

            of_giver = (given[giver] - x + 4) / (received[giver] - y + 4)
            of_receiver = (given[receiver] - y + 4) / (received[receiver] - x + 4)
            excess = math.log((x + 0.5) / (y + 0.5)) - math.log(of_giver / of_receiver)
            if (
                chance <= 0.005
                and q[giver, receiver] <= 0.04
                and x >= 0.75 * (x + y)
                and (x8 + y8 < 3 or x8 >= 0.62 * (x8 + y8))
                and active_weeks(days, week, window, {giver, receiver}, single=False) >= weeks
                and excess >= math.log(3)
            ):
                found.add((giver, receiver))
    return found


def leaning(days: set[Act], people: list[str], week: int, giving: bool) -> set[tuple[str, ...]]:
    if not giving:
        days = {(day, receiver, giver, kind) for day, giver, receiver, kind in days}
    found = set()

    def totals(window: int) -> tuple[Counter, Counter, Counter]:
        acts = between(days, week, window)
        gave, took = Counter(), Counter()
        for (giver, receiver), count in acts.items():
            gave[giver] += count
            took[receiver] += count
        return acts, gave, took

    _, gave8, took8 = totals(8)
    for window, weeks in ((12, 4), (26, 6)):
        acts, gave, took = totals(window)
        p = {me: fair(gave[me], gave[me] + took[me]) for me in people if gave[me] + took[me] >= 12}
        q = adjust(p)
        for me, chance in p.items():
            x, y = gave[me], took[me]
            x8, y8 = gave8[me], took8[me]
            others = [other for other in people if acts[me, other] + acts[other, me]]
            most = max(others, key=lambda o: (acts[me, o] - acts[o, me], acts[me, o] + acts[o, me]))
            rest, rest_n = x - acts[me, most], x + y - acts[me, most] - acts[most, me]
            enough = x >= 1.25 * median(gave[other] for other in people if other != me)
            if (
                chance <= 0.005
                and q[me] <= 0.04
                and x >= 0.70 * (x + y)
                and (x8 + y8 < 3 or x8 >= 0.62 * (x8 + y8))
                and active_weeks(days, week, window, {me}, single=True) >= weeks
                and len(others) >= 3
                and fair(rest, rest_n) <= 0.05
                and (enough or not giving)
            ):
                found.add((me,))
    return found


def help_record(acts: list[Act], people: list[str], weeks: int, week: int, window: int) -> dict[str, tuple]:
    """For each helper with any other helpers around: helps, thanked, receivers, expected share."""
    plain = {act for act in acts if 0 <= act[0] < weeks * 7}
    helps, thanked = Counter(), Counter()
    for day, giver, receiver, kind in plain:
        if kind == "help" and week - window < (day + 7) // 7 <= week:
            helps[giver, receiver] += 1
            thanked[giver, receiver] += any(
                (day + later, receiver, giver, "thanks") in plain for later in range(8)
            )
    record = {}
    for me in people:
        mine = {j: helps[me, j] for j in people if helps[me, j]}
        h, s = sum(mine.values()), sum(thanked[me, j] for j in mine)
        all_h, all_s = sum(helps.values()) - h, sum(thanked.values()) - s
        if not all_h or not h:
            continue
        expected = 0.0
        for j, count in mine.items():
            got = sum(helps[other, j] for other in people if other != me)
            good = sum(thanked[other, j] for other in people if other != me)
            expected += count * (good + 4 * all_s / all_h) / (got + 4) / h
        record[me] = (h, s, len(mine), expected)
    return record


def unthanked(acts: list[Act], people: list[str], weeks: int, week: int) -> set[tuple[str, ...]]:
    lately = help_record(acts, people, weeks, week, 12)
    better = {me for me, (h, s, _, expected) in lately.items() if h >= 10 and s > 0.7 * expected * h}
    p, low = {}, {}
    for me, (h, s, receivers, expected) in help_record(acts, people, weeks, week, 26).items():
        if h < 10 or receivers < 3 or expected < 0.25:
            continue
        odds = min(expected, 1 - 1e-9) / (1 - min(expected, 1 - 1e-9)) / 1.5
        tolerable = odds / (1 + odds)
        if binom.cdf(0, h, tolerable) <= 0.01:
            p[me], low[me] = float(binom.cdf(s, h, tolerable)), s / h <= 0.5 * expected
    q = adjust(p)
    return {(me,) for me in p if p[me] <= 0.01 and q[me] <= 0.10 and low[me] and me not in better}


def isolated(days: set[Act], people: list[str], week: int) -> set[tuple[str, ...]]:
    p, count, usual = {}, {}, {}
    for window in (16, 8):  # what 8 weeks can tell overrides what 16 say
        seen = min(week + 1, window)
        if seen < window // 2:
            continue
        acts = between(days, week, window)
        done = {me: sum(n for pair, n in acts.items() if me in pair) for me in people}
        for me in people:
            at_pace = median(done[other] / seen for other in people if other != me) * seen
            mean = at_pace / 3
            if mean and nbinom.pmf(0, 2 * mean, 2 / 3) <= 0.01:
                p[me] = float(nbinom.cdf(done[me], 2 * mean, 2 / 3))
                count[me], usual[me] = done[me], at_pace
    q = adjust(p)
    return {(me,) for me in p if p[me] <= 0.01 and q[me] <= 0.10 and count[me] <= 0.25 * usual[me]}


def lost(active: dict[tuple[str, ...], set[int]], working: list[bool], week: int) -> set[tuple[str, ...]]:
    def tail(k: int, m: int, g: int) -> float:
        return math.exp(betaln(1 + k, 2 + m - k + g) - betaln(1 + k, 2 + m - k))

    p, more = {}, {}
    for who, weeks in active.items():
        past = [one for one in weeks if one <= week]
        if not past or week - max(past) >= 26:
            continue
        last = max(past)
        before = [one for one in range(last) if working[one]]
        k, m = len(set(before[-12:]) & weeks), len(before[-12:])
        k26, m26 = len(set(before[-26:]) & weeks), len(before[-26:])
        g = sum(working[one] for one in range(last + 1, week + 1))
        if m >= 8 and k >= 5 and 2 * k >= m:
            p[who] = tail(k, m, g)
            more[who] = g >= 2 and tail(k26, m26, g) <= (0.001 if k * m26 > k26 * m else 0.003)
    q = adjust(p)
    return {who for who in p if p[who] <= 0.003 and q[who] <= 0.05 and more[who]}


def rhythms(days: set[Act], weeks: int) -> tuple[dict, dict, list[bool]]:
    pairs, people, total = defaultdict(set), defaultdict(set), Counter()
    for day, giver, receiver, _ in days:
        pairs[tuple(sorted((giver, receiver)))].add(day // 7)
        people[giver,].add(day // 7)
        total[day // 7] += 1
    working = [
        total[week] >= median(total[past] for past in range(max(week - 11, 0), week + 1)) / 2
        for week in range(weeks)
    ]
    return pairs, people, working


def concentrated(days: set[Act], people: list[str], week: int) -> bool:
    if week < 3:
        return False
    helps = {act for act in days if act[3] == "help"}
    acts = between(helps, week, 12) or between(days, week, 12)
    given = Counter()
    for (giver, _), count in acts.items():
        given[giver] += count
    size = len(people)
    top = 1 if size < 8 else 2
    threshold = max(0.45, 2 / size) if top == 1 else max(0.50, 3.5 / size)
    n = sum(given.values())
    x = sum(count for _, count in given.most_common(top))
    return n >= 20 and x / n >= threshold and bool(beta.ppf(0.05, x, n - x + 1) > 0.9 * threshold)


def split(days: set[Act], group: dict[str, str], week: int) -> bool:
    lately, long = crossing(days, group, week, 12), crossing(days, group, week, 26)
    if enough_to_split(*lately):
        return is_split(*lately)
    return is_split(*long) and lately[1] <= 0.25 * lately[2]


def enough_to_split(n: int, _cross: int, expected: float) -> bool:
    return bool(n >= 30 and poisson.cdf(0, 0.25 * expected) <= 0.01)


def is_split(n: int, cross: int, expected: float) -> bool:
    return bool(
        enough_to_split(n, cross, expected)
        and poisson.cdf(cross, 0.25 * expected) <= 0.01
        and cross <= 0.10 * expected
    )


def crossing(days: set[Act], group: dict[str, str], week: int, window: int) -> tuple[int, int, float]:
    acts = between(days, week, window)
    given, received = Counter(), Counter()
    for (giver, receiver), count in acts.items():
        given[giver] += count
        received[receiver] += count
    n = sum(acts.values())
    apart = {(a, b): given[a] * received[b] / max(n, 1) for a in group for b in group if a != b}
    scale = n / (sum(apart.values()) or 1)
    expected = scale * sum(value for (a, b), value in apart.items() if group[a] != group[b])
    return n, sum(count for (a, b), count in acts.items() if group[a] != group[b]), expected
