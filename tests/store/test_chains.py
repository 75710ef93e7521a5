"""Anything people may do with asks, offers, help and thanks, in any order and at once, against a model that fits on a page.

A deed is said twice: what it does to the model, and what it does to the store. Deeds done at the same moment must
come out as if they had been done one after the other, in some order.
"""

import asyncio
from abc import abstractmethod
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count, permutations
from typing import Any, Protocol, TypeVar
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.asks import ON_ITS_WAY_FOR, OPEN_FOR, Ask, ask_id_of, offer_id_of
from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.store import asks, gestures, offers, people, workspaces
from slackapp.store.database import open_database
from tests.conftest import CAST, NOW, UTC_ZONE

PEOPLE = ("U0ANA", "U0BEN", "U0CY")
FRESH = timedelta(days=30)
T = TypeVar("T")
_numbers = count(1)
Given = tuple[str, str]  # receiver, kind
Version = tuple[set[str], str]  # whom a message names, and what it gives them

#: Which of those there are by then. What is drawn must not depend on how people at the same moment come out.
WHICH = st.integers(0, 60)
VERSION = st.tuples(st.sets(st.sampled_from(PEOPLE)), st.sampled_from(["kudos", "thanks"]))


# The model --------------------------------------------------------------------------------------------------------


@dataclass
class ModelAsk:
    ask: Ask
    people: set[str]
    changed: datetime
    state: str = "open"


@dataclass
class ModelOffer:
    offer_id: UUID
    ask_id: UUID | None
    helper: str
    receiver: str
    offered: datetime
    changed: datetime
    state: str = "pending"
    claimed: bool = False
    confirmed: bool = False
    made: bool = True  # or only named as help


@dataclass
class Marked:
    """A gesture and the latest word about it."""

    on: bool
    at: float
    off_since: datetime | None = None
    undone: bool = False  # it was on until it was undone, and nothing was heard since

    @property
    def can_be_put_back(self) -> bool:
        return self.undone or self.off_since is None or self.at <= self.off_since.timestamp()

    @classmethod
    def first(cls, on: bool, at: float, now: datetime) -> "Marked":
        return cls(on, at, None if on else now)

    def told(self, on: bool, at: float, now: datetime) -> None:
        if at > self.at:
            self.off_since = None if on else (self.off_since or now)
            self.on, self.at, self.undone = on, at, False


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
    asks: dict[UUID, ModelAsk] = field(default_factory=dict)
    offers: dict[UUID, ModelOffer] = field(default_factory=dict)
    said: dict[tuple[str, str, str], ModelThanks] = field(default_factory=dict)
    acts: dict[tuple[str, str, str, str], Marked] = field(default_factory=dict)  # kudos and check-ins
    gone: set[str] = field(default_factory=set)

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
            and (offer.state in {"pending", "accepted"} or offer.confirmed)
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
        for (_, giver, receiver, kind), act in self.acts.items():
            found[giver, receiver, kind] += act.on
        return +found

    def home(self, user: str, now: datetime) -> tuple[set[UUID], set[UUID], set[UUID]]:
        """Own asks, asks to answer, and offers on their way, as this person's Home shows them."""
        fresh = [
            known for known in self.asks.values() if known.state == "open" and known.changed > now - FRESH
        ]
        own = {known.ask.ask_id for known in fresh if known.ask.asker == user}
        answerable = {
            known.ask.ask_id
            for known in fresh
            if user in known.people
            and known.ask.asker not in {user, *self.gone}
            and not any(
                offer.ask_id == known.ask.ask_id
                and offer.helper == user
                and (offer.state != "withdrawn" or offer.confirmed)
                for offer in self.offers.values()
            )
        }
        return own, answerable, {o.offer_id for o in self.offers.values() if self.going_on(o, user, now)}

    def going_on(self, offer: ModelOffer, user: str, now: datetime) -> bool:
        both = {offer.helper, offer.receiver}
        if user not in both or (both - {user}) & self.gone:
            return False
        helped = self.helped(offer)
        if helped and (self.thanks_of(offer) or user == offer.helper):
            return False
        if not helped and offer.state not in {"pending", "accepted"}:
            return False
        waits = (
            OPEN_FOR
            if offer.confirmed or (offer.state == "pending" and not offer.claimed)
            else ON_ITS_WAY_FOR
        )
        return offer.changed > now - waits and not any(
            said.thanks.on
            and (said.giver, said.receiver) == (offer.receiver, offer.helper)
            and said.happened > offer.changed + OPEN_FOR
            for said in self.said.values()
        )

    def everything(self) -> dict[str, dict[Any, Any]]:
        """All there is, as `stored` reads it from the store."""
        given: dict[Any, Any] = {key: (act.on, act.at, None) for key, act in self.acts.items()}
        for said in self.said.values():
            of = str(said.offer.offer_id) if said.offer else "own" if said.own_help else None
            given[said.source, said.giver, said.receiver, "thanks"] = (said.thanks.on, said.thanks.at, of)
            if said.own_help:
                given[said.source, said.receiver, said.giver, "help"] = (
                    said.own_help.on,
                    said.own_help.at,
                    None,
                )
        return {
            "asks": {
                ask_id: (known.state, frozenset(known.people), known.changed)
                for ask_id, known in self.asks.items()
            },
            "offers": {
                offer.offer_id: (
                    offer.state,
                    offer.claimed,
                    offer.confirmed,
                    offer.offered,
                    offer.changed,
                    (
                        *([not self.helped(offer) and offer.state != "withdrawn"] if offer.made else []),
                        self.helped(offer),
                    ),
                )
                for offer in self.offers.values()
            },
            "given": given,
        }


