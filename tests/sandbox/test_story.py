"""The story holds what it promises, whatever the day it is told on."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from slackapp.sandbox import Sandbox
from slackapp.sandbox.story import ID, PEOPLE, history, populate

from .conftest import MANIFEST, SECRET

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
NAME = {user_id: handle for handle, user_id in ID.items()}
DAYS = [NOW + timedelta(days=n) for n in range(7)]


@pytest.mark.parametrize("now", DAYS, ids=lambda day: f"{day:%A}")
def test_the_patterns_are_there_on_every_day_of_the_week(now: datetime) -> None:
    told = history(now)
    assert 500 <= len(told) <= 700
    assert len({g.note for g in told}) >= 60
    assert {g.kind for g in told} == {"kudos", "thanks", "offer", "help", "check_in"}
    assert all(g.giver != g.receiver for g in told)
    assert now - timedelta(weeks=27) < told[0].moment < now - timedelta(weeks=24)
    assert now - timedelta(days=5) < told[-1].moment < now
    pair = Counter((NAME[g.giver], NAME[g.receiver]) for g in told)
    assert (pair["priya", "lars"], pair["lars", "priya"]) == (16, 1)
    gave, got = Counter(NAME[g.giver] for g in told), Counter(NAME[g.receiver] for g in told)
    assert gave["tomas"] > 4 * got["tomas"]
    assert got["sam"] >= 4
    assert 1 <= gave["sam"] <= 6
    between = [g.moment for g in told if {NAME[g.giver], NAME[g.receiver]} == {"ana", "kenji"}]
    assert len(between) >= 25
    assert max(between) < now - timedelta(weeks=7)
    thanked = Counter(NAME[g.receiver] for g in told if g.kind == "thanks")
    assert thanked["chloe"] <= 1
    assert gave["chloe"] >= 40


def test_the_same_moment_gives_the_same_story() -> None:
    assert history(NOW) == history(NOW.timestamp())
    assert len({(g.giver, g.receiver, g.kind, g.moment) for g in history(NOW)}) == len(history(NOW))


def test_a_check_in_has_no_words_and_only_public_gestures_a_place() -> None:
    for gesture in history(NOW):
        assert (gesture.note == "") == (gesture.kind == "check_in")
        assert (gesture.visibility == "channel") == (gesture.channel is not None) == (gesture.ts is not None)


def test_a_sandbox_is_filled_with_it() -> None:
    sandbox = Sandbox(MANIFEST, SECRET)
    populate(sandbox, NOW)
    assert {p.id for p in PEOPLE} <= set(sandbox.workspace.users)
    for gesture in history(NOW):
        if gesture.channel and gesture.ts:
            message = sandbox.workspace.channels[gesture.channel].messages[gesture.ts]
            assert message["user"] == gesture.giver
            assert f"<@{gesture.receiver}>" in message["text"]
            assert gesture.giver in sandbox.workspace.channels[gesture.channel].members
    said = [m for c in sandbox.workspace.channels.values() for m in c.messages.values()]
    assert all(float(m["ts"]) < NOW.timestamp() for m in said)
    assert any(m.get("reply_count") for m in said)
    assert any(m.get("reactions") for m in said)
    everyone = {
        user["id"]: user for user in map(sandbox.workspace.user_json, sandbox.workspace.users.values())
    }
    assert everyone[ID["oleks"]]["deleted"]
    assert everyone[ID["rita"]]["is_stranger"]
    assert everyone[ID["eva"]]["is_restricted"]
    assert everyone[ID["shipit"]]["is_bot"]
    assert everyone[ID["zofia"]]["is_admin"]
