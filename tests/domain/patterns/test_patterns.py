"""When each pattern enters and leaves, and the whole sentences people read then."""

from datetime import timedelta

import pytest

from slackapp.domain.patterns import PATTERNS, Away, Rest, evaluate
from tests.domain.patterns.builders import Story, monday, told

CROWD = ("ana", "ben", "cy", "mia", "zed")


def one_way(weeks: int = 40, until: int = 20) -> Story:
    """Ana does something for Ben every week; from `until` on both do two things a week."""
    story = Story(weeks).often("ana", "ben", range(until))
    later = range(until, weeks)
    return story.often("ben", "ana", later, times=2).often("ana", "ben", later, times=2)


def generous() -> Story:
    """Ana does something for everybody for 20 weeks before anything comes back; the others are even."""
    story = Story(40)
    for other in CROWD[1:]:
        story.often("ana", other, range(40)).often(other, "ana", range(20, 40))
    return story.busy(CROWD[1:])


def mirrored(story: Story) -> Story:
    return Story(story.weeks, [(day, receiver, giver, kind) for day, giver, receiver, kind in story.acts])


def forgotten() -> Story:
    """Three people thank Zed for help, and Ana only from week 20 on."""
    story = Story(40).busy(("ben", "cy", "mia", "zed"))
    for other in ("ben", "cy", "mia"):
        story.often("ana", other, range(40), kind="help").often("zed", other, range(40), kind="help", first=1)
        story.often(other, "zed", range(40), kind="thanks", first=3)
        story.often(other, "ana", range(20, 40), kind="thanks", first=2)
    return story


def apart() -> Story:
    """Ana is on a lively team and has two gestures, until Ben turns to her in week 14."""
    story = Story(30).busy(("ben", "cy", "mia", "zed")).member("ana").often("ana", "ben", [2, 3])
    return story.often("ben", "ana", range(14, 30), times=3)


def silent() -> Story:
    """Ana does something for Ben every week for 13 weeks, and then once more in week 25."""
    return Story(40).busy(("cy", "mia", "zed")).often("ana", "ben", range(13)).often("ana", "ben", [25])


def leaning_on_ana() -> Story:
    """Ana gives most of the help for 15 weeks."""
    story = Story(40)
    for other in CROWD[1:]:
        story.often("ana", other, range(15), times=2, kind="help").often("ana", other, range(15, 40))
        story.often(other, "ana", range(40)).often(
            other, "ben" if other == "mia" else "mia", range(40), kind="help"
        )
    story.acts = [act for act in story.acts if act[1] != act[2]]
    return story


def divided() -> Story:
    """Red and blue keep to themselves for 15 weeks."""
    story = Story(30)
    for person, group in (("ana", "red"), ("ben", "red"), ("cy", "blue"), ("zed", "blue")):
        story.member(person, group=group)
    for one, other in (("ana", "ben"), ("ben", "ana"), ("cy", "zed"), ("zed", "cy")):
        story.often(one, other, range(30), times=2)
    return story.often("ana", "cy", range(15, 30), times=2).often("zed", "ben", range(15, 30), times=2)


# One-sided pair


def test_a_pair_is_one_sided_from_the_eleventh_act_until_two_even_weeks() -> None:
    assert one_way().said("one_sided_pair") == [(10, "entered", "ana ben"), (24, "left", "ana ben")]


def test_the_giver_the_receiver_and_the_manager_read_it_in_their_own_words() -> None:
    finding = one_way().finding("one_sided_pair", 10)
    chance = "If things were no worse than 3:2, chance would do this about once in 280."
    assert (
        told(finding, "giver")
        == f"In the last 11 weeks you did 11 things for Ben and Ben did none for you. {chance}"
    )
    assert told(finding, "receiver") == (
        f"In the last 11 weeks Ana did 11 things for you and you did none for Ana. {chance}"
    )
    assert told(finding, "manager") == (
        f"In the last 11 weeks Ana did 11 things for Ben and Ben did none for Ana. {chance}"
    )
    assert told(finding, "person") is None


