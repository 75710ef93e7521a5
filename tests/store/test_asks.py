"""Ask, offer, help, thanks: one chain against a real PostgreSQL, each step done twice, and two people at once."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.asks import MOST_LISTED, OPEN_FOR, Ask, ask_id_of, offer_id_of
from slackapp.domain.gestures import Gesture, Mark, Source, gestures_to, message_source
from slackapp.store import asks, gestures, offers, people
from slackapp.store.database import Database
from slackapp.store.offers import Step
from tests.conftest import CAST, NOW, UTC_ZONE
from tests.store.test_gestures import standing

DAY = NOW.date()
LATER = NOW + timedelta(hours=3)
OFFER = ("U0BEN", "U0ANA", "offer")
HELP = ("U0BEN", "U0ANA", "help")
THANKS = ("U0ANA", "U0BEN", "thanks")


def wanted(workspace_id: str, **changes: object) -> Ask:
    asked = Ask(
        ask_id_of(workspace_id, "view:1"),
        "U0ANA",
        "Somebody to read my outline",
        "eyes",
        None,
        "C0TEAM",
        (),
        "open",
        NOW,
    )
    return replace(asked, **changes)  # type: ignore[arg-type]


def thanks(source: str = "command:1", *, giver: str = "U0ANA", to: str = "U0BEN") -> list[Gesture]:
    return gestures_to([to], giver=giver, kind="thanks", source=Source(source), at=LATER, tz=UTC_ZONE)


class Chain:
    """Ana's ask in one workspace, and what people do with it."""

    def __init__(self, database: Database, workspace_id: str) -> None:
        self.database, self.id = database, workspace_id
        self.ask = wanted(workspace_id)

    async def asked(self) -> bool:
        async with self.database.workspace(self.id) as db:
            return await asks.ask(db, self.id, self.ask)

    async def offered(self, helper: str = "U0BEN") -> Step | None:
        async with self.database.workspace(self.id) as db:
            return await offers.offer(db, self.id, self.ask, helper=helper, now=NOW, day=DAY)

    async def step(self, what: str, by: str, helper: str = "U0BEN") -> Step | None:
        offer_id = offer_id_of(self.id, helper, self.ask.ask_id)
        async with self.database.workspace(self.id) as db:
            return await offers.step(db, self.id, offer_id, what, by=by, now=LATER)

    async def said(self, given: list[Gesture], mark: Mark = Mark("command")) -> int:
        async with self.database.workspace(self.id) as db:
            return len(await gestures.record(db, self.id, given, mark, LATER))

    async def closed(self) -> Ask | None:
        async with self.database.workspace(self.id) as db:
            return await asks.close(db, self.id, self.ask.ask_id, asker="U0ANA", now=LATER)

    async def counts(self) -> set[tuple[str, str, str]]:
        return await standing(self.database, self.id)


@pytest.fixture
async def chain(database: Database, workspace_id: str) -> Chain:
    made = Chain(database, workspace_id)
    await made.asked()
    return made


async def test_the_same_form_sent_twice_is_one_ask(chain: Chain) -> None:
    assert not await chain.asked()


async def test_an_offer_counts_as_an_offer_and_pressing_twice_is_pressing_once(chain: Chain) -> None:
    assert await chain.offered() is not None
    assert await chain.offered() is None

    assert await chain.counts() == {OFFER}


async def test_an_offer_that_became_help_counts_once_as_help(chain: Chain) -> None:
    await chain.offered()
    assert await chain.step("accept", "U0ANA")

    assert await chain.step("confirm", "U0ANA")
    assert await chain.step("confirm", "U0ANA") is None

    assert await chain.counts() == {HELP}


async def test_help_does_not_count_because_the_helper_says_so(chain: Chain) -> None:
    await chain.offered()

    assert await chain.step("claim", "U0BEN")

    assert await chain.step("confirm", "U0BEN") is None
    assert await chain.counts() == {OFFER}