async def stored(db: AsyncConnection) -> dict[str, dict[Any, Any]]:
    found = await db.execute(text("SELECT ask_id, state, people, changed_at FROM asks"))
    kept = {row.ask_id: (row.state, frozenset(row.people), row.changed_at) for row in found}
    found = await db.execute(
        text("""
            SELECT offers.*, array_agg(gestures.retracted_at IS NULL ORDER BY gestures.kind = 'help') AS stands
            FROM offers JOIN gestures ON gestures.workspace_id = offers.workspace_id
                AND gestures.source_key = 'offer:' || offers.offer_id
            GROUP BY offers.workspace_id, offers.offer_id
        """)
    )
    made = {
        row.offer_id: (
            row.state,
            row.claimed_at is not None,
            row.confirmed_at is not None,
            row.offered_at,
            row.changed_at,
            tuple(row.stands),
        )
        for row in found
    }
    found = await db.execute(
        text("""
            SELECT source_key, giver_id, gestures.receiver_id, kind, gestures.retracted_at IS NULL AS stands,
                   CAST(marks -> 'm' ->> 1 AS float) AS at,
                   CASE WHEN gestures.help_id IS NOT NULL THEN coalesce(offers.offer_id::text, 'own') END AS of
            FROM gestures LEFT JOIN offers ON offers.workspace_id = gestures.workspace_id
                AND offers.help_id = gestures.help_id
            WHERE source_key NOT LIKE 'offer:%'
        """)
    )
    given = {
        (row.source_key, row.giver_id, row.receiver_id, row.kind): (row.stands, row.at, row.of)
        for row in found
    }
    return {"asks": kept, "offers": made, "given": given}


# What people do ---------------------------------------------------------------------------------------------------


class Deed(Protocol):
    """Both answer the same: whether it was possible, or what it changed."""

    @abstractmethod
    def on_model(self, model: Model, workspace_id: str) -> Any: ...

    @abstractmethod
    async def on_store(self, db: AsyncConnection, workspace_id: str) -> Any: ...


@dataclass(frozen=True)
class AskForHelp(Deed):
    ask: Ask

    def on_model(self, model: Model, workspace_id: str) -> bool:
        if self.ask.ask_id in model.asks:
            return False
        model.asks[self.ask.ask_id] = ModelAsk(self.ask, set(self.ask.people), self.ask.asked_at)
        return True

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> bool:
        return await asks.ask(db, workspace_id, self.ask)


