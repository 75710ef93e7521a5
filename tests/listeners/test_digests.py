"""The digest's buttons and settings, as a person uses them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from slackapp.domain.asks import Ask
from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.policies import Policy, named_from
from slackapp.domain.preferences import Preferences
from slackapp.store import absences, asks, gestures, offers, people, policies, preferences, queue
from tests.conftest import UTC_ZONE
from tests.world import World, words


async def mine(world: World, user: str) -> Preferences:
    async with world.database.workspace(world.id) as db:
        return (await people.known(db, world.id, [user])).people[user].preferences


async def decided(world: World) -> Policy:
    async with world.database.workspace(world.id) as db:
        return await policies.of(db, world.id)


async def digest_for(
    world: World, user: str, *, kind: str = "help", giver: str = "", days_ago: int = 4
) -> dict[str, Any]:
    """A digest really delivered by the worker, today."""
    async with world.database.workspace(world.id) as db:
        acts = gestures_to(
            [user],
            giver=giver or world.ben,
            kind=kind,
            source=Source("test"),
            at=world.now() - timedelta(days=days_ago),
            tz=UTC_ZONE,
        )
        await gestures.record(db, world.id, acts, Mark("command"), world.now())
        local = world.now().astimezone((await people.known(db, world.id, [])).timezone)
        await preferences.put(
            db, world.id, user, Preferences(digest=True, digest_day=local.weekday(), digest_hour=0)
        )
        await queue.defer(db, queue.deliver_digests(world.id))
    await world.settle()
    (message,) = world.sandbox.messages(world.sandbox.dm(user))
    return message


async def test_the_thank_button_opens_the_form_with_the_helper_already_chosen(world: World) -> None:
    message = await digest_for(world, world.ana)
    assert "A late thank-you is still a good one." in words(message["blocks"])

    await world.sandbox.press(world.ana, message, "digest_thank")
    form = world.sandbox.modal(world.ana)
    assert form is not None
    assert form["title"]["text"] == "Give kudos"
    await world.sandbox.press(world.ana, form["id"], "people", selected=[world.ben])
    await world.sandbox.submit(world.ana, form["id"], {"note": "that saved my week"})
    await world.settle()
    assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}
    # The help was counted when it was given: late thanks add none.
    assert (await world.facts(world.ben)).balance.given_total == 1


async def test_whoever_thanks_late_reads_how_somebody_likes_to_be_thanked(world: World) -> None:
    message = await digest_for(world, world.ana)
    async with world.database.workspace(world.id) as db:
        await preferences.put(db, world.id, world.ben, Preferences(thanked="private"))

    await world.sandbox.press(world.ana, message, "digest_thank")

    form = world.sandbox.modal(world.ana)
    assert form is not None
    assert "*Ben* likes to be thanked in private." in words(form["blocks"])
    await world.sandbox.submit(world.ana, form["id"], {})
    assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}
    assert (await world.facts(world.ben)).balance.given_total == 1


async def test_checking_in_from_the_digest_is_answered_and_can_be_undone(world: World) -> None:
    async with world.database.workspace(world.id) as db:
        for weeks in range(3, 9):
            at = world.now() - timedelta(weeks=weeks)
            acts = gestures_to(
                [world.ben],
                giver=world.ana,
                kind="kudos",
                source=Source(f"test:{weeks}"),
                at=at,
                tz=UTC_ZONE,
            )
            await gestures.record(db, world.id, acts, Mark("command"), at)
    message = await digest_for(world, world.ana, kind="offer", giver=world.cy, days_ago=1)
    assert "“How are you doing?” is enough." in words(message["blocks"])

    await world.sandbox.press(world.ana, message, "check_in")
    assert ("ana", "ben", "check_in") in await world.standing()
    (answer,) = world.sandbox.ephemerals(world.ana)
    assert answer["text"] == "You checked in with Ben, and it counts. Not a word of it is kept."

    await world.sandbox.press(world.ana, answer, "undo_check_in")
    assert ("ana", "ben", "check_in") not in await world.standing()
    (answer,) = world.sandbox.ephemerals(world.ana)
    assert answer["text"] == "Undone. Your check-in with Ben is not counted."


async def test_pausing_and_stopping_work_from_the_message(world: World) -> None:
    message = await digest_for(world, world.ana)
    await world.sandbox.press(world.ana, message, "digest_pause")
    until = (await mine(world, world.ana)).digest_paused_until
    assert until is not None
    assert until - world.now().date() in {timedelta(weeks=4), timedelta(weeks=4, days=1)}
    said = world.sandbox.ephemerals(world.ana)[-1]["text"]
    assert said == f"Paused. The next digest comes after {until:%-d %B}."

    await world.sandbox.press(world.ana, message, "digest_stop")
    assert not (await mine(world, world.ana)).digest
    assert world.sandbox.ephemerals(world.ana)[-1]["text"].startswith("Stopped. No more digests")
    assert (await mine(world, world.ana)).digest_paused_until is None
    assert len(world.sandbox.messages(world.sandbox.dm(world.ana))) == 1


async def test_whoever_stopped_digests_reads_that_there_is_none_to_pause(world: World) -> None:
    message = await digest_for(world, world.ana)
    await world.sandbox.press(world.ana, message, "digest_stop")

    await world.sandbox.press(world.ana, message, "digest_pause")

    said = world.sandbox.ephemerals(world.ana)[-1]["text"]
    assert said == "You stopped digests, so none comes. You can ask for them again in Settings."
    assert (await mine(world, world.ana)).digest_paused_until is None


async def settings(world: World, user: str, **values: Any) -> dict[str, str]:
    await world.sandbox.open_home(user)
    await world.settle()
    home = world.sandbox.home(user)
    assert home is not None
    await world.sandbox.press(user, home["id"], "open_settings")
    await world.settle()
    form = world.sandbox.modal(user)
    assert form is not None
    errors = await world.sandbox.submit(user, form["id"], values)
    await world.settle()
    return errors


async def test_day_and_hour_are_ones_own_choice(world: World) -> None:
    assert await settings(world, world.ana, digest=["digest"], digest_day="4", digest_hour="16") == {}
    chosen = await mine(world, world.ana)
    assert (chosen.digest, chosen.digest_day, chosen.digest_hour) == (True, 4, 16)


async def test_a_pause_outlives_other_changes_until_it_is_ended_by_hand(world: World) -> None:
    message = await digest_for(world, world.ana)
    await world.sandbox.press(world.ana, message, "digest_pause")
    until = (await mine(world, world.ana)).digest_paused_until
    assert until is not None

    await settings(world, world.ana, need_now="A quiet afternoon")
    form = await mine(world, world.ana)
    assert (form.need_now, form.digest, form.digest_paused_until) == ("A quiet afternoon", True, until)

    await settings(world, world.ana, digest=["digest"])
    assert (await mine(world, world.ana)).digest_paused_until is None


async def test_being_away_is_remembered_with_its_first_day(world: World) -> None:
    last = (world.now() + timedelta(days=9)).date()
    await settings(world, world.ana, away_until=last.isoformat())
    async with world.database.workspace(world.id) as db:
        (absence,) = await absences.since(db, world.id, [world.ana], date(2026, 1, 1))
    assert absence.end == last
    assert absence.start <= world.now().date() + timedelta(days=1)


async def test_a_preview_says_what_would_come_and_sends_nothing(world: World) -> None:
    await world.sandbox.open_home(world.ana)
    home = world.sandbox.home(world.ana)
    assert home is not None
    await world.sandbox.press(world.ana, home["id"], "open_settings")
    await world.settle()
    form = world.sandbox.modal(world.ana)
    assert form is not None
    await world.sandbox.press(world.ana, form["id"], "preview_digest")
    await world.settle()

    shown = world.sandbox.modal(world.ana)
    assert shown is not None
    assert "There would be no digest this week" in words(shown["blocks"])
    assert world.sandbox.messages(world.sandbox.dm(world.ana)) == []


# What an admin decides


async def test_an_admin_decides_for_the_workspace_and_others_do_not_see_that_part(world: World) -> None:
    assert (
        await settings(world, world.mia, team_makers="anyone", floor="8", celebrate_channel=world.team) == {}
    )
    assert await decided(world) == Policy(team_makers="anyone", floor=8, celebrate_channel=world.team)

    with pytest.raises(LookupError):
        await settings(world, world.ana, team_makers="admins")
    assert await settings(world, world.ana, thanked="private") == {}
    assert (await decided(world)).team_makers == "anyone"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"floor": "4"},
            {
                "floor": "A whole number, 5 or more: with fewer people, figures would be about somebody in particular."
            },
        ),
        (
            {"floor": "٧"},
            {
                "floor": "A whole number, 5 or more: with fewer people, figures would be about somebody in particular."
            },
        ),
        (
            {"announce": "channel"},
            {"kudos_channel": "Choose the channel in which all kudos are posted, and invite Mutual to it."},
        ),
    ],
)
async def test_what_an_admin_got_wrong_is_said_where_it_is(
    world: World, values: dict[str, str], expected: dict[str, str]
) -> None:
    assert await settings(world, world.mia, **values) == expected
    assert await decided(world) == Policy()


async def test_names_are_announced_on_every_home_a_week_before_managers_see_them(world: World) -> None:
    await world.sandbox.open_home(world.zed)
    await settings(world, world.mia, naming="named")
    policy = await decided(world)
    today = world.now().astimezone(UTC).date()
    assert policy.named_from is not None
    assert timedelta(days=7) <= policy.named_from - today <= timedelta(days=8)
    assert not policy.names(policy.named_from - timedelta(days=1))
    assert policy.names(policy.named_from)
    home = world.sandbox.home(world.zed)
    assert home is not None
    assert f"*Something changes on {policy.named_from:%A, %-d %B}.*" in words(home["blocks"])

    await settings(world, world.mia, floor="6")  # choosing something else does not begin the week anew
    assert (await decided(world)).named_from == policy.named_from
    await settings(world, world.mia, naming="consent")
    home = world.sandbox.home(world.zed)
    assert home is not None
    assert "Something changes" not in words(home["blocks"])


def test_choosing_names_again_keeps_the_day_they_begin() -> None:
    day = datetime(2026, 3, 2, tzinfo=UTC).date()
    first = named_from(Policy(), "named", day)
    assert first == date(2026, 3, 9)
    before = Policy(naming="named", named_from=first)
    assert named_from(before, "named", date(2026, 3, 7)) == first
    assert named_from(before, "consent", date(2026, 3, 7)) is None


async def suggested_ask(world: World) -> Ask:
    """Cy's, which everybody here may read, and which a digest of Ana's would suggest today."""
    ask = Ask(
        uuid4(), world.cy, "Who knows the billing code?", "answer", None, world.team, (), "open", world.now()
    )
    async with world.database.workspace(world.id) as db:
        await asks.ask(db, world.id, ask)
        await asks.seen_by_all(db, world.id, ask.ask_id)
        local = world.now().astimezone((await people.known(db, world.id, [])).timezone)
        await preferences.put(
            db, world.id, world.ana, Preferences(digest=True, digest_day=local.weekday(), digest_hour=0)
        )
    return ask


async def digest_of_it(world: World) -> dict[str, Any]:
    async with world.database.workspace(world.id) as db:
        await queue.defer(db, queue.deliver_digests(world.id))
    await world.settle()
    (message,) = world.sandbox.messages(world.sandbox.dm(world.ana))
    return message


def shown(world: World) -> str:
    view = world.sandbox.modal(world.ana)
    return words(view["blocks"]) if view else ""


async def test_an_open_ask_is_answered_from_the_digest(world: World) -> None:
    ask = await suggested_ask(world)
    message = await digest_of_it(world)
    assert message["text"] == "Your week with Mutual. Cy still waits for a hand."

    await world.sandbox.press(world.ana, message, "can_help")
    await world.settle()
    async with world.database.workspace(world.id) as db:
        (offer,) = await offers.to_ask(db, world.id, ask.ask_id)
    assert offer.helper == world.ana


async def test_a_digest_leaves_the_words_of_an_ask_to_whoever_asks(world: World) -> None:
    """It was sent with the first words; whoever reads it later reads what stands then."""
    ask = await suggested_ask(world)
    message = await digest_of_it(world)
    assert "billing" not in words(message["blocks"])

    await world.sandbox.press(world.ana, message, "read_ask")
    assert ">Who knows the billing code?" in shown(world)
    async with world.database.workspace(world.id) as db:
        await asks.edit(
            db,
            world.id,
            ask.ask_id,
            asker=world.cy,
            words="Who knows the invoices?",
            kind="answer",
            by_when=None,
            now=world.now(),
        )
    await world.sandbox.press(world.ana, message, "read_ask")
    assert ">Who knows the invoices?" in shown(world)
    assert "billing" not in shown(world)

    async with world.database.workspace(world.id) as db:
        await asks.withdraw(db, world.id, ask.ask_id, asker=world.cy, now=world.now())
    await world.sandbox.press(world.ana, message, "read_ask")
    assert shown(world) == "Cy took this ask back. Thank you for wanting to help."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("state = 'closed'", "Cy is covered, and this ask is closed. Thank you for wanting to help."),
        ("is_public = false", "This ask went to a few people only. Thank you for wanting to help."),
    ],
)
async def test_an_ask_that_is_not_for_the_reader_any_more_is_not_read_from_a_digest(
    world: World, change: str, sentence: str
) -> None:
    await suggested_ask(world)
    message = await digest_of_it(world)
    async with world.database.workspace(world.id) as db:
        await db.execute(text(f"UPDATE asks SET {change}"))

    await world.sandbox.press(world.ana, message, "read_ask")

    assert shown(world) == sentence


async def test_whoever_has_offered_still_reads_what_was_asked(world: World) -> None:
    await suggested_ask(world)
    message = await digest_of_it(world)
    await world.sandbox.press(world.ana, message, "can_help")
    await world.settle()

    await world.sandbox.press(world.ana, message, "read_ask")

    assert ">Who knows the billing code?" in shown(world)
    assert "You have offered. I'll tell you when" in shown(world)
    assert "I can help" not in shown(world)


@pytest.mark.parametrize(
    ("action", "then"),
    [
        ("can_help", "Cy"),
        ("know_someone", "Who might be able to help? Only the person who asked hears of it."),
    ],
)
async def test_an_ask_is_read_and_answered_from_the_preview_which_lies_on_the_settings(
    world: World, action: str, then: str
) -> None:
    """Slack lays no fourth modal on three."""
    await suggested_ask(world)
    await world.sandbox.open_home(world.ana)
    home = world.sandbox.home(world.ana)
    assert home is not None
    await world.sandbox.press(world.ana, home["id"], "open_settings")
    await press_on_top(world, "preview_digest")
    assert "Cy still waits for a hand." in shown(world)
    assert "billing" not in shown(world)

    await press_on_top(world, "read_ask")
    assert ">Who knows the billing code?" in shown(world)

    await press_on_top(world, action)
    assert then in shown(world)
    assert "billing" not in shown(world)
    assert len(world.sandbox.workspace.stacks[world.ana]) == 3


async def press_on_top(world: World, action: str) -> None:
    await world.settle()
    view = world.sandbox.modal(world.ana)
    assert view is not None
    await world.sandbox.press(world.ana, view["id"], action)
    await world.settle()
