"""What must not matter does not: names, order, bursts, the calendar, and everything that comes later."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from slackapp.domain.patterns import Away, Finding, Member, TeamHistory, Week, evaluate, replay
from slackapp.domain.patterns.evidence import Evidence
from slackapp.domain.patterns.leaning import judge_people
from tests.domain.patterns.builders import MONDAY, Act, history_of, monday, random_acts

WEEKS = 34
SEEDS = st.integers(0, 10_000)
few = settings(max_examples=12, deadline=None)
PEOPLE = [f"p{person}" for person in range(6)]
GROUPS = dict(zip(PEOPLE, ("red", "red", "red", "blue", "blue", "blue"), strict=True))


def lively(seed: int) -> list[Act]:
    """Two random teams after one another in one, so that findings enter and leave."""
    early = [act for act in random_acts(seed) if act[0] < 20 * 7]
    return early + [act for act in random_acts(seed + 1) if act[0] >= 20 * 7]


def team(
    acts: list[Act], *, listed: bool = True, start=MONDAY, names=None, weeks: int = WEEKS
) -> TeamHistory:  # type: ignore[no-untyped-def]
    named = names or {person: person for person in PEOPLE}
    shift = start - MONDAY
    members = [
        Member(named[person], group=GROUPS[person] if listed else None, listed=listed) for person in PEOPLE
    ]
    away = (Away(named["p2"], monday(5) + shift, monday(8) + shift),)
    renamed = [(day, named[giver], named[receiver], kind) for day, giver, receiver, kind in acts]
    return history_of(
        renamed, tuple(sorted(members, key=lambda member: member.person)), weeks, away, start=start
    )


def flat(weeks: tuple[Week, ...]) -> list[Finding]:
    return [finding for week in weeks for finding in week.findings]


@few
@given(SEEDS, st.permutations([f"q{number}" for number in range(6)]))
def test_renaming_people_changes_nothing_but_names(seed: int, others: list[str]) -> None:
    names = dict(zip(PEOPLE, others, strict=True))

    def key(finding: Finding) -> tuple[object, ...]:
        people = finding.subjects
        # Pairs without direction and groups of people are listed by name, so only the set is the same.
        subjects = people if finding.pattern == "one_sided_pair" else tuple(sorted(people))
        figures = finding.figures
        return (
            finding.week,
            finding.pattern,
            subjects,
            finding.state,
            finding.since,
            tuple(figures.counts.items()),
            round(figures.p, 12),
        )

    before = [
        replace(finding, subjects=tuple(names.get(person, person) for person in finding.subjects))
        for finding in flat(replay(team(lively(seed))))
    ]
    after = flat(replay(team(lively(seed), names=names)))
    assert sorted(map(key, before)) == sorted(map(key, after))


@few
@given(SEEDS, SEEDS, st.booleans())
def test_order_and_bursts_change_nothing(seed: int, other: int, listed: bool) -> None:
    acts, random = lively(seed), Random(other)
    burst = [act for act in acts for _ in range(random.choice((1, 1, 5, 11)))]
    random.shuffle(burst)
    assert replay(team(burst, listed=listed)) == replay(team(acts, listed=listed))


@few
@given(SEEDS, st.integers(-300, 300))
def test_moving_everything_by_weeks_moves_the_weeks_only(seed: int, weeks: int) -> None:
    shift = timedelta(weeks=weeks)
    moved = replay(team(lively(seed), start=MONDAY + shift))
    still = replay(team(lively(seed)))
    assert [
        replace(
            week,
            monday=week.monday - shift,
            findings=tuple(replace(f, week=f.week - shift, since=f.since - shift) for f in week.findings),
        )
        for week in moved
    ] == list(still)


@few
@given(SEEDS, st.integers(1, WEEKS - 1), st.booleans())
def test_what_comes_later_never_changes_what_was_said(seed: int, weeks: int, listed: bool) -> None:
    acts = lively(seed)
    known = [act for act in acts if act[0] < weeks * 7]
    everything = replay(team(acts, listed=listed))
    assert replay(team(known, listed=listed, weeks=weeks)) == everything[:weeks]
    assert evaluate(team(acts, listed=listed), monday(weeks - 1)) == everything[weeks - 1]


@few
@given(SEEDS)
def test_mirroring_swaps_the_evidence_of_giving_and_receiving(seed: int) -> None:
    acts = lively(seed)
    mirror = [(day, receiver, giver, kind) for day, giver, receiver, kind in acts]

    def evidence(story: list[Act], *, giving: bool) -> list[tuple[object, ...]]:
        track = judge_people(Evidence.of(team(story)), giving=giving, ready=lambda gave, _: gave >= 0)
        return [
            (
                track.subjects(column, 0),
                *(plane[:, column].tolist() for plane in (track.enter, track.even, track.over)),
                [
                    (f.share, f.low, f.high, f.p, f.adjusted_p, sorted(f.counts.values()))
                    for f in (track.figures(week, column, False) for week in range(WEEKS))
                ],
            )
            for column in range(track.enter.shape[1])
        ]

    assert evidence(acts, giving=True) == evidence(mirror, giving=False)
    assert evidence(acts, giving=False) == evidence(mirror, giving=True)


@few
@given(SEEDS)
def test_replaying_twice_says_the_same(seed: int) -> None:
    assert replay(team(lively(seed))) == replay(team(lively(seed)))


def test_the_teams_of_these_tests_have_something_to_say() -> None:
    said = [finding for seed in range(30) for finding in flat(replay(team(lively(seed))))]
    assert {finding.state for finding in said} == {"entered", "stays", "left"}
    assert len({finding.pattern for finding in said}) >= 7