def test_sixteen_to_one_is_said_as_promised() -> None:
    story = (
        Story(12)
        .often("ana", "ben", range(12))
        .often("ana", "ben", range(4), first=3)
        .often("ben", "ana", [5], first=2)
    )
    assert told(story.finding("one_sided_pair", 11), "giver") == (
        "In the last 12 weeks you did 16 things for Ben and Ben did 1 for you."
        " If things were no worse than 3:2, chance would do this about once in 480."
    )


def test_a_pair_that_evened_out_is_told_so() -> None:
    assert told(one_way().finding("one_sided_pair", 24), "giver") == (
        "In the last 8 weeks you did 13 things for Ben and Ben did 10 for you. It is no longer one-sided."
    )


def test_a_pair_on_its_way_back_is_told_since_when_and_no_odds() -> None:
    assert told(one_way().finding("one_sided_pair", 23), "giver") == (
        "In the last 12 weeks you did 16 things for Ben and Ben did 8 for you."
        " It has not evened out since the week of 17 March 2025."
    )


def test_a_pair_with_little_left_between_them_is_archived() -> None:
    story = Story(60).often("ana", "ben", range(16))
    assert story.said("one_sided_pair") == [(10, "entered", "ana ben"), (38, "left", "ana ben")]
    assert told(story.finding("one_sided_pair", 38), "giver") == (
        "There is little to say about you and Ben now, so this note rests."
    )


def test_a_pair_ends_when_one_of_them_leaves_the_team() -> None:
    story = Story(30).often("ana", "ben", range(30)).member("ana").member("ben", left=monday(20))
    assert story.said("one_sided_pair") == [(10, "entered", "ana ben"), (20, "left", "ana ben")]


def test_ten_acts_one_way_are_not_enough() -> None:
    assert Story(40).often("ana", "ben", range(10)).said("one_sided_pair") == []


def test_one_generous_fortnight_is_not_a_pattern() -> None:
    story = (
        Story(20)
        .often("ana", "ben", [3, 4], times=7)
        .often("ben", "cy", range(20))
        .often("cy", "ben", range(20))
    )
    assert story.said("one_sided_pair") == []


def test_somebody_who_gives_like_that_to_everybody_is_not_half_of_a_pair() -> None:
    story = generous()
    assert story.said("one_sided_pair") == []
    assert story.said("over_giver") == [(3, "entered", "ana"), (25, "left", "ana")]


def test_help_one_way_and_thanks_the_other_is_even() -> None:
    story = (
        Story(30)
        .often("ana", "ben", range(30), kind="help")
        .often("ben", "ana", range(30), kind="thanks", first=2)
    )
    assert [finding for week in story.replay() for finding in week.findings] == []


# People


def test_an_over_giver_is_asked_what_they_need() -> None:
    finding = generous().finding("over_giver", 5)
    text = "did 24 things for others and they did none for"
    chance = "4 people in all. If things were no worse than 3:2, chance would do this about once in 210,000."
    assert (
        told(finding, "person")
        == f"In the last 6 weeks you {text} you, {chance} Is there something you need?"
    )
    assert told(finding, "manager") == f"In the last 6 weeks Ana {text} Ana, {chance}"
    assert told(finding, "receiver") is None


def test_an_over_giver_who_gets_something_back_is_told_so() -> None:
    assert told(generous().finding("over_giver", 25), "person") == (
        "In the last 8 weeks you did 32 things for others and they did 24 for you. It is no longer one-sided."
    )


def test_an_over_giver_who_is_no_busier_than_the_others_is_left_alone() -> None:
    story = Story(30)
    for other in CROWD[1:]:
        story.often("ana", other, range(30))
    assert story.busy(CROWD[1:], times=2).said("over_giver") == []


def test_leaning_on_one_person_only_is_a_pair_and_not_a_person() -> None:
    story = Story(30).often("ana", "ben", range(30), times=2)
    for other in ("cy", "mia", "zed"):
        story.often("ana", other, range(0, 30, 3)).often(other, "ana", range(1, 30, 3))
    assert story.said("over_giver") == []
    assert story.said("one_sided_pair") == [(5, "entered", "ana ben")]


