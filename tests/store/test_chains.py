"""Anything people may do with asks, offers, help and thanks, in any order, against a model that fits on a page."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from slackapp.domain.asks import OPEN_FOR, Ask, ask_id_of, offer_id_of
from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.store import asks, gestures, people, workspaces
from slackapp.store.database import open_database
from tests.conftest import CAST, NOW, UTC_ZONE

PEOPLE = ("U0ANA", "U0BEN", "U0CY")
T = TypeVar("T")
_numbers = count(1)


@dataclass
class ModelAsk:
    ask: Ask
    state: str = "open"


@dataclass
class ModelOffer:
    offer_id: UUID
    helper: str
    receiver: str
    offered: datetime
    changed: datetime
    state: str = "pending"
    claimed: bool = False
    confirmed: bool = False


@dataclass
class Marked:
    """A gesture and the latest word about it."""

    on: bool
    at: float

    def told(self, on: bool, at: float) -> None:
        if at > self.at:
            self.on, self.at = on, at


@dataclass
class ModelThanks:
    source: str
    giver: str
    receiver: str
    happened: datetime
    thanks: Marked
    own_help: Marked | None = None  # proven by the thanks alone
    offer: ModelOffer | None = None  # or of this offer


@dataclass
class Model:
    asks: list[ModelAsk] = field(default_factory=list)
    offers: dict[UUID, ModelOffer] = field(default_factory=dict)
    said: dict[str, ModelThanks] = field(default_factory=dict)

    def thanks_of(self, offer: ModelOffer) -> list[ModelThanks]:
        return [said for said in self.said.values() if said.offer is offer and said.thanks.on]

    def helped(self, offer: ModelOffer) -> bool:
        return offer.confirmed or bool(self.thanks_of(offer))

    def chain(self, giver: str, receiver: str, happened: datetime) -> ModelOffer | None:
        """The open offer that thanks belong to, if any."""
        fitting = [
            offer
            for offer in self.offers.values()
            if (offer.helper, offer.receiver) == (receiver, giver)
            and offer.state in {"pending", "accepted"}
            and offer.offered <= happened <= offer.changed + OPEN_FOR
            and all(said.happened.date() == happened.date() for said in self.thanks_of(offer))
        ]
        fitting.sort(
            key=lambda o: (bool(self.thanks_of(o)), not o.confirmed, -o.changed.timestamp(), o.offer_id)
        )
        return fitting[0] if fitting else None

    def counts(self) -> Counter[tuple[str, str, str]]:
        found: Counter[tuple[str, str, str]] = Counter()
        for offer in self.offers.values():
            if self.helped(offer):
                found[offer.helper, offer.receiver, "help"] += 1
            elif offer.state != "withdrawn":
                found[offer.helper, offer.receiver, "offer"] += 1
        for said in self.said.values():
            found[said.giver, said.receiver, "thanks"] += said.thanks.on
            if said.offer is None and said.own_help is not None:
                found[said.receiver, said.giver, "help"] += said.own_help.on
        return +found


class Chains(RuleBasedStateMachine):
    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = open_database(self.url, connections=4)
        self.id = f"T0CHAIN{next(_numbers)}X{id(self)}"
        self.now = NOW
        self.model = Model()
        self.run(self.prepare())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run(self.database.close())
        self.runner.close()

    async def prepare(self) -> None:
        async with self.database.workspace(self.id) as db:
            await workspaces.add(db, self.id, name="Acme", timezone="UTC")
            await people.put(db, self.id, [CAST[user] for user in PEOPLE], NOW)

    # -- what people do

    @rule(hours=st.sampled_from([0, 1, 5, 30, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours, seconds=1)

    @rule(asker=st.sampled_from(PEOPLE), private=st.booleans())
    def ask(self, asker: str, private: bool) -> None:
        source = f"view:{len(self.model.asks) % 3}"
        to = tuple(user for user in PEOPLE[:2] if user != asker) if private else ()
        asked = Ask(
            ask_id_of(self.id, source),
            asker,
            "help",
            "eyes",
            None,
            None if private else "C0TEAM",
            to,
            "open",
            self.now,
        )
        is_new = asked.ask_id not in [known.ask.ask_id for known in self.model.asks]

        async def work() -> bool:
            async with self.database.workspace(self.id) as db:
                return await asks.ask(db, self.id, asked)

        assert self.run(work()) is is_new
        if is_new:
            self.model.asks.append(ModelAsk(asked))

    @precondition(lambda self: self.model.asks)
    @rule(data=st.data(), helper=st.sampled_from(PEOPLE), presses=st.integers(1, 3))
    def offer(self, data: st.DataObject, helper: str, presses: int) -> None:
        known = data.draw(st.sampled_from(self.model.asks))
        made = self.at_once(
            presses,
            lambda db: asks.offer(db, self.id, known.ask, helper=helper, now=self.now, day=self.now.date()),
        )
        offer_id = offer_id_of(self.id, helper, known.ask.ask_id)
        before = self.model.offers.get(offer_id)
        possible = known.state == "open" and known.ask.reaches(helper)
        fresh = before is None or (before.state in {"withdrawn", "expired"} and not before.confirmed)
        assert sum(step is not None for step in made) == (possible and fresh)
        if possible and fresh:
            if before is None:
                self.model.offers[offer_id] = ModelOffer(
                    offer_id, helper, known.ask.asker, self.now, self.now
                )
            else:
                before.state, before.claimed, before.offered, before.changed = (
                    "pending",
                    False,
                    self.now,
                    self.now,
                )

    @rule(
        helper=st.sampled_from(PEOPLE),
        receiver=st.sampled_from(PEOPLE),
        source=st.sampled_from(["command:1", "command:2"]),
    )
    def offer_unasked(self, helper: str, receiver: str, source: str) -> None:
        if helper == receiver:
            return
        (made,) = self.at_once(
            1,
            lambda db: asks.offer_unasked(
                db,
                self.id,
                source,
                helper=helper,
                receiver=receiver,
                words="an hour",
                now=self.now,
                day=self.now.date(),
            ),
        )
        offer_id = offer_id_of(self.id, helper, f"{source}|{receiver}")
        assert (made is not None) == (offer_id not in self.model.offers)
        if made is not None:
            self.model.offers[offer_id] = ModelOffer(offer_id, helper, receiver, self.now, self.now)

    @precondition(lambda self: self.model.offers)
    @rule(
        data=st.data(),
        what=st.sampled_from(sorted(asks.STEPS)),
        by=st.sampled_from(["helper", "receiver", "receiver", "helper", "other"]),
        presses=st.integers(1, 3),
    )
    def step(self, data: st.DataObject, what: str, by: str, presses: int) -> None:
        offer = data.draw(st.sampled_from(sorted(self.model.offers.values(), key=lambda o: o.offer_id)))
        person = {"helper": offer.helper, "receiver": offer.receiver, "other": "U0ZED"}[by]
        done = self.at_once(
            presses, lambda db: asks.step(db, self.id, offer.offer_id, what, by=person, now=self.now)
        )
        helped, waiting = self.model.helped(offer), {"pending", "expired"}
        possible = {
            "accept": by == "receiver" and offer.state in {*waiting, "declined"} and not helped,
            "decline": by == "receiver" and offer.state in waiting and not helped,
            "confirm": by == "receiver" and offer.state != "withdrawn" and not offer.confirmed,
            "unconfirm": by == "receiver" and offer.confirmed,
            "not_yet": by == "receiver" and offer.claimed and not offer.confirmed,
            "claim": by == "helper"
            and offer.state in {*waiting, "accepted"}
            and not offer.claimed
            and not helped,
            "take_back": by == "helper" and offer.state != "withdrawn" and not helped,
        }[what]
        assert sum(step is not None for step in done) == possible
        if possible:
            offer.changed = self.now
            match what:
                case "accept":
                    offer.state = "accepted"
                case "decline":
                    offer.state = "declined"
                case "confirm":
                    offer.state, offer.confirmed = "accepted", True
                case "unconfirm":
                    offer.confirmed = False
                case "take_back":
                    offer.state = "withdrawn"
                case _:
                    offer.claimed = what == "claim"

    @precondition(lambda self: self.model.asks)
    @rule(
        data=st.data(), what=st.sampled_from(["close", "reopen", "withdraw", "edit"]), by_asker=st.booleans()
    )
    def change_ask(self, data: st.DataObject, what: str, by_asker: bool) -> None:
        known = data.draw(st.sampled_from(self.model.asks))
        by = known.ask.asker if by_asker else "U0ZED"

        async def work() -> Ask | None:
            async with self.database.workspace(self.id) as db:
                if what == "edit":
                    return await asks.edit(
                        db,
                        self.id,
                        known.ask.ask_id,
                        asker=by,
                        words="x",
                        kind="eyes",
                        by_when=None,
                        now=self.now,
                    )
                change = {"close": asks.close, "reopen": asks.reopen, "withdraw": asks.withdraw}[what]
                return await change(db, self.id, known.ask.ask_id, asker=by, now=self.now)

        changed = self.run(work())
        possible = (
            by_asker
            and {
                "close": known.state == "open",
                "edit": known.state == "open",
                "reopen": known.state == "closed",
                "withdraw": known.state != "withdrawn",
            }[what]
        )
        assert (changed is not None) == possible
        if possible and what != "edit":
            known.state = {"close": "closed", "reopen": "open", "withdraw": "withdrawn"}[what]
            for offer in self.offers_to(known):
                if what != "reopen" and offer.state == "pending" and not self.model.helped(offer):
                    offer.state, offer.changed = "declined", self.now

    @precondition(lambda self: self.model.asks)
    @rule(data=st.data(), helper=st.sampled_from(PEOPLE))
    def name_helper(self, data: st.DataObject, helper: str) -> None:
        known = data.draw(st.sampled_from(self.model.asks))
        asker = known.ask.asker
        if helper == asker:
            return
        (made,) = self.at_once(
            1,
            lambda db: asks.name_helper(
                db, self.id, known.ask, helper=helper, now=self.now, day=self.now.date()
            ),
        )
        offer_id = offer_id_of(self.id, helper, known.ask.ask_id)
        before = self.model.offers.get(offer_id)
        thanked = any(
            said.offer is None
            and said.own_help is not None
            and said.own_help.on
            and said.thanks.on
            and (said.receiver, said.giver) == (helper, asker)
            and said.happened >= known.ask.asked_at
            for said in self.model.said.values()
        )
        possible = known.state != "withdrawn" and not thanked and not (before and before.confirmed)
        assert (made is not None) == possible
        if possible:
            offer = before or ModelOffer(offer_id, helper, asker, self.now, self.now)
            offer.state, offer.confirmed, offer.changed = "accepted", True, self.now
            self.model.offers[offer_id] = offer

    @rule()
    def offers_expire(self) -> None:
        async def work() -> list[UUID]:
            async with self.database.workspace(self.id) as db:
                return await asks.expire(db, self.id, self.now)

        due = [
            offer
            for offer in self.model.offers.values()
            if offer.state == "pending"
            and not offer.claimed
            and not self.model.helped(offer)
            and offer.changed < self.now - OPEN_FOR
        ]
        assert self.run(work()) == sorted(offer.offer_id for offer in due)
        for offer in due:
            offer.state, offer.changed = "expired", self.now

    @rule(
        giver=st.sampled_from(PEOPLE),
        receiver=st.sampled_from(PEOPLE),
        number=st.integers(1, 3),
        copies=st.integers(1, 3),
    )
    def thank(self, giver: str, receiver: str, number: int, copies: int) -> None:
        """By command: the same number again is a retry."""
        self.say(giver, receiver, f"command:{number}{giver}", on=True, at=0.0, copies=copies)

    @rule(
        giver=st.sampled_from(PEOPLE),
        receiver=st.sampled_from(PEOPLE),
        on=st.booleans(),
        late=st.booleans(),
        copies=st.integers(1, 2),
    )
    def react(self, giver: str, receiver: str, on: bool, late: bool, copies: int) -> None:
        at = (self.now - timedelta(hours=2 if late else 0)).timestamp() + 0.5
        self.say(giver, receiver, f"message:{receiver}", on=on, at=at, copies=copies)

    def say(self, giver: str, receiver: str, source: str, *, on: bool, at: float, copies: int) -> None:
        if giver == receiver:
            return
        given = gestures_to(
            [CAST[receiver]], giver=giver, kind="thanks", source=Source(source), at=self.now, tz=UTC_ZONE
        )
        self.at_once(copies, lambda db: gestures.record(db, self.id, given, Mark("m", on, at), self.now))
        key = f"{source}|{giver}|{receiver}"
        known = self.model.said.get(key)
        if known is None:
            chain = self.model.chain(giver, receiver, self.now)
            own = None if chain else Marked(on, at)
            self.model.said[key] = ModelThanks(
                source, giver, receiver, self.now, Marked(on, at), own, offer=chain
            )
        else:
            known.thanks.told(on, at)
            if known.own_help is not None:
                known.own_help.told(on, at)

    @precondition(lambda self: self.model.said)
    @rule(data=st.data(), back=st.booleans(), kind=st.sampled_from([None, None, "help"]))
    def change_thanks(self, data: st.DataObject, back: bool, kind: str | None) -> None:
        """Undo, put it back, not for help, for help after all."""
        said = data.draw(
            st.sampled_from(sorted(self.model.said.values(), key=lambda s: (s.source, s.giver, s.receiver)))
        )
        turn = gestures.restore if back else gestures.retract
        self.at_once(1, lambda db: turn(db, self.id, said.source, giver=said.giver, now=self.now, kind=kind))
        at = self.now.timestamp()
        for other in self.model.said.values():
            if (other.source, other.giver) != (said.source, said.giver):
                continue
            for gesture in [other.thanks] if kind is None else []:
                self.turn(gesture, back, at)
            if other.own_help is not None:
                self.turn(other.own_help, back, at)
            if kind == "help" and not back:
                other.offer = None
        if kind == "help" and back:
            for other in self.in_order_of_the_store(said):
                if other.offer is None and other.own_help is None and other.thanks.on:
                    other.offer = self.model.chain(other.giver, other.receiver, other.happened)
                    if other.offer is None:
                        other.own_help = Marked(True, other.thanks.at)

    def in_order_of_the_store(self, said: ModelThanks) -> Iterator[ModelThanks]:
        return (
            other
            for other in self.model.said.values()
            if (other.source, other.giver) == (said.source, said.giver)
        )

    @staticmethod
    def turn(gesture: Marked, on: bool, at: float) -> None:
        if gesture.on is not on:
            gesture.on, gesture.at = on, at

    # -- what must be true after each

    @invariant()
    def the_store_counts_what_the_model_counts(self) -> None:
        async def work() -> tuple[Counter[tuple[str, str, str]], Counter[tuple[str, str, str]]]:
            given: Counter[tuple[str, str, str]] = Counter()
            received: Counter[tuple[str, str, str]] = Counter()
            async with self.database.workspace(self.id) as db:
                for user in PEOPLE:
                    for tally in await gestures.tallies(db, self.id, user, NOW.date()):
                        assert tally.count > 0
                        if tally.given:
                            given[user, tally.other, tally.kind] += tally.count
                        else:
                            received[tally.other, user, tally.kind] += tally.count
            return given, received

        given, received = self.run(work())
        assert given == received == self.model.counts()

    @invariant()
    def offers_are_as_the_model_says(self) -> None:
        async def work() -> dict[UUID, tuple[str, bool]]:
            async with self.database.workspace(self.id) as db:
                found = [await asks.find_offer(db, self.id, offer_id) for offer_id in self.model.offers]
            return {offer.offer_id: (offer.stage, offer.thanked) for offer in found if offer}

        assert self.run(work()) == {
            offer.offer_id: (
                "helped" if self.model.helped(offer) else offer.state,
                bool(self.model.thanks_of(offer)),
            )
            for offer in self.model.offers.values()
        }

    # -- means

    def at_once(self, copies: int, work: Any) -> list[Any]:
        """The same deed several times at the same moment, each in its own transaction."""

        async def one() -> Any:
            async with self.database.workspace(self.id) as db:
                return await work(db)

        async def several() -> list[Any]:
            return list(await asyncio.gather(*(one() for _ in range(copies))))

        return self.run(several())

    def offers_to(self, known: ModelAsk) -> list[ModelOffer]:
        ids = {offer_id_of(self.id, user, known.ask.ask_id) for user in PEOPLE}
        return [offer for offer in self.model.offers.values() if offer.offer_id in ids]


@pytest.fixture
def machine(database_url: str) -> type[Chains]:
    Chains.url = database_url
    return Chains


def test_any_order_of_deeds_counts_the_same_as_the_model(machine: type[Chains]) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