async def test_declining_costs_nobody_anything(chain: Chain) -> None:
    await chain.offered()

    assert await chain.step("decline", "U0ANA")

    assert await chain.counts() == {OFFER}


@pytest.mark.parametrize("before", ["declined", "expired"])
async def test_no_yes_is_said_about_an_ask_that_was_taken_back(chain: Chain, before: str) -> None:
    await chain.offered()
    async with chain.database.workspace(chain.id) as db:
        if before == "expired":
            await offers.expire(db, chain.id, NOW + OPEN_FOR + timedelta(hours=1))
        await asks.withdraw(db, chain.id, chain.ask.ask_id, asker="U0ANA", now=LATER)

    assert await chain.step("accept", "U0ANA") is None
    assert await chain.counts() == {OFFER}


async def test_a_step_belongs_to_one_side_only(chain: Chain) -> None:
    await chain.offered()

    for what in ("accept", "decline", "confirm", "claim", "take_back"):
        assert await chain.step(what, "U0ZED") is None
    for what in ("accept", "decline", "confirm"):
        assert await chain.step(what, "U0BEN") is None
    for what in ("claim", "take_back"):
        assert await chain.step(what, "U0ANA") is None


async def test_several_helpers_are_all_counted(chain: Chain) -> None:
    for helper in ("U0BEN", "U0CY"):
        await chain.offered(helper)
        await chain.step("confirm", "U0ANA", helper)

    assert await chain.counts() == {HELP, ("U0CY", "U0ANA", "help")}


async def test_an_offer_taken_back_counts_nothing_and_can_be_made_again(chain: Chain) -> None:
    await chain.offered()
    await chain.step("take_back", "U0BEN")
    assert await chain.counts() == set()

    await chain.offered()
    assert await chain.counts() == {OFFER}


async def test_what_helped_cannot_be_taken_back_by_the_helper(chain: Chain) -> None:
    await chain.offered()
    await chain.step("confirm", "U0ANA")

    assert await chain.step("take_back", "U0BEN") is None


async def test_this_helped_can_be_undone(chain: Chain) -> None:
    await chain.offered()
    await chain.step("confirm", "U0ANA")

    await chain.step("unconfirm", "U0ANA")

    assert await chain.counts() == {OFFER}