def test_mostly_receiving_is_said_to_that_person_only() -> None:
    story = mirrored(generous())
    assert story.said("mostly_receiving") == [(3, "entered", "ana"), (25, "left", "ana")]
    finding = story.finding("mostly_receiving", 5)
    assert told(finding, "person") == (
        "In the last 6 weeks others did 24 things for you and you did none for them, 4 people in all."
        " If things were no worse than 3:2, chance would do this about once in 210,000."
        " A small thank-you is a good way to start."
    )
    assert [told(finding, reader) for reader in ("manager", "giver", "receiver")] == [None, None, None]
    assert told(story.finding("mostly_receiving", 25), "person") == (
        "In the last 8 weeks others did 32 things for you and you did 24 for them. It is no longer one-sided."
    )


def test_newcomers_may_receive_for_six_weeks() -> None:
    story = mirrored(generous()).member("ana", joined=monday(0) - timedelta(days=7))
    assert story.said("mostly_receiving")[0] == (5, "entered", "ana")


# Unthanked helper


def test_help_is_unthanked_where_the_same_people_thank_others() -> None:
    story = forgotten()
    assert story.said("unthanked_helper") == [(4, "entered", "ana"), (30, "left", "ana")]
    finding = story.finding("unthanked_helper", 13)
    same = "other helpers of the same people would have been thanked about 39 times."
    assert told(finding, "person") == (
        f"In the last 14 weeks you helped 39 times and were not thanked; {same} Your help counts, said or not."
    )
    assert told(finding, "manager") == f"In the last 14 weeks Ana helped 39 times and was not thanked; {same}"
    assert told(story.finding("unthanked_helper", 30), "person") == (
        "In the last 12 weeks you helped 36 times, and 83% of it was thanked, much like other help here."
    )


def test_where_nobody_is_thanked_that_is_how_the_team_is() -> None:
    story = forgotten()
    story.acts = [act for act in story.acts if act[3] != "thanks"]
    assert story.said("unthanked_helper") == []


def test_help_known_only_from_thanks_says_nothing_about_being_thanked() -> None:
    story = forgotten()
    story.acts = [act for act in story.acts if not (act[1] == "zed" and act[3] == "help")]
    assert story.said("unthanked_helper") == []


# Isolated


def test_somebody_apart_is_invited_until_they_are_part_of_it() -> None:
    story = apart()
    assert story.said("isolated") == [(4, "entered", "ana"), (21, "left", "ana")]
    finding = story.finding("isolated", 5)
    assert told(finding, "person") == (
        "In your last 6 weeks here there were 2 gestures to or from you; for others it was about 36."
        " Is there somebody you would like to say hello to?"
    )
    assert told(finding, "manager") == (
        "In the last 6 weeks here there were 2 gestures to or from Ana; for others it was about 36."
    )
    assert told(story.finding("isolated", 21), "person") == (
        "In your last 8 weeks here there were 24 gestures to or from you. That is close to what others have."
    )


def test_somebody_away_is_not_isolated() -> None:
    story = apart()
    story.away.append(Away("ana", monday(1), monday(30)))
    assert story.said("isolated") == []


def test_on_a_quiet_team_nobody_is_isolated() -> None:
    story = Story(30).member("ana").often("ben", "cy", range(0, 30, 2)).often("cy", "zed", range(1, 30, 2))
    assert story.said("isolated") == []


def test_on_a_team_too_quiet_for_eight_weeks_sixteen_tell_who_is_apart() -> None:
    story = Story(20).member("ana")
    for place, one in enumerate(others := ["ben", "cy", "mia", "zed"]):
        story.often(one, others[place - 1], range(20))
    assert story.said("isolated") == [(8, "entered", "ana")]
    assert told(story.finding("isolated", 8), "person") == (
        "In your last 9 weeks here there were no gestures to or from you; for others it was about 18."
        " Is there somebody you would like to say hello to?"
    )