@dataclass(frozen=True)
class OfferHelp(Deed):
    ask: Ask
    helper: str
    now: datetime

    def on_model(self, model: Model, workspace_id: str) -> bool:
        known = model.asks[self.ask.ask_id]
        reaches = self.helper != self.ask.asker and (
            self.ask.channel_id is not None or self.helper in known.people
        )
        offer_id = offer_id_of(workspace_id, self.helper, self.ask.ask_id)
        before = model.offers.get(offer_id)
        again = before is not None and before.state in {"withdrawn", "expired"} and not before.confirmed
        if known.state != "open" or not reaches or (before is not None and not again):
            return False
        if before is None:
            model.offers[offer_id] = ModelOffer(
                offer_id, self.ask.ask_id, self.helper, self.ask.asker, self.now, self.now
            )
        else:
            before.state, before.claimed, before.made = "pending", False, True
            before.offered = before.changed = self.now
        return True

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> bool:
        day = self.now.date()
        made = await offers.offer(db, workspace_id, self.ask, helper=self.helper, now=self.now, day=day)
        return made is not None


@dataclass(frozen=True)
class OfferUnasked(Deed):
    source: str
    helper: str
    receiver: str
    now: datetime

    def on_model(self, model: Model, workspace_id: str) -> bool:
        offer_id = offer_id_of(workspace_id, self.helper, f"{self.source}|{self.receiver}")
        if offer_id in model.offers:
            return False
        model.offers[offer_id] = ModelOffer(offer_id, None, self.helper, self.receiver, self.now, self.now)
        return True

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> bool:
        made = await offers.offer_unasked(
            db,
            workspace_id,
            self.source,
            helper=self.helper,
            receiver=self.receiver,
            words="an hour",
            now=self.now,
            day=self.now.date(),
        )
        return made is not None


@dataclass(frozen=True)
class TakeStep(Deed):
    offer_id: UUID
    what: str
    by: str
    now: datetime

    def on_model(self, model: Model, workspace_id: str) -> bool:
        offer = model.offers[self.offer_id]
        helped, waiting = model.helped(offer), {"pending", "expired"}
        receives, helps = self.by == offer.receiver, self.by == offer.helper
        possible = {
            "accept": receives
            and offer.state in {*waiting, "declined"}
            and not helped
            and offer.helper not in model.gone
            and (offer.ask_id is None or model.asks[offer.ask_id].state != "withdrawn"),
            "decline": receives and offer.state in waiting and not helped,
            "confirm": receives and offer.state != "withdrawn" and not offer.confirmed,
            "unconfirm": receives and offer.confirmed,
            "not_yet": receives and offer.claimed and not offer.confirmed,
            "claim": helps
            and offer.state in {*waiting, "accepted"}
            and not offer.claimed
            and not helped
            and offer.receiver not in model.gone,
            "take_back": helps and offer.state != "withdrawn" and not helped,
        }[self.what]
        if not possible:
            return False
        offer.changed = self.now
        match self.what:
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
                offer.claimed = self.what == "claim"
        return True

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> bool:
        step = await offers.step(db, workspace_id, self.offer_id, self.what, by=self.by, now=self.now)
        return step is not None


@dataclass(frozen=True)
class ChangeAsk(Deed):
    ask_id: UUID
    what: str
    by: str
    now: datetime

    def on_model(self, model: Model, workspace_id: str) -> bool:
        known = model.asks[self.ask_id]
        if (
            known.ask.asker != self.by
            or not {
                "close": known.state == "open",
                "edit": known.state == "open",
                "reopen": known.state == "closed",
                "withdraw": known.state != "withdrawn",
            }[self.what]
        ):
            return False
        closed_at, known.changed = known.changed, self.now
        known.state = {"close": "closed", "edit": "open", "reopen": "open", "withdraw": "withdrawn"}[
            self.what
        ]
        for offer in model.offers.values():
            ends = self.what in {"close", "withdraw"} and offer.ask_id == self.ask_id
            if ends and offer.state == "pending" and not model.helped(offer):
                offer.state, offer.changed = "declined", self.now
            answered = offer.state == "declined" and offer.changed == closed_at and not model.helped(offer)
            if self.what == "reopen" and offer.ask_id == self.ask_id and answered:
                offer.state, offer.changed = "pending", self.now
        return True

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> bool:
        who = {"asker": self.by, "now": self.now}
        if self.what == "edit":
            new = {"words": "x", "kind": "eyes", "by_when": None}
            changed = await asks.edit(db, workspace_id, self.ask_id, **who, **new)  # type: ignore[arg-type]
        else:
            change = {"close": asks.close, "reopen": asks.reopen, "withdraw": asks.withdraw}[self.what]
            changed = await change(db, workspace_id, self.ask_id, **who)  # type: ignore[arg-type]
        return changed is not None


