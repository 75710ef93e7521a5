"""Asks and offers: what may happen next in a chain of ask, offer, help and thanks, and how it is said."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from slackapp.domain.gestures import Source
from slackapp.domain.people import NOT_KNOWN, Person

KINDS_OF_HELP = {
    "eyes": "A second pair of eyes",
    "answer": "An answer to a question",
    "hands": "Hands on the work",
    "talk": "Somebody to think with",
    "other": "Something else",
}

ASK_LIMIT = 1000  # characters
THANKS_LIMIT = 300  # a one-line thank-you
MOST_PEOPLE = 10  # more than this is better asked in a channel
MOST_LISTED = 15  # in the list of a channel's open asks
OPEN_FOR = timedelta(days=7)  # an offer without an answer, and a chain that waits for its thanks
ON_ITS_WAY_FOR = timedelta(weeks=6)  # help agreed on, of which nobody has said how it went; then it is let go


class NotPossible(ValueError):  # noqa: N818 - it names the situation, and its message is read by people
    """Nothing changed. The message is a sentence for the person who tried."""


@dataclass(frozen=True, slots=True)
class Ask:
    ask_id: UUID
    asker: str
    text: str | None  # mrkdwn, already escaped; None: withdrawn
    kind: str  # a key of KINDS_OF_HELP
    by_when: date | None
    channel_id: str | None  # None: asked only of `people`
    people: tuple[str, ...]
    state: str  # open, closed, withdrawn
    asked_at: datetime
    is_public: bool = False  # everybody in the workspace may read its channel
    card_ts: str | None = None  # the card in the channel, once it is posted

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def is_taken_back(self) -> bool:
        return self.state == "withdrawn"

    @property
    def visibility(self) -> str:
        return "channel" if self.channel_id else "private"

    def reaches(self, user: str) -> bool:
        """Whether this person may answer. Who reads a channel is Slack's to decide: its card is there."""
        return user != self.asker and (self.channel_id is not None or user in self.people)

    def is_known_to(self, user: str) -> bool:
        return user == self.asker or self.reaches(user)


@dataclass(frozen=True, slots=True)
class Offer:
    offer_id: UUID
    ask_id: UUID | None  # None: offered unasked
    helper: str
    receiver: str
    state: str  # pending, accepted, declined, expired, withdrawn
    text: str | None  # of an unasked offer, mrkdwn, already escaped
    offered_at: datetime
    claimed: bool = False  # the helper says it is done
    helped: bool = False  # the receiver says so, by button or by thanks: only then it counts as help
    thanked: bool = False
    made: bool = True  # by the helper; else the receiver named them
    help_id: UUID | None = None  # the gesture it becomes when it helped

    @property
    def stage(self) -> str:
        if self.helped:
            return "helped"
        return self.state if self.made else "undone"

    @property
    def is_over(self) -> bool:
        """Nothing came of it, and whoever made it may be thought of anew."""
        return self.stage in {"withdrawn", "expired", "undone"}

    @property
    def is_done(self) -> bool:
        """The helper says so, and the receiver has not said whether it helped."""
        return self.claimed and self.stage in {"pending", "accepted"}

    def waits_for(self, person: str) -> bool:
        """Whether the next step is this person's, and not only possible for them."""
        if person == self.receiver:
            return self.stage == "pending" or self.is_done
        return self.stage == "accepted" and not self.claimed

    @property
    def source(self) -> Source:
        return Source(f"offer:{self.offer_id}")


#: Fixed for good: ids made from it are stored.
_NAMESPACE = UUID("0c2f0a3b-9a3e-4d0e-8c55-61736b730000")


def ask_id_of(workspace_id: str, source_key: str) -> UUID:
    """Name the ask by the form or command that made it: sent twice, it is one ask."""
    return uuid5(_NAMESPACE, f"{workspace_id}|ask|{source_key}")


def offer_id_of(workspace_id: str, helper: str, about: UUID | str) -> UUID:
    """One person offers once to one ask, however often they press; an unasked offer is named by its form."""
    return uuid5(_NAMESPACE, f"{workspace_id}|offer|{helper}|{about}")