# Lost rhythm


def test_a_rhythm_is_lost_after_four_silent_weeks_and_back_with_the_first_gesture() -> None:
    story = silent()
    assert story.said("lost_rhythm_pair") == [(16, "entered", "ana ben"), (25, "left", "ana ben")]
    assert story.said("lost_rhythm_person") == [(16, "entered", "ana"), (25, "left", "ana")]
    quiet = "in 12 of 12 weeks; since then 4 weeks were quiet, which is quiet for longer than usual."
    pair = story.finding("lost_rhythm_pair", 16)
    assert told(pair, "giver") == f"You and Ben did something for each other {quiet}"
    assert told(pair, "receiver") == f"You and Ana did something for each other {quiet}"
    assert told(pair, "manager") == f"Ana and Ben did something for each other {quiet}"
    person = story.finding("lost_rhythm_person", 16)
    assert told(person, "person") == f"You did something for somebody {quiet}"
    assert told(person, "manager") == f"Ana did something for somebody {quiet}"
    assert told(story.finding("lost_rhythm_pair", 25), "giver") == (
        "After 12 weeks of quiet you and Ben did something for each other again."
    )
    assert told(story.finding("lost_rhythm_person", 25), "person") == (
        "After 12 weeks of quiet you did something for somebody again."
    )


def test_a_rhythm_lost_for_half_a_year_is_not_brought_up_again() -> None:
    story = Story(60).busy(("cy", "mia", "zed")).often("ana", "ben", range(13)).often("ben", "cy", range(60))
    assert story.said("lost_rhythm_pair") == [(16, "entered", "ana ben"), (38, "left", "ana ben")]
    assert told(story.finding("lost_rhythm_pair", 38), "giver") == (
        "There is little to say about you and Ben now, so this note rests."
    )


def test_weeks_away_are_not_silence() -> None:
    story = silent()
    for person in ("ana", "ben"):
        story.member(person)
    story.away.append(Away("ben", monday(13), monday(24)))
    story.weeks = 26
    assert story.said("lost_rhythm_pair") == []