class TestThanks:
    async def test_thanks_that_arrive_another_way_belong_to_the_open_offer(self, chain: Chain) -> None:
        await chain.offered()
        await chain.step("accept", "U0ANA")

        await chain.said(thanks())

        assert await chain.counts() == {HELP, THANKS}
        assert await chain.said(thanks()) == 0

    async def test_this_helped_and_thanks_are_one_help_in_either_order(self, chain: Chain) -> None:
        await chain.offered()
        await chain.said(thanks())
        await chain.step("confirm", "U0ANA")
        await chain.said(thanks("command:2"))

        async with chain.database.workspace(chain.id) as db:
            tallies = await gestures.tallies(db, chain.id, "U0ANA", DAY)
        helped = sum(t.count for t in tallies if t.kind == "help" and not t.given)
        assert helped == 1

    async def test_undone_thanks_leave_the_offer_as_it_was(self, chain: Chain) -> None:
        await chain.offered()
        await chain.said(thanks())

        async with chain.database.workspace(chain.id) as db:
            await gestures.retract(db, chain.id, "command:1", giver="U0ANA", now=LATER)

        assert await chain.counts() == {OFFER}

    async def test_undone_thanks_leave_help_that_a_button_confirmed(self, chain: Chain) -> None:
        await chain.offered()
        await chain.said(thanks())
        await chain.step("confirm", "U0ANA")

        async with chain.database.workspace(chain.id) as db:
            await gestures.retract(db, chain.id, "command:1", giver="U0ANA", now=LATER)

        assert await chain.counts() == {HELP}

    async def test_put_back_they_belong_to_the_offer_again(self, chain: Chain) -> None:
        await chain.offered()
        await chain.said(thanks())
        async with chain.database.workspace(chain.id) as db:
            await gestures.retract(db, chain.id, "command:1", giver="U0ANA", now=LATER)
            await gestures.restore(db, chain.id, "command:1", giver="U0ANA", now=LATER)

        assert await chain.counts() == {HELP, THANKS}

    async def test_a_reaction_taken_away_and_given_again_keeps_to_its_offer(self, chain: Chain) -> None:
        await chain.offered()
        reacted = [replace(said, source=message_source("C0TEAM", "17.1")) for said in thanks()]
        for at, on in enumerate((True, False, True)):
            await chain.said(reacted, Mark("pray", on, float(at)))

        assert await chain.counts() == {HELP, THANKS}

    async def test_not_for_help_is_believed_and_can_be_changed_back(self, chain: Chain) -> None:
        await chain.offered()
        await chain.said(thanks())

        async with chain.database.workspace(chain.id) as db:
            await gestures.retract(db, chain.id, "command:1", giver="U0ANA", now=LATER, kind="help")
        assert await chain.counts() == {OFFER, THANKS}
        assert await chain.said(thanks()) == 0

        async with chain.database.workspace(chain.id) as db:
            await gestures.restore(db, chain.id, "command:1", giver="U0ANA", now=LATER, kind="help")
        assert await chain.counts() == {HELP, THANKS}

    async def test_not_for_help_leaves_thanks_with_help_that_a_button_confirmed(self, chain: Chain) -> None:
        await chain.offered()
        await chain.step("confirm", "U0ANA")
        await chain.said(thanks())

        async with chain.database.workspace(chain.id) as db:
            changed = await gestures.retract(db, chain.id, "command:1", giver="U0ANA", now=LATER, kind="help")
            (said,) = await gestures.of_source(db, chain.id, "command:1", "U0ANA")
            waiting = await offers.going_on(db, chain.id, "U0ANA", LATER)

        assert changed == []
        assert (said.helped, said.confirmed) == (True, True)
        assert waiting == []
        assert await chain.counts() == {HELP, THANKS}

    async def test_for_help_after_the_offer_is_gone_proves_its_own(self, chain: Chain) -> None:
        await chain.offered()
        await chain.said(thanks())
        async with chain.database.workspace(chain.id) as db:
            await gestures.retract(db, chain.id, "command:1", giver="U0ANA", now=LATER, kind="help")
        await chain.step("take_back", "U0BEN")

        async with chain.database.workspace(chain.id) as db:
            await gestures.restore(db, chain.id, "command:1", giver="U0ANA", now=LATER, kind="help")

        assert await chain.counts() == {HELP, THANKS}

    async def test_thanks_on_another_day_are_for_something_else(self, chain: Chain) -> None:
        await chain.offered()
        await chain.said(thanks())
        tomorrow = [
            replace(said, day=DAY + timedelta(days=1), happened_at=LATER + timedelta(days=1))
            for said in thanks("command:2")
        ]

        await chain.said(tomorrow)

        async with chain.database.workspace(chain.id) as db:
            tallies = await gestures.tallies(db, chain.id, "U0ANA", DAY)
        assert sum(t.count for t in tallies if t.kind == "help") == 2

    async def test_thanks_after_a_week_prove_their_own_help(self, chain: Chain) -> None:
        await chain.offered()
        late = [replace(said, happened_at=NOW + timedelta(days=7, seconds=1)) for said in thanks()]

        await chain.said(late)

        assert await chain.counts() == {OFFER, HELP, THANKS}

    async def test_thanks_the_other_way_round_do_not_belong(self, chain: Chain) -> None:
        await chain.offered()

        await chain.said(thanks(giver="U0BEN", to="U0ANA"))

        assert await chain.counts() == {OFFER, ("U0BEN", "U0ANA", "thanks"), ("U0ANA", "U0BEN", "help")}

    async def test_a_helper_named_after_being_thanked_is_not_counted_twice(self, chain: Chain) -> None:
        await chain.said(thanks())

        async with chain.database.workspace(chain.id) as db:
            named = await offers.name_helper(db, chain.id, chain.ask, helper="U0BEN", now=LATER, day=DAY)
            other = await offers.name_helper(db, chain.id, chain.ask, helper="U0CY", now=LATER, day=DAY)

        assert named is None
        assert other is not None
        assert await chain.counts() == {HELP, THANKS, ("U0CY", "U0ANA", "help")}

    async def test_nobody_undoes_an_offer_through_the_buttons_of_kudos(self, chain: Chain) -> None:
        made = await chain.offered()
        assert made is not None

        async with chain.database.workspace(chain.id) as db:
            source = made.offer.source.key
            assert await gestures.restore(db, chain.id, source, giver="U0BEN", now=LATER) == []
            assert await gestures.retract(db, chain.id, source, giver="U0BEN", now=LATER) == []

        assert await chain.counts() == {OFFER}