# What someone wrote -------------------------------------------------------------------------------------------


def checked_words(typed: str | None, *, limit: int = ASK_LIMIT) -> str:
    """Raises NotPossible for nothing, and for more than can be kept whole."""
    words = (typed or "").strip()
    if not words:
        raise NotPossible("Say in a sentence what would help, like “Somebody to look over my outline”.")
    if len(words) > limit:
        raise NotPossible(
            f"This has {len(words):,} characters and {limit:,} is the most I can keep. "
            "Shorten it a little and send it again."
        )
    return words


def check_day(by_when: date | None, today: date, *, before: date | None = None) -> None:
    """Raises NotPossible for a day that is over, unless it was chosen `before`, when it was not."""
    if by_when is not None and by_when < today and by_when != before:
        raise NotPossible("That day is over. Choose today or a later day, or leave it empty.")


def check_ours(person: Person | None) -> None:
    """Raises NotPossible for somebody of another organisation, who asks or offers here."""
    if person is None or not person.takes_part:
        raise NotPossible(
            "Mutual works within one organisation, and this one is not yours. Nothing was recorded."
        )


def check_asker(asker: Person | None) -> None:
    """Raises NotPossible when a workflow cannot ask in this person's name: they must hear of it, and of offers."""
    if asker is None or not asker.takes_part:
        raise NotPossible("The one who asks must be a person of this workspace.")
    if asker.preferences.paused:
        raise NotPossible(f"{asker.called} has paused Mutual, so nothing is asked in their name.")


def checked_thanks(typed: str | None) -> str | None:
    """None when nothing was said, which is fine. Raises NotPossible for more than a line."""
    words = (typed or "").strip()
    if len(words) > THANKS_LIMIT:
        raise NotPossible(f"A line has at most {THANKS_LIMIT} characters. Shorten it a little.")
    return words or None


def choose_people(asker: str, named: Sequence[str], known: Mapping[str, Person]) -> tuple[str, ...]:
    """Decide whom a private ask goes to. Raises NotPossible when somebody cannot be asked, and says who and why."""
    chosen = tuple(user for user in dict.fromkeys(named) if user != asker)
    if not chosen:
        raise NotPossible("Choose somebody else: you know what you need already.")
    if len(chosen) > MOST_PEOPLE:
        raise NotPossible(
            f"That is {len(chosen)} people, and {MOST_PEOPLE} is the most. "
            "In a channel, everybody may answer and nobody must."
        )
    reasons = dict.fromkeys(reason for user in chosen if (reason := _why_not_asked(known.get(user))))
    if reasons:
        raise NotPossible(" ".join(reasons))
    return chosen


def _why_not_asked(person: Person | None) -> str | None:
    if person is None:
        return NOT_KNOWN
    return person.why_left_out("asks are")


_RECEIVER = re.compile(r"^\s*(?:to\s+)?<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>[\s,:–—-]*", re.IGNORECASE)


def read_offer(typed: str) -> tuple[str, str]:
    """Read `/offer @ben <what>`: the receiver's id, and the words after it, which may be missing."""
    named = _RECEIVER.match(typed)
    if named is None:
        raise NotPossible(
            "Whom do you offer help? Begin with one person, like `/offer @ben an hour on the export`."
        )
    return named["user"], typed[named.end() :].strip()


def check_receiver(helper: str, receiver: str, known: Mapping[str, Person]) -> Person:
    """Raises NotPossible when this person cannot be offered help, and says why."""
    if receiver == helper:
        raise NotPossible(
            "An offer is for somebody else. If something would help you, `/ask` is there for it."
        )
    person = known.get(receiver)
    if person is None:
        raise NotPossible("I don't know this person. Pick a name from the list Slack shows after @.")
    if reason := person.why_left_out("help is"):
        raise NotPossible(reason)
    return person


# What may not happen, and why ---------------------------------------------------------------------------------