def test_weeks_in_which_the_whole_team_rests_are_not_silence() -> None:
    story = silent()
    story.acts = [act for act in story.acts if not 13 <= act[0] // 7 < 17]
    assert story.said("lost_rhythm_pair")[0] == (20, "entered", "ana ben")


def test_a_pair_that_meets_now_and_then_has_no_rhythm_to_lose() -> None:
    story = Story(60).busy(("cy", "mia", "zed")).often("ana", "ben", [1, 9, 18, *range(27, 39, 2)])
    assert story.said("lost_rhythm_pair") == []


# Team


def test_help_is_concentrated_while_one_person_gives_most_of_it() -> None:
    story = leaning_on_ana()
    assert story.said("concentration") == [(3, "entered", "ana"), (24, "left", "ana")]
    assert told(story.finding("concentration", 13), "manager") == (
        "In the last 12 weeks 1 person of 5 gave 67% of the help, as if 2.1 people did all of it."
    )
    assert told(story.finding("concentration", 24), "manager") == (
        "In the last 12 weeks 1 person of 5 gave 25% of the help. It is spread more evenly now."
    )


def test_where_no_kind_says_help_every_gesture_counts_as_giving() -> None:
    story = leaning_on_ana()
    story.acts = [
        (day, giver, receiver, "kudos") for day, giver, receiver, kind in story.acts if kind == "help"
    ]
    assert story.said("concentration")[0] == (3, "entered", "ana")


def test_eight_people_may_lean_on_two() -> None:
    story = Story(20)
    for place, other in enumerate("abcdefg"):
        story.often("ana", other, range(20), kind="help").often("ben", other, range(20), kind="help")
        story.often(other, "ana", [place], kind="help")
    assert story.said("concentration") == [(3, "entered", "ana ben")]


def test_a_team_is_split_until_enough_passes_between_its_groups() -> None:
    story = divided()
    assert story.said("split_team") == [(3, "entered", "blue red"), (20, "left", "blue red")]
    assert told(story.finding("split_team", 13), "manager") == (
        "In the last 12 weeks none of 96 gestures passed between blue and red;"
        " if groups made no difference, it would be about 64."
    )
    assert told(story.finding("split_team", 20), "manager") == (
        "In the last 12 weeks 24 of 120 gestures passed between blue and red. There is more between them now."
    )


def test_a_small_team_may_need_half_a_year_to_be_seen_as_split() -> None:
    story = Story(30).member("ana", group="red").member("ben", group="red")
    story.member("cy", group="blue").member("mia", group="blue")
    story.often("ana", "ben", range(30)).often("cy", "mia", range(30))
    assert story.said("split_team") == [(18, "entered", "blue red")]
    assert told(story.finding("split_team", 25), "manager") == (
        "In the last 26 weeks none of 52 gestures passed between blue and red;"
        " if groups made no difference, it would be about 26."
    )


def test_a_team_that_declared_no_groups_is_never_split() -> None:
    story = divided()
    story.members.clear()
    assert story.said("split_team") == []


# What all have in common


def test_what_is_expected_rests_until_its_day_and_then_enters_anew() -> None:
    story = one_way(until=40)
    story.rests.append(Rest("one_sided_pair", ("ana", "ben"), monday(12), monday(24)))
    assert story.said("one_sided_pair") == [(10, "entered", "ana ben"), (24, "entered", "ana ben")]
    weeks = story.replay()
    assert all(not weeks[number].findings for number in range(12, 24))
    assert story.finding("one_sided_pair", 24).since == monday(24)


def test_what_evens_out_while_it_rests_is_not_brought_up_again() -> None:
    story = one_way()
    story.rests.append(Rest("one_sided_pair", ("ana", "ben"), monday(12), monday(30)))
    assert story.said("one_sided_pair") == [(10, "entered", "ana ben")]


def test_a_giver_expected_to_give_rests_with_everybody() -> None:
    story = one_way()
    story.rests.append(Rest("one_sided_pair", ("ana",), monday(0), monday(99)))
    assert story.said("one_sided_pair") == []
    story.rests[:] = [Rest("one_sided_pair", ("ben",), monday(0), monday(99))]
    assert len(story.said("one_sided_pair")) == 2


def test_below_every_floor_no_pattern_has_enough_to_say() -> None:
    week = evaluate(Story(3).often("ana", "ben", range(3)).history())
    assert week is not None
    assert (week.findings, week.told) == ((), frozenset())


def test_a_week_before_the_history_begins_has_nothing() -> None:
    assert evaluate(one_way().history(), through_week=monday(-1)) is None


def test_evaluating_a_week_gives_what_was_said_that_week() -> None:
    history = one_way().history()
    weeks = one_way().replay()
    assert [evaluate(history, monday(number)) for number in (5, 10, 24, 39)] == [
        weeks[n] for n in (5, 10, 24, 39)
    ]
    assert evaluate(history) == weeks[39]


@pytest.mark.parametrize(
    "story",
    [one_way, generous, forgotten, apart, silent, leaning_on_ana, divided],
    ids=lambda story: story.__name__,
)
def test_nobody_is_accused(story) -> None:  # type: ignore[no-untyped-def]
    sentences = [
        told(finding, reader) or ""
        for week in story().replay()
        for finding in week.findings
        for reader in ("giver", "receiver", "person", "manager")
    ]
    assert any(sentences)
    for sentence in filter(None, sentences):
        assert not {"taker", "ended", "never", "bad", "should", "fault", "lazy"} & set(
            sentence.lower().split()
        )
        assert sentence[0].isupper()
        assert sentence.endswith((".", "?"))
        assert len(sentence) < 260


def test_every_pattern_has_a_name_of_its_own_and_somebody_to_read_it() -> None:
    assert len({pattern.name for pattern in PATTERNS}) == len(PATTERNS) == 9
    assert all(pattern.readers for pattern in PATTERNS)
