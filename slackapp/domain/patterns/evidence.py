"""Evidence: gesture-days as C[week, giver, receiver], who was there, and sums over the last weeks.

Most pairs of a team never meet, so C is kept as two [week, pair] planes, one for each direction.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from slackapp.domain.patterns.chance import Bools, Floats, Ints
from slackapp.domain.patterns.history import HELP, THANKED_WITHIN, TeamHistory

HERE = 4  # days of a week on the team and not away that make the week count
SHORT, LONG, RECENT = 12, 26, 8  # weeks in a window
FEWEST = 6  # gesture-days of a pair below which no pattern looks at it, ever
GONE = 12  # silent weeks after which somebody known from gestures alone is taken to have left
FAR_BACK = 100_000  # weeks, before and after any history


def windowed(plane: Ints, weeks: int) -> Ints:
    """The sum over each week and the `weeks` - 1 before it, along the first axis."""
    total = plane.cumsum(axis=0)
    total[weeks:] -= total[:-weeks].copy()
    return total


def anybody(plane: Bools) -> Bools:
    """Whether it holds for any subject of [week, subject]."""
    return np.asarray(plane.any(axis=1), np.bool_)


def median_of_others(values: Floats, counted: Bools) -> Floats:
    """For each [week, person], the median of the other counted people's values; nan where there are none."""
    people = values.shape[1]
    filled = np.where(counted, values, np.inf)
    order = np.argsort(filled, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(people), order.shape), axis=1)
    climb = np.take_along_axis(filled, order, axis=1)
    others = counted.sum(axis=1, keepdims=True) - counted

    def place(at: Ints) -> Floats:
        skipped = at + (counted & (rank <= at))
        return np.take_along_axis(climb, np.minimum(skipped, people - 1), axis=1)

    middle = (place(np.maximum(others - 1, 0) // 2) + place(others // 2)) / 2
    return np.where(others > 0, middle, np.nan)


def working(total: Ints) -> Bools:
    """Whether a team did at least half its median of the last 12 weeks [week]."""
    before = np.concatenate([np.full(SHORT - 1, np.inf), total])  # weeks there never were come last
    climb = np.sort(np.lib.stride_tricks.sliding_window_view(before, SHORT), axis=1)
    week = np.arange(total.size)
    known = np.minimum(week + 1, SHORT)
    median = (climb[week, (known - 1) // 2] + climb[week, known // 2]) / 2
    return np.asarray(total >= median / 2, np.bool_)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs that met often enough to matter: `low` < `high` are people, planes are [week, pair]."""

    low: Ints
    high: Ints
    up: Ints  # gesture-days low gave high
    down: Ints  # gesture-days high gave low


@dataclass(frozen=True, eq=False)
class Evidence:
    history: TeamHistory
    week: Ints  # [gesture-day]
    giver: Ints
    receiver: Ints

    @classmethod
    def of(cls, history: TeamHistory) -> "Evidence":
        rows = history.gestures
        closed = (rows.day >= 0) & (rows.day < history.weeks * 7)
        return cls(history, rows.day[closed] // 7, rows.giver[closed], rows.receiver[closed])

    @property
    def weeks(self) -> int:
        return self.history.weeks

    @property
    def people(self) -> int:
        return len(self.history.members)

    def tally(self, week: Ints, person: Ints) -> Ints:
        """Count rows by [week, person]."""
        size = self.weeks * self.people
        return np.bincount(week * self.people + person, minlength=size).reshape(self.weeks, self.people)

    @cached_property
    def given(self) -> Ints:
        """Gesture-days given by [week, person]."""
        return self.tally(self.week, self.giver)

    @cached_property
    def received(self) -> Ints:
        """Gesture-days received by [week, person]."""
        return self.tally(self.week, self.receiver)

    @cached_property
    def over(self) -> dict[int, tuple[Ints, Ints]]:
        """By window in weeks: gesture-days given and received in it, each [week, person]."""
        return {
            window: (windowed(self.given, window), windowed(self.received, window))
            for window in (RECENT, SHORT, LONG)
        }

    @cached_property
    def total(self) -> Ints:
        """Gesture-days of the whole team by [week]."""
        return np.bincount(self.week, minlength=self.weeks)

    @cached_property
    def at_work(self) -> Bools:
        """Whether the team as a whole was at work [week]."""
        return working(self.total)

    @cached_property
    def pairs(self) -> Pairs:
        low, high = np.minimum(self.giver, self.receiver), np.maximum(self.giver, self.receiver)
        code, pair, met = np.unique(low * self.people + high, return_inverse=True, return_counts=True)
        kept = met >= FEWEST
        place = np.cumsum(kept) - 1
        count = int(kept.sum())

        def plane(rows: Bools) -> Ints:
            cells = self.week[rows] * count + place[pair[rows]]
            return np.bincount(cells, minlength=self.weeks * count).reshape(self.weeks, count)

        upward = self.giver < self.receiver
        often = kept[pair]
        low, high = np.divmod(code[kept], max(self.people, 1))
        return Pairs(low, high, up=plane(upward & often), down=plane(~upward & often))

    @cached_property
    def start(self) -> Ints:
        """The day each person's time on the team begins; far ahead for somebody not seen yet [person]."""
        first_seen = np.full(self.people, self.weeks * 7)
        np.minimum.at(first_seen, self.giver, self.week * 7)
        np.minimum.at(first_seen, self.receiver, self.week * 7)
        origin = self.history.first_week.toordinal()
        return np.array(
            [
                member.joined.toordinal() - origin if member.joined else 0 if member.listed else seen
                for member, seen in zip(self.history.members, first_seen.tolist(), strict=True)
            ],
            np.int64,
        )

    @cached_property
    def joined(self) -> Ints:
        """The week each person joined, or far back for those who were there before [person]."""
        known = np.array(
            [bool(member.joined) or not member.listed for member in self.history.members], np.bool_
        )
        return np.where(known, self.start // 7, -FAR_BACK)

    @cached_property
    def on_team(self) -> Bools:
        """Whether [week, person] ends with the person on the team, away or not."""
        origin = self.history.first_week.toordinal()
        end = np.array(
            [m.left.toordinal() - origin if m.left else FAR_BACK * 7 for m in self.history.members], np.int64
        )
        sunday = np.arange(self.weeks)[:, None] * 7 + 6
        return (self.start <= sunday) & (end > sunday)

    @cached_property
    def present(self) -> Bools:
        """Whether [week, person] counts: on the team and not away on at least HERE of its 7 days."""
        origin = self.history.first_week.toordinal()
        monday = np.arange(self.weeks)[:, None] * 7
        end = np.array(
            [m.left.toordinal() - origin if m.left else FAR_BACK * 7 for m in self.history.members], np.int64
        )
        days = np.minimum(end, monday + 7) - np.maximum(self.start, monday)
        place = {member.person: number for number, member in enumerate(self.history.members)}
        gone: dict[int, Bools] = {}
        for away in self.history.away:
            if away.person in place:
                calendar = gone.setdefault(place[away.person], np.zeros(self.weeks * 7, np.bool_))
                first, last = away.start.toordinal() - origin, away.end.toordinal() - origin
                calendar[max(first, 0) : max(last + 1, 0)] = True
        for person, calendar in gone.items():
            days[:, person] -= calendar.reshape(self.weeks, 7).sum(axis=1)
        unlisted = np.array([not member.listed for member in self.history.members], np.bool_)
        vanished = unlisted & (windowed(self.given + self.received, GONE) == 0)
        here: Bools = (days >= HERE) & ~vanished
        return here

    @cached_property
    def helps(self) -> tuple[Ints, Ints, Ints, Bools]:
        """Help that was recorded as such: week in which its 7 days were over, giver, receiver, thanked."""
        rows = self.history.gestures
        ripe = (rows.day >= 0) & (rows.day + THANKED_WITHIN < self.weeks * 7)
        helps = (rows.kind == HELP) & ~rows.implied & ripe
        week = (rows.day[helps] + THANKED_WITHIN) // 7
        return week, rows.giver[helps], rows.receiver[helps], rows.thanked(helps)

    @cached_property
    def help_given(self) -> Ints:
        """Help given by [week, person], also help known only because it was thanked."""
        rows = self.history.gestures
        helps = (rows.kind == HELP) & (rows.day >= 0) & (rows.day < self.weeks * 7)
        return self.tally(rows.day[helps] // 7, rows.giver[helps])

    def with_others(self, person: int) -> tuple[Ints, Ints]:
        """What one person gave to and received from each counterpart [week, counterpart]."""
        mine = (self.giver == person) | (self.receiver == person)
        gave = self.giver[mine] == person
        who, other = np.unique(np.where(gave, self.receiver[mine], self.giver[mine]), return_inverse=True)
        cells = self.week[mine] * who.size + other
        size, shape = self.weeks * who.size, (self.weeks, who.size)
        return (
            np.bincount(cells[gave], minlength=size).reshape(shape),
            np.bincount(cells[~gave], minlength=size).reshape(shape),
        )

    def names(self, *people: int) -> tuple[str, ...]:
        return tuple(self.history.members[person].person for person in people)