@dataclass(frozen=True)
class AskAlso(Deed):
    """Somebody knew somebody."""

    ask_id: UUID
    by: str
    other: str
    now: datetime

    def on_model(self, model: Model, workspace_id: str) -> bool:
        known = model.asks[self.ask_id]
        theirs = model.offers.get(offer_id_of(workspace_id, self.other, self.ask_id))
        if (
            known.state != "open"
            or known.ask.asker != self.by
            or self.other in {known.ask.asker, *known.people}
            or (theirs is not None and (theirs.state not in {"withdrawn", "expired"} or theirs.confirmed))
        ):
            return False
        known.people.add(self.other)
        known.changed = self.now
        return True

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> bool:
        made = await asks.also_ask(
            db, workspace_id, self.ask_id, asker=self.by, other=self.other, now=self.now
        )
        return made is not None


@dataclass(frozen=True)
class NameHelper(Deed):
    ask: Ask
    helper: str
    now: datetime

    def on_model(self, model: Model, workspace_id: str) -> bool:
        asker = self.ask.asker
        offer_id = offer_id_of(workspace_id, self.helper, self.ask.ask_id)
        before = model.offers.get(offer_id)
        thanked = any(
            said.offer is None
            and said.own_help is not None
            and said.own_help.on
            and said.thanks.on
            and (said.receiver, said.giver) == (self.helper, asker)
            and said.happened >= self.ask.asked_at
            for said in model.said.values()
        )
        state = model.asks[self.ask.ask_id].state
        if state == "withdrawn" or thanked or (before is not None and before.confirmed):
            return False
        offer = before or ModelOffer(
            offer_id, self.ask.ask_id, self.helper, asker, self.now, self.now, "withdrawn", made=False
        )
        offer.confirmed, offer.changed = True, self.now
        model.offers[offer_id] = offer
        return True

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> bool:
        day = self.now.date()
        made = await offers.name_helper(db, workspace_id, self.ask, helper=self.helper, now=self.now, day=day)
        return made is not None


@dataclass(frozen=True)
class OffersExpire(Deed):
    now: datetime

    def on_model(self, model: Model, workspace_id: str) -> list[UUID]:
        due = [
            offer
            for offer in model.offers.values()
            if offer.state == "pending"
            and not offer.claimed
            and not model.helped(offer)
            and offer.changed < self.now - OPEN_FOR
        ]
        for offer in due:
            offer.state, offer.changed = "expired", self.now
        return sorted(offer.offer_id for offer in due)

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> list[UUID]:
        return await offers.expire(db, workspace_id, self.now)


@dataclass(frozen=True)
class Say(Deed):
    """One message, command or reaction: what it gives to whom, and what it no longer gives."""

    source: str
    giver: str
    given: tuple[Given, ...]
    at: float
    now: datetime
    no_longer: tuple[Given, ...] = ()

    def on_model(self, model: Model, workspace_id: str) -> None:
        for on, acts in ((True, self.given), (False, self.no_longer)):
            for receiver, kind in acts:
                self._tell(model, receiver, kind, on)

    def _tell(self, model: Model, receiver: str, kind: str, on: bool) -> None:
        if kind != "thanks":
            act = model.acts.setdefault(
                (self.source, self.giver, receiver, kind), Marked.first(on, self.at, self.now)
            )
            act.told(on, self.at, self.now)
            return
        known = model.said.get((self.source, self.giver, receiver))
        if known is None:
            chain = model.chain(self.giver, receiver, self.now)
            own = None if chain else Marked.first(on, self.at, self.now)
            model.said[self.source, self.giver, receiver] = ModelThanks(
                self.source,
                self.giver,
                receiver,
                self.now,
                Marked.first(on, self.at, self.now),
                own,
                offer=chain,
            )
            return
        known.thanks.told(on, self.at, self.now)
        if known.own_help is not None:
            known.own_help.told(on, self.at, self.now)

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> None:
        for on, acts in ((True, self.given), (False, self.no_longer)):
            made = [
                gesture
                for receiver, kind in acts
                for gesture in gestures_to(
                    [receiver],
                    giver=self.giver,
                    kind=kind,
                    source=Source(self.source),
                    at=self.now,
                    tz=UTC_ZONE,
                )
            ]
            if made:
                await gestures.record(db, workspace_id, made, Mark("m", on, self.at), self.now)