NOT_YOURS = "This button is for somebody else, so nothing changed."
NOT_OURS = (
    "Mutual stays within one organisation, so this button is for its own people. Thank you all the same."
)
NOT_AMONG_THEM = "This ask went to a few people only, and you are not among them."
#: To somebody who paused, and would otherwise wait for nothing.
UNHEARD_OFFERS = "Your ask is on its way. You have paused Mutual, so offers wait on your Home tab until you write `resume`."
UNHEARD_ANSWER = "Your offer is on its way. You have paused Mutual, so the answer waits on your Home tab until you write `resume`."
GONE = "I can't find this any more. It may have been taken back."


def why_no_offer(ask: Ask | None, asker: str, *, helper: str, mine: Offer | None) -> str:
    """Why pressing “I can help” offered nothing new. `asker` is a name."""
    if ask is None:
        return GONE
    if helper == ask.asker:
        return "This is your own ask. When somebody offers, I'll tell you."
    if ask.is_taken_back and (mine is None or mine.stage not in {"accepted", "helped"}):
        return f"{asker} took this ask back. Thank you for wanting to help."
    if mine is not None and mine.stage in {"pending", "accepted", "declined", "helped"}:
        return {
            "pending": f"You have offered already, and {asker} knows. I'll tell you when they answer.",
            "accepted": f"{asker} said yes to you already. When it is done, press *I helped*.",
            "declined": f"{asker} is covered for this one. Thank you for offering: it counts all the same.",
            "helped": "You have helped with this already, and it counts.",
        }[mine.stage]
    if ask.state == "closed":
        return f"{asker} is covered, and this ask is closed. Thank you for wanting to help."
    return "This ask went to a few people only. Thank you for wanting to help."


def why_no_step(
    offer: Offer | None,
    *,
    by: str,
    helper: str,
    receiver: str,
    ask: Ask | None = None,
    helper_left: bool = False,
    receiver_left: bool = False,
) -> str:
    """Why a button under an offer changed nothing. `helper` and `receiver` are names."""
    if offer is None:
        return GONE
    stage = offer.stage
    if ask is not None and ask.is_taken_back and stage in {"declined", "expired"}:
        stage = "gone with its ask"
    if by == offer.receiver:
        if helper_left and stage in {"pending", "declined", "expired"}:
            return f"{helper} no longer has an account here. Somebody else may be able to help."
        return {
            "pending": f"Nothing to change: {helper}'s offer waits for your answer.",
            "accepted": f"You said yes to {helper} already.",
            "declined": "You said already that you are covered.",
            "expired": "This offer is over. If you still want it, say yes.",
            "withdrawn": f"{helper} took this offer back, so there is nothing to answer.",
            "undone": "This was undone already.",
            "gone with its ask": f"You took this ask back, so {helper}'s offer is over. You can always ask anew.",
            "helped": f"{helper}'s help counts already.",
        }[stage]
    if by == offer.helper:
        if stage in {"pending", "accepted", "expired"} and (receiver_left or offer.claimed):
            return (
                f"{receiver} is no longer here, so nobody can say that it helped. Your offer counts all the same."
                if receiver_left
                else f"You said so already. It counts when {receiver} says that it helped."
            )
        return {
            "pending": f"Nothing to change: {receiver} has not answered yet.",
            "accepted": f"Nothing to change: {receiver} said yes to you.",
            "declined": f"{receiver} is covered for this one. Thank you for offering: it counts all the same.",
            "expired": "This offer is over. You can always offer again.",
            "withdrawn": "You took this offer back already.",
            "undone": "This was undone, and nothing is counted.",
            "gone with its ask": f"{receiver} took the ask back. Thank you for offering: it counts all the same.",
            "helped": f"{receiver} says that it helped, so it stands as help.",
        }[stage]
    return NOT_YOURS


def why_no_thanks(offer: Offer | None, *, by: str, helper: str) -> str | None:
    """Why a line of thanks cannot be said here. `helper` is a name; None: it can."""
    if offer is None:
        return GONE
    if by != offer.receiver:
        return NOT_YOURS
    if offer.thanked:
        return f"You have thanked {helper} for this already. There is always `/kudos` for more."
    if offer.stage == "undone":
        return f"This was undone. You can still thank {helper} with `/kudos`."
    if offer.stage == "withdrawn":
        return f"{helper} took this offer back. You can still thank them with `/kudos`."
    return None