class TestNaming:
    async def named(self, chain: Chain) -> Step | None:
        async with chain.database.workspace(chain.id) as db:
            return await offers.name_helper(db, chain.id, chain.ask, helper="U0BEN", now=LATER, day=DAY)

    async def test_who_is_named_by_mistake_has_offered_nothing(self, chain: Chain) -> None:
        await self.named(chain)
        assert await chain.counts() == {HELP}

        undone = await chain.step("unconfirm", "U0ANA")

        assert undone is not None
        assert undone.offer.stage == "undone"
        assert await chain.counts() == set()
        for step, by in (("accept", "U0ANA"), ("confirm", "U0ANA"), ("claim", "U0BEN")):
            assert await chain.step(step, by) is None

    @pytest.mark.parametrize(
        ("step", "by", "counted"),
        [
            ("accept", "U0ANA", {OFFER}),
            ("decline", "U0ANA", {OFFER}),
            ("take_back", "U0BEN", set()),
        ],
    )
    async def test_an_offer_that_was_made_is_again_what_it_was(
        self, chain: Chain, step: str, by: str, counted: set[tuple[str, str, str]]
    ) -> None:
        await chain.offered()
        before = await chain.step(step, by)
        await self.named(chain)
        assert await chain.counts() == {HELP}

        undone = await chain.step("unconfirm", "U0ANA")

        assert before is not None
        assert undone is not None
        assert undone.offer == before.offer
        assert await chain.counts() == counted

    async def test_thanks_belong_to_help_that_was_named(self, chain: Chain) -> None:
        await self.named(chain)
        await chain.said(thanks())

        assert await chain.counts() == {HELP, THANKS}

    async def test_who_was_named_by_mistake_may_be_named_again_and_may_offer(self, chain: Chain) -> None:
        await self.named(chain)
        await chain.step("unconfirm", "U0ANA")
        assert await self.named(chain)
        assert await chain.counts() == {HELP}
        assert await chain.offered() is None

        await chain.step("unconfirm", "U0ANA")
        assert await chain.offered()
        assert await chain.counts() == {OFFER}

    async def test_who_is_named_is_not_asked_again_where_the_ask_is_open(self, chain: Chain) -> None:
        await self.named(chain)
        async with chain.database.workspace(chain.id) as db:
            await asks.seen_by_all(db, chain.id, chain.ask.ask_id)
            assert await asks.answerable(db, chain.id, "U0BEN", now=LATER) == []
            also = await asks.also_ask(
                db, chain.id, chain.ask.ask_id, asker="U0ANA", other="U0BEN", now=LATER
            )
        assert also is None