@dataclass(frozen=True)
class TurnBack(Deed):
    """Undo, put it back, not for help, for help after all."""

    source: str
    giver: str
    back: bool
    kind: str | None
    now: datetime

    def on_model(self, model: Model, workspace_id: str) -> None:
        at = self.now.timestamp()
        mine = [s for s in model.said.values() if (s.source, s.giver) == (self.source, self.giver)]
        others = [
            act
            for (source, giver, _, _), act in model.acts.items()
            if self.kind is None and (source, giver) == (self.source, self.giver)
        ]
        given = [*others, *(said.thanks for said in mine)]
        for said in mine:
            others += [said.thanks] if self.kind is None else []
            others += [said.own_help] if said.own_help is not None else []
            if self.kind == "help" and not self.back and not (said.offer and said.offer.confirmed):
                said.offer = None
        # Put back is what was taken back last; what was not for help before stays so.
        last = max((act.off_since for act in given if act.off_since), default=None)
        for gesture in others:
            if gesture.on is not self.back and not (
                self.back
                and ((self.kind is None and gesture.off_since != last) or not gesture.can_be_put_back)
            ):
                gesture.on, gesture.at, gesture.undone = self.back, at, not self.back
                gesture.off_since = None if self.back else self.now
        for said in mine if self.kind == "help" and self.back else []:
            if said.offer is None and said.own_help is None and said.thanks.on:
                said.offer = model.chain(said.giver, said.receiver, said.happened)
                if said.offer is None:
                    said.own_help = Marked(True, said.thanks.at)

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> None:
        turn = gestures.restore if self.back else gestures.retract
        await turn(db, workspace_id, self.source, giver=self.giver, now=self.now, kind=self.kind)


@dataclass(frozen=True)
class Leave(Deed):
    user: str
    now: datetime

    def on_model(self, model: Model, workspace_id: str) -> None:
        model.gone.add(self.user)
        for known in model.asks.values():
            if known.ask.asker == self.user and known.state == "open":
                known.state, known.changed = "closed", self.now
        for offer in model.offers.values():
            theirs = self.user in {offer.helper, offer.receiver}
            if theirs and offer.state == "pending" and not model.helped(offer):
                offer.state, offer.changed = "expired", self.now

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> None:
        await people.put(db, workspace_id, [replace(CAST[self.user], is_deactivated=True)], self.now)
        await asks.close_all(db, workspace_id, [self.user], self.now)


@dataclass(frozen=True)
class ComeBack(Deed):
    user: str
    now: datetime

    def on_model(self, model: Model, workspace_id: str) -> None:
        model.gone.discard(self.user)

    async def on_store(self, db: AsyncConnection, workspace_id: str) -> None:
        await people.put(db, workspace_id, [CAST[self.user]], self.now)