def check_suggestion(
    ask: Ask | None,
    asker: str,
    *,
    by: str,
    someone: str,
    known: Mapping[str, Person],
    theirs: Offer | None,
    today: date,
) -> Person:
    """Raises NotPossible when somebody need not, or cannot, be thought of for this ask. `asker` is a name."""
    if ask is None or not ask.is_open:
        raise NotPossible("This ask is closed. Thank you for thinking of somebody.")
    if not ask.is_known_to(by):
        raise NotPossible(NOT_AMONG_THEM)
    if someone == ask.asker:
        raise NotPossible("That is the person who asks. Choose somebody who might help them.")
    if someone == by:
        raise NotPossible("If it is you who can help, press “I can help” instead.")
    person = known.get(someone)
    if person is None or not person.takes_part:
        raise NotPossible("Choose somebody of this workspace who can answer.")
    offered = theirs is not None and not theirs.is_over
    if offered and (by == ask.asker or ask.channel_id is not None):
        knows = "you know" if by == ask.asker else f"{asker} knows"
        raise NotPossible(
            f"{person.called} has offered already, and {knows}. Does somebody else come to mind?"
        )
    if offered or someone in ask.people:
        # Who offered or was asked in private is not told to others.
        who = "You have" if by == ask.asker else f"{asker} has"
        raise NotPossible(f"{who} thought of {person.called} already. Does somebody else come to mind?")
    if person.preferences.paused and by == ask.asker:
        raise NotPossible(f"{person.called} has paused Mutual, so your ask would not reach them through me.")
    if not person.has_room(today):
        raise NotPossible(f"{person.called} has no room for more right now. Does somebody else come to mind?")
    return person


def why_not_also(
    ask: Ask | None, *, by: str, someone: str, person: Person | None, theirs: Offer | None
) -> str:
    """Why “Ask them” asked nobody."""
    name = person.called if person else "They"
    if ask is not None and by != ask.asker:
        return NOT_YOURS
    if ask is None or not ask.is_open:
        return "This ask is closed, so nobody else was asked."
    if person is None or not person.takes_part:
        return "They no longer have an account here, so nobody else was asked."
    if theirs is not None and not theirs.is_over:
        return f"{name} has offered already: the offer is among these messages, and on your Home tab."
    if someone in ask.people:
        return f"{name} has your ask already."
    return f"{name} has paused Mutual, so your ask would not reach them through me."


def why_no_change(ask: Ask | None, asker: str, *, by: str) -> str:
    """Why “Edit”, “Close” or “Reopen” changed nothing. `asker` is a name."""
    if ask is None:
        return GONE
    if by != ask.asker and not ask.is_open:
        return f"Only {asker} can change this ask, and it is closed."
    if by != ask.asker:
        return f"Only {asker} can change this ask. If you can help, press *I can help*."
    return {
        "open": "This ask is open already.",
        "closed": "This ask is closed already.",
        "withdrawn": "You took this ask back, and its text is gone. You can always ask anew.",
    }[ask.state]


def boundaries(people: Iterable[Person], today: date, *, offering: bool = False) -> list[str]:
    """What somebody about to ask these people, or to offer them help, should know. Names are not escaped."""
    told = []
    for person in people:
        chosen = person.preferences
        if chosen.away(today) and chosen.away_until:
            told.append(f"{person.called} is away until {_day(chosen.away_until)}.")
        elif person.on_vacation:
            told.append(f"{person.called} is away right now.")
        elif chosen.paused:
            told.append(f"{person.called} has paused Mutual, so nothing reaches them through me right now.")
        elif chosen.at_capacity(today) and chosen.at_capacity_until:
            until = f"{person.called} is at capacity until {_day(chosen.at_capacity_until)}."
            then = (
                "Help may be all the more welcome."
                if offering
                else "You can still ask; somebody else may have more room."
            )
            told.append(f"{until} {then}")
    return told


def _day(day: date) -> str:
    return f"{day:%-d %B}"