class TestClosing:
    async def test_a_closed_ask_takes_no_offer(self, chain: Chain) -> None:
        await chain.closed()

        assert await chain.offered() is None
        assert await chain.closed() is None

    async def test_closing_answers_those_who_wait(self, chain: Chain) -> None:
        await chain.offered()
        await chain.closed()

        async with chain.database.workspace(chain.id) as db:
            (offer,) = await offers.to_ask(db, chain.id, chain.ask.ask_id)
        assert offer.stage == "declined"

    async def test_it_can_be_opened_again(self, chain: Chain) -> None:
        await chain.closed()
        async with chain.database.workspace(chain.id) as db:
            assert await asks.reopen(db, chain.id, chain.ask.ask_id, asker="U0ANA", now=LATER)

        assert await chain.offered() is not None

    async def test_whoever_got_a_kind_no_by_closing_waits_again_and_whoever_was_declined_does_not(
        self, chain: Chain
    ) -> None:
        await chain.offered("U0BEN")
        await chain.offered("U0CY")
        async with chain.database.workspace(chain.id) as db:
            declined = offer_id_of(chain.id, "U0CY", chain.ask.ask_id)
            await offers.step(db, chain.id, declined, "decline", by="U0ANA", now=NOW + timedelta(minutes=1))
        await chain.closed()
        async with chain.database.workspace(chain.id) as db:
            at = LATER + timedelta(minutes=1)
            await asks.reopen(db, chain.id, chain.ask.ask_id, asker="U0ANA", now=at)
            found = await offers.to_ask(db, chain.id, chain.ask.ask_id)

        assert {offer.helper: offer.stage for offer in found} == {"U0BEN": "pending", "U0CY": "declined"}

    async def test_only_the_asker_changes_it(self, chain: Chain) -> None:
        async with chain.database.workspace(chain.id) as db:
            for change in (asks.close, asks.reopen, asks.withdraw):
                assert await change(db, chain.id, chain.ask.ask_id, asker="U0BEN", now=LATER) is None

    async def test_a_withdrawn_ask_has_no_text_left(self, chain: Chain) -> None:
        async with chain.database.workspace(chain.id) as db:
            gone = await asks.withdraw(db, chain.id, chain.ask.ask_id, asker="U0ANA", now=LATER)
            again = await asks.withdraw(db, chain.id, chain.ask.ask_id, asker="U0ANA", now=LATER)

        assert gone is not None
        assert gone.text is None
        assert again is None

    async def test_an_offer_while_it_is_being_closed_waits_and_finds_it_closed(self, chain: Chain) -> None:
        async with chain.database.workspace(chain.id) as db:
            await asks.close(db, chain.id, chain.ask.ask_id, asker="U0ANA", now=LATER)
            pressed = asyncio.create_task(chain.offered())
            await asyncio.sleep(0.05)
            assert not pressed.done()

        assert await pressed is None
        assert await chain.counts() == set()

    async def test_two_that_are_closed_at_once_with_the_same_helpers_wait_for_each_other_in_turn(
        self, chain: Chain
    ) -> None:
        """Each names whoever waits for an answer to the other."""
        other = replace(chain.ask, ask_id=ask_id_of(chain.id, "view:2"))
        async with chain.database.workspace(chain.id) as db:
            await asks.ask(db, chain.id, other)
            await offers.offer(db, chain.id, chain.ask, helper="U0BEN", now=NOW, day=DAY)
            await offers.offer(db, chain.id, other, helper="U0CY", now=NOW, day=DAY)

        async def name(db: AsyncConnection, ask: Ask, helper: str) -> None:
            assert await offers.name_helper(db, chain.id, ask, helper=helper, now=LATER, day=DAY)

        async def close(db: AsyncConnection, ask: Ask, helper: str) -> None:
            await asks.close(db, chain.id, ask.ask_id, asker="U0ANA", now=LATER, helpers=[helper])

        async def close_the_other() -> None:
            async with chain.database.workspace(chain.id) as db:
                await close(db, other, "U0BEN")
                await name(db, other, "U0BEN")

        async with chain.database.workspace(chain.id) as db:
            await close(db, chain.ask, "U0CY")
            sent = asyncio.create_task(close_the_other())
            await asyncio.sleep(0.1)
            await name(db, chain.ask, "U0CY")
        await sent

    async def test_an_offer_with_which_something_is_being_done_expires_the_next_time(
        self, chain: Chain
    ) -> None:
        await chain.offered()
        late = NOW + OPEN_FOR + timedelta(days=1)
        offer_id = offer_id_of(chain.id, "U0BEN", chain.ask.ask_id)
        async with chain.database.workspace(chain.id) as db:
            await offers.step(db, chain.id, offer_id, "claim", by="U0BEN", now=late)
            async with chain.database.workspace(chain.id) as nightly:
                assert await offers.expire(nightly, chain.id, late) == []
            await offers.step(db, chain.id, offer_id, "not_yet", by="U0ANA", now=NOW)
        async with chain.database.workspace(chain.id) as nightly:
            assert await offers.expire(nightly, chain.id, late) == [offer_id]

    async def test_offers_of_one_person_at_once_are_one_ask_after_ask(self, chain: Chain) -> None:
        for number in range(60):
            chain.ask = wanted(chain.id, ask_id=ask_id_of(chain.id, f"view:{number + 2}"))
            await chain.asked()
            pressed = await asyncio.gather(*(chain.offered() for _ in range(9)))
            assert sum(step is not None for step in pressed) == 1

    async def test_two_presses_at_once_are_one(self, chain: Chain) -> None:
        pressed = await asyncio.gather(*(chain.offered() for _ in range(6)))
        assert sum(step is not None for step in pressed) == 1

        helped = await asyncio.gather(
            *(chain.step("confirm", "U0ANA") for _ in range(3)), *(chain.said(thanks()) for _ in range(3))
        )
        assert sum(isinstance(step, Step) for step in helped) == 1
        assert await chain.counts() == {HELP, THANKS}