# In any order, and at once ----------------------------------------------------------------------------------------


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

    def do(self, *deeds: Deed) -> None:
        """All at the same moment, each in its own transaction."""

        async def one(deed: Deed) -> Any:
            async with self.database.workspace(self.id) as db:
                return await deed.on_store(db, self.id)

        async def all_at_once() -> list[Any]:
            return list(await asyncio.gather(*(one(deed) for deed in deeds)))

        async def look() -> dict[str, dict[Any, Any]]:
            async with self.database.workspace(self.id) as db:
                return await stored(db)

        answered, found = self.run(all_at_once()), self.run(look())
        outcomes = list(self.one_after_the_other(deeds))
        for model, answers in outcomes:
            alike = sorted(map(str, answers)) == sorted(map(str, answered))
            if model.everything() == found and (alike if len(set(deeds)) == 1 else answers == answered):
                self.model = model
                return
        assert (found, answered) == (outcomes[0][0].everything(), outcomes[0][1]), deeds

    def one_after_the_other(self, deeds: Sequence[Deed]) -> Iterator[tuple[Model, list[Any]]]:
        """What may come out: for each order, the model afterwards and what each deed answers."""
        for order in set(permutations(range(len(deeds)))) if len(set(deeds)) > 1 else [range(len(deeds))]:
            model, answers = deepcopy(self.model), {}
            for number in order:
                answers[number] = deeds[number].on_model(model, self.id)
            yield model, [answers[number] for number in range(len(deeds))]

    # -- what people do, one after the other or the same thing several times

    @rule(hours=st.sampled_from([0, 1, 5, 30, 24 * 8, 24 * 30]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours, seconds=1)

    @rule(asker=st.sampled_from(PEOPLE), private=st.booleans(), copies=st.integers(1, 2))
    def ask(self, asker: str, private: bool, copies: int) -> None:
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
        self.do(*[AskForHelp(asked)] * copies)

    @rule(which=WHICH, helper=st.sampled_from(PEOPLE), presses=st.integers(1, 3))
    def offer(self, which: int, helper: str, presses: int) -> None:
        if ask := self.some_ask(which):
            self.do(*[OfferHelp(ask, helper, self.now)] * presses)

    @rule(
        pair=st.permutations(PEOPLE),
        source=st.sampled_from(["command:1", "command:2"]),
        copies=st.integers(1, 2),
    )
    def offer_unasked(self, pair: list[str], source: str, copies: int) -> None:
        self.do(*[OfferUnasked(source, pair[0], pair[1], self.now)] * copies)

    @rule(
        which=WHICH,
        what=st.sampled_from(sorted(offers.STEPS)),
        by=st.sampled_from(["helper", "receiver", "receiver", "helper", "other"]),
        presses=st.integers(1, 3),
    )
    def step(self, which: int, what: str, by: str, presses: int) -> None:
        if offer := self.some_offer(which):
            person = {"helper": offer.helper, "receiver": offer.receiver, "other": "U0ZED"}[by]
            self.do(*[TakeStep(offer.offer_id, what, person, self.now)] * presses)

    @rule(which=WHICH, what=st.sampled_from(["close", "reopen", "withdraw", "edit"]), by_asker=st.booleans())
    def change_ask(self, which: int, what: str, by_asker: bool) -> None:
        if ask := self.some_ask(which):
            self.do(ChangeAsk(ask.ask_id, what, ask.asker if by_asker else "U0ZED", self.now))

    @rule(which=WHICH, other=st.sampled_from(PEOPLE), presses=st.integers(1, 2))
    def ask_also(self, which: int, other: str, presses: int) -> None:
        if ask := self.some_ask(which):
            self.do(*[AskAlso(ask.ask_id, ask.asker, other, self.now)] * presses)

    @rule(which=WHICH, helper=st.sampled_from(PEOPLE), presses=st.integers(1, 2))
    def name_helper(self, which: int, helper: str, presses: int) -> None:
        if (ask := self.some_ask(which)) and helper != ask.asker:
            self.do(*[NameHelper(ask, helper, self.now)] * presses)

    @rule()
    def offers_expire(self) -> None:
        self.do(OffersExpire(self.now))

    @rule(user=st.sampled_from(PEOPLE), back=st.booleans())
    def leave_and_come_back(self, user: str, back: bool) -> None:
        self.do(ComeBack(user, self.now) if back else Leave(user, self.now))

    @rule(
        pair=st.permutations(PEOPLE),
        kind=st.sampled_from(["thanks", "thanks", "kudos", "check_in"]),
        number=st.integers(1, 3),
        copies=st.integers(1, 3),
    )
    def give(self, pair: list[str], kind: str, number: int, copies: int) -> None:
        """By command or button: the same number again is a retry."""
        told = Say(f"command:{number}{pair[0]}{kind}", pair[0], ((pair[1], kind),), 0.0, self.now)
        self.do(*[told] * copies)

    @rule(pair=st.permutations(PEOPLE), on=st.booleans(), late=st.booleans(), copies=st.integers(1, 2))
    def react(self, pair: list[str], on: bool, late: bool, copies: int) -> None:
        self.do(*[self.reaction(pair[0], pair[1], on, late)] * copies)

    @rule(
        author=st.sampled_from(PEOPLE),
        number=st.integers(1, 2),
        before=VERSION,
        after=VERSION,
        late=st.booleans(),
        copies=st.integers(1, 2),
    )
    def write_edit_or_delete(
        self, author: str, number: int, before: Version, after: Version, late: bool, copies: int
    ) -> None:
        """A message names people, is edited to name others, or deleted; and Slack may tell of it late, and twice."""
        old, new = ({(user, kind) for user in named - {author}} for named, kind in (before, after))
        source, at = f"message:{number}{author}", self.moment(late)
        told = Say(source, author, tuple(sorted(new - old)), at, self.now, tuple(sorted(old - new)))
        self.do(*[told] * copies)

    @rule(which=WHICH, back=st.booleans(), kind=st.sampled_from([None, None, "help"]))
    def turn_back(self, which: int, back: bool, kind: str | None) -> None:
        if self.model.said:
            said = list(self.model.said.values())[which % len(self.model.said)]
            self.do(TurnBack(said.source, said.giver, back, kind, self.now))

    # -- several people at the same moment

    @rule(which=WHICH, deeds=st.lists(WHICH, min_size=2, max_size=3))
    def about_one_offer_at_the_same_moment(self, which: int, deeds: list[int]) -> None:
        if offer := self.some_offer(which):
            possible = list(self.deeds_about(offer))
            self.do(*(possible[deed % len(possible)] for deed in deeds))

    def deeds_about(self, offer: ModelOffer) -> Iterator[Deed]:
        for what in offers.STEPS:
            yield TakeStep(offer.offer_id, what, offer.receiver, self.now)
        for what in ("claim", "take_back"):
            yield TakeStep(offer.offer_id, what, offer.helper, self.now)
        for on in (True, False):
            yield self.reaction(offer.receiver, offer.helper, on, False)
        yield Say(f"command:9{offer.receiver}", offer.receiver, ((offer.helper, "thanks"),), 0.0, self.now)
        yield OffersExpire(self.now)
        yield Leave(offer.helper, self.now)
        yield Leave(offer.receiver, self.now)
        for said in self.model.said.values():
            if (said.giver, said.receiver) == (offer.receiver, offer.helper):
                for back, kind in ((False, None), (True, None), (False, "help"), (True, "help")):
                    yield TurnBack(said.source, said.giver, back, kind, self.now)
        if (known := self.model.asks.get(offer.ask_id or UUID(int=0))) is not None:
            for what in ("close", "withdraw", "reopen", "edit"):
                yield ChangeAsk(known.ask.ask_id, what, known.ask.asker, self.now)
            for user in PEOPLE:
                yield OfferHelp(known.ask, user, self.now)
            yield NameHelper(known.ask, offer.helper, self.now)
            yield AskAlso(known.ask.ask_id, known.ask.asker, offer.helper, self.now)

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
    def everybodys_home_shows_what_the_model_says(self) -> None:
        async def work(user: str) -> tuple[set[UUID], set[UUID], set[UUID]]:
            async with self.database.workspace(self.id) as db:
                return (
                    {ask.ask_id for ask in await asks.own(db, self.id, user, now=self.now)},
                    {ask.ask_id for ask in await asks.answerable(db, self.id, user, now=self.now)},
                    {offer.offer_id for offer in await offers.going_on(db, self.id, user, self.now)},
                )

        for user in PEOPLE:
            assert self.run(work(user)) == self.model.home(user, self.now)

    # -- means

    def some_ask(self, which: int) -> Ask | None:
        known = list(self.model.asks.values())
        return known[which % len(known)].ask if known else None

    def some_offer(self, which: int) -> ModelOffer | None:
        known = list(self.model.offers.values())
        return known[which % len(known)] if known else None

    def moment(self, late: bool) -> float:
        return (self.now - timedelta(hours=2 if late else 0)).timestamp() + 0.5

    def reaction(self, giver: str, receiver: str, on: bool, late: bool) -> Say:
        given: tuple[Given, ...] = ((receiver, "thanks"),)
        none: tuple[Given, ...] = ()
        return Say(
            f"message:{receiver}",
            giver,
            given if on else none,
            self.moment(late),
            self.now,
            none if on else given,
        )


@pytest.fixture
def machine(database_url: str) -> type[Chains]:
    Chains.url = database_url
    return Chains


def test_any_order_of_deeds_and_any_at_once_count_the_same_as_the_model(machine: type[Chains]) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