async def test_an_ask_to_chosen_people_takes_no_offer_from_others(
    database: Database, workspace_id: str
) -> None:
    made = Chain(database, workspace_id)
    made.ask = wanted(workspace_id, channel_id=None, people=("U0CY",))
    await made.asked()

    assert await made.offered("U0BEN") is None
    assert await made.offered("U0CY") is not None


async def test_offers_that_wait_a_week_are_over_silently(chain: Chain) -> None:
    await chain.offered()
    async with chain.database.workspace(chain.id) as db:
        soon = await offers.expire(db, chain.id, NOW + timedelta(days=6))
        due = await offers.expire(db, chain.id, NOW + timedelta(days=8))
        again = await offers.expire(db, chain.id, NOW + timedelta(days=8))

    assert (len(soon), len(due), len(again)) == (0, 1, 0)
    assert await chain.counts() == {OFFER}


class TestGoingOn:
    """What Home shows of help on its way, and for how long."""

    async def seen(self, chain: Chain, user: str, now: datetime) -> list[str]:
        async with chain.database.workspace(chain.id) as db:
            return [offer.stage for offer in await offers.going_on(db, chain.id, user, now)]

    async def test_an_offer_without_an_answer_is_shown_for_a_week(self, chain: Chain) -> None:
        await chain.offered()

        assert await self.seen(chain, "U0BEN", NOW + timedelta(days=6)) == ["pending"]
        assert await self.seen(chain, "U0BEN", NOW + timedelta(days=8)) == []

    @pytest.mark.parametrize("what", [("accept", "U0ANA"), ("claim", "U0BEN")])
    async def test_help_that_waits_for_a_next_step_stays(self, chain: Chain, what: tuple[str, str]) -> None:
        await chain.offered()
        await chain.step(*what)

        for user in ("U0ANA", "U0BEN"):
            assert len(await self.seen(chain, user, LATER + timedelta(weeks=5))) == 1
            assert await self.seen(chain, user, LATER + timedelta(weeks=7)) == []

    async def test_help_that_still_lacks_a_word_of_thanks_is_shown_to_the_one_who_was_helped(
        self, chain: Chain
    ) -> None:
        await chain.offered()
        await chain.step("confirm", "U0ANA")

        assert await self.seen(chain, "U0ANA", LATER + timedelta(days=6)) == ["helped"]
        assert await self.seen(chain, "U0BEN", LATER + timedelta(days=6)) == []
        assert await self.seen(chain, "U0ANA", LATER + timedelta(days=8)) == []

    async def test_thanks_that_came_later_say_that_it_is_over(self, chain: Chain) -> None:
        await chain.offered()
        await chain.step("accept", "U0ANA")
        late = LATER + timedelta(days=9)
        await chain.said([replace(said, happened_at=late, day=late.date()) for said in thanks()])

        assert await self.seen(chain, "U0ANA", late) == []

    async def test_nothing_waits_for_somebody_who_left(self, chain: Chain, database: Database) -> None:
        await chain.offered()
        await chain.step("accept", "U0ANA")
        async with database.workspace(chain.id) as db:
            await people.put(db, chain.id, [replace(CAST["U0BEN"], is_deactivated=True)], LATER)

        assert await self.seen(chain, "U0ANA", LATER) == []

    async def test_what_waits_for_me_comes_first_and_then_the_latest(self, chain: Chain) -> None:
        for number, helper in enumerate(("U0BEN", "U0CY", "U0ZED")):
            async with chain.database.workspace(chain.id) as db:
                at = NOW + timedelta(minutes=number)
                await offers.offer(db, chain.id, chain.ask, helper=helper, now=at, day=DAY)
        await chain.step("accept", "U0ANA", "U0ZED")

        async with chain.database.workspace(chain.id) as db:
            found = await offers.going_on(db, chain.id, "U0ANA", LATER)
        assert [offer.helper for offer in found] == ["U0CY", "U0BEN", "U0ZED"]

    async def test_each_comes_with_what_it_is_about(self, chain: Chain) -> None:
        await chain.offered()
        async with chain.database.workspace(chain.id) as db:
            await offers.offer_unasked(
                db,
                chain.id,
                "view:9",
                helper="U0ANA",
                receiver="U0BEN",
                words="an hour",
                now=LATER,
                day=DAY,
            )
            ben = await asks.at_home(db, chain.id, CAST["U0BEN"], LATER, DAY)

        assert sorted(ben.about.values()) == ["Somebody to read my outline", "an hour"]


async def test_nobody_says_yes_to_somebody_who_left(chain: Chain, database: Database) -> None:
    await chain.offered()
    async with database.workspace(chain.id) as db:
        await people.put(db, chain.id, [replace(CAST["U0BEN"], is_deactivated=True)], LATER)
        await asks.close_all(db, chain.id, ["U0BEN"], LATER)

    assert await chain.step("accept", "U0ANA") is None


async def test_what_is_said_again_after_it_was_taken_back_is_what_is_said_now(chain: Chain) -> None:
    """Neither old words nor old readers come back with it."""
    await chain.offered()
    first = [replace(said, note="first words", visibility="channel") for said in thanks("thanks:1")]
    again = [replace(said, note=None, visibility="private") for said in thanks("thanks:1")]
    async with chain.database.workspace(chain.id) as db:
        await gestures.record(db, chain.id, first, Mark("form", at=1.0), LATER)
        await gestures.retract(db, chain.id, "thanks:1", giver="U0ANA", now=LATER)
        at = LATER + timedelta(seconds=9)
        await gestures.record(db, chain.id, again, Mark("form", at=at.timestamp()), at)
        (found,) = await gestures.of_source(db, chain.id, "thanks:1", "U0ANA")

    assert (found.stands, found.note, found.visibility) == (True, None, "private")


async def test_who_leaves_leaves_no_open_ask_behind(chain: Chain) -> None:
    await chain.offered()
    async with chain.database.workspace(chain.id) as db:
        offer_id = offer_id_of(chain.id, "U0BEN", chain.ask.ask_id)
        assert await asks.close_all(db, chain.id, ["U0ANA"], LATER) == ([chain.ask.ask_id], [offer_id])
        assert await asks.close_all(db, chain.id, ["U0ANA"], LATER) == ([], [])


async def test_nobody_is_asked_for_what_was_needed_by_a_day_that_is_over(
    database: Database, workspace_id: str
) -> None:
    made = Chain(database, workspace_id)
    made.ask = wanted(workspace_id, by_when=DAY)
    await made.asked()
    async with database.workspace(workspace_id) as db:
        await asks.seen_by_all(db, workspace_id, made.ask.ask_id)

        async def shown(days: int) -> list[int]:
            now = NOW + timedelta(days=days)
            return [
                len(await asks.answerable(db, workspace_id, "U0BEN", now=now)),
                len(await asks.in_channel(db, workspace_id, "C0TEAM", now=now)),
                len(await asks.own(db, workspace_id, "U0ANA", now=now)),
            ]

        assert [await shown(days) for days in (0, 1, 2)] == [[1, 1, 1], [1, 1, 1], [0, 0, 1]]


async def test_people_see_asks_they_could_answer_and_no_others(chain: Chain) -> None:
    private = wanted(
        chain.id, ask_id=ask_id_of(chain.id, "view:2"), channel_id=None, people=("U0CY",), asked_at=LATER
    )
    async with chain.database.workspace(chain.id) as db:
        await asks.ask(db, chain.id, private)
        before = await asks.answerable(db, chain.id, "U0ZED", now=LATER)
        await asks.seen_by_all(db, chain.id, chain.ask.ask_id)
        cy = await asks.answerable(db, chain.id, "U0CY", now=LATER)
        zed = await asks.answerable(db, chain.id, "U0ZED", now=LATER)
        own = await asks.answerable(db, chain.id, "U0ANA", now=LATER)
        read = {
            user: [
                ask.ask_id
                for ask in (chain.ask, private)
                if await asks.readable(db, chain.id, ask.ask_id, user)
            ]
            for user in ("U0ANA", "U0CY", "U0ZED")
        }

    assert read == {"U0ANA": [], "U0CY": [chain.ask.ask_id, private.ask_id], "U0ZED": [chain.ask.ask_id]}
    assert before == []
    assert [found.ask_id for found in cy] == [private.ask_id, chain.ask.ask_id]
    assert [found.ask_id for found in zed] == [chain.ask.ask_id]
    assert own == []


async def test_a_list_is_given_one_ask_more_than_it_shows(database: Database, workspace_id: str) -> None:
    async with database.workspace(workspace_id) as db:
        for number in range(MOST_LISTED + 5):
            await asks.ask(
                db, workspace_id, wanted(workspace_id, ask_id=ask_id_of(workspace_id, f"view:{number}"))
            )

        assert len(await asks.in_channel(db, workspace_id, "C0TEAM", now=NOW)) == MOST_LISTED + 1


@pytest.mark.parametrize("steps", [["accept"], ["confirm"], ["confirm", "unconfirm"], []])
async def test_an_ask_with_help_on_its_way_is_open_to_all_and_waits_for_nobody(
    chain: Chain, steps: list[str]
) -> None:
    async def shown(waiting: bool) -> int:
        async with chain.database.workspace(chain.id) as db:
            return len(await asks.answerable(db, chain.id, "U0ZED", now=LATER, waiting=waiting))

    async with chain.database.workspace(chain.id) as db:
        await asks.seen_by_all(db, chain.id, chain.ask.ask_id)
    await chain.offered()
    assert (await shown(True), await shown(False)) == (1, 1)

    if steps:
        for step in steps:
            assert await chain.step(step, "U0ANA")
    else:
        await chain.said(thanks())

    assert (await shown(True), await shown(False)) == (0, 1)


async def test_an_ask_whose_help_was_taken_back_waits_again(chain: Chain) -> None:
    async with chain.database.workspace(chain.id) as db:
        await asks.seen_by_all(db, chain.id, chain.ask.ask_id)
    await chain.offered()
    await chain.step("accept", "U0ANA")
    await chain.step("take_back", "U0BEN")

    async with chain.database.workspace(chain.id) as db:
        (found,) = await asks.answerable(db, chain.id, "U0ZED", now=LATER, waiting=True)
    assert found.ask_id == chain.ask.ask_id
