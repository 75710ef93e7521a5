"""What Mutual answers, only to the person who acted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from slackapp.blocks.kit import (
    SECTION_LIMIT,
    Block,
    InteractiveElement,
    Message,
    View,
    actions,
    button,
    clipped,
    context,
    escape,
    fitted,
    mention,
    modal,
    quoted,
    section,
)
from slackapp.domain.emoji import meaning
from slackapp.domain.gestures import Recorded, Teller, counted_sentence
from slackapp.domain.people import Person, listed, out_of_reach


def ways(emoji: Mapping[str, str]) -> str:
    """How to give here. `emoji`: what a reaction means."""
    means = [f"{named} is {kind}" for kind in ("kudos", "thanks") if (named := meaning(emoji, kind))]
    return "\n".join(
        [
            "*Say it in a line:* `/kudos @ana @ben for the calm release`",
            "*Or open a form:* `/kudos` with nothing after it",
            *([f"*Or react to a message:* {', '.join(means)}"] if means else []),
            "*Or from a message:* choose *Thank for this message* in its menu",
        ]
    )


def usage(emoji: Mapping[str, str]) -> list[Block]:
    return [
        section("Mutual keeps kudos, thanks and help in view, so that giving and receiving stay in balance."),
        section(ways(emoji)),
        context("Your own balance is on Mutual's Home tab. Nobody else can look it up, unless you share it."),
    ]


def refusal(sentence: str, typed: str | None = None, *, command: str = "/kudos") -> Message:
    """Why nothing was recorded, and what was typed, so that it need not be typed again from memory.

    `sentence` is plain text, `typed` is mrkdwn.
    """
    text = escape(sentence)
    kept = [context(f"You wrote: {typed}")] if typed else []
    return text, [section(text), *kept, context(f"Type `{command} help` to see how it works.")]


def counted(
    *,
    kind: str,
    receivers: Sequence[Person],
    source_key: str,
    visibility: str,
    left_out: str | None = None,
    helped: bool | None = None,
    by_workflow: bool = False,
    in_own_words: bool = False,
) -> Message:
    """What was counted and for whom, with the buttons that change it. `helped`: whether the help counts too.

    `by_workflow`: given in the name of the one who reads this. `in_own_words`: a message of theirs says it already.
    """
    given = _Given(kind, receivers, visibility, kind == "thanks" if helped is None else helped)
    return _counted([given], source_key, left_out, by_workflow=by_workflow, in_own_words=in_own_words)


@dataclass(frozen=True, slots=True)
class _Given:
    kind: str
    receivers: Sequence[Person]
    visibility: str
    helped: bool
    confirmed: bool = False

    @property
    def sentence(self) -> str:
        names = [escape(person.called) for person in self.receivers]
        if self.kind == "thanks" and not self.helped:
            return f"Your thanks to {listed(names)} counted, but not as thanks for help."
        return counted_sentence(self.kind, names)

    @property
    def by_workflow(self) -> str:
        names = listed([escape(person.called) for person in self.receivers])
        did = f"thanked {names}" if self.kind == "thanks" else f"gave kudos to {names}"
        return f"A workflow {did} in your name. If that is not what you meant, undo it."


def _counted(
    given: Sequence[_Given],
    source_key: str,
    left_out: str | None,
    *,
    by_workflow: bool,
    in_own_words: bool,
    elsewhere: Collection[str] = (),
) -> Message:
    text = " ".join(each.by_workflow if by_workflow else each.sentence for each in given)
    buttons: list[InteractiveElement] = [button("Undo", "undo", source_key)]
    # What was confirmed by *This helped* stands by that.
    thanks = [each for each in given if each.kind == "thanks" and not each.confirmed]
    if thanks:
        buttons.append(
            button("Not for help", "not_for_help", source_key)
            if any(each.helped for each in thanks)
            else button("It was for help", "for_help", source_key)
        )
    receivers = list({person.user_id: person for each in given for person in each.receivers}.values())
    lines = [
        line
        for each in given
        for line in (
            _can_read(each.receivers, elsewhere) if in_own_words else _told(each.receivers, each.visibility)
        )
    ]
    if left_out:
        lines.append(escape(left_out))
    wishes = [
        f"*{escape(person.called)}* says what helps: {escape(person.preferences.help_me)}"
        for person in receivers
        if person.preferences.help_me
    ]
    return text, [section(text), context(*dict.fromkeys(lines), *wishes[:3]), actions(*buttons)]


def _can_read(receivers: Sequence[Person], elsewhere: Collection[str]) -> list[str]:
    """How the receivers come to know of what their giver wrote in a message of their own."""
    there = [person for person in receivers if person.user_id not in elsewhere]
    others = [escape(person.called) for person in receivers if person.user_id in elsewhere]
    lines = [f"{_who(there)} can read it in your message."] if there else []
    if others:
        are, find = ("is", "finds") if len(others) == 1 else ("are", "find")
        lines.append(f"{listed(others)} {are} not in this channel, and {find} it on the Home tab.")
    return lines


def _told(receivers: Sequence[Person], visibility: str) -> list[str]:
    """How the receivers come to know of it, one sentence for each way."""
    left = [person for person in receivers if person.is_deactivated]
    paused = [person for person in receivers if person.preferences.paused and person not in left]
    reached = [person for person in receivers if person not in left and person not in paused]
    quiet = [person for person in reached if person.preferences.thanked == "private"]
    lines = []
    if reached and (visibility == "private" or len(quiet) == len(reached)):
        lines.append(f"{_who(reached)} will hear it from Mutual in private.")
    elif quiet:
        names = listed([escape(person.called) for person in quiet])
        others = listed([escape(person.called) for person in reached if person not in quiet])
        lines.append(
            f"{others} will see it where kudos are posted here. {names} will hear it in private, as they prefer."
        )
    elif reached:
        lines.append(f"{_who(reached)} will see it where kudos are posted here, or hear it in private.")
    if paused:
        names = listed([escape(person.called) for person in paused])
        have, find = ("has", "finds") if len(paused) == 1 else ("have", "find")
        lines.append(f"{names} {have} paused Mutual, and {find} it on the Home tab.")
    if left:
        lines.append(out_of_reach([escape(person.called) for person in left]))
    return lines


def _who(people: Sequence[Person]) -> str:
    return "They" if len(people) > 1 else escape(people[0].called)


_AFTER_UNDO: Mapping[Teller, str] = {
    "us": ", and whatever I posted is taken back.",
    "giver": ". What you wrote or reacted with stays where it is.",
    "nothing": ".",
}


def undone(source_key: str, what: str | None = None, *, teller: Teller, helped: bool = False) -> Message:
    """`what`: where the one who undoes does not see it beside the answer. `helped`: the help they thanked for stands."""
    text = "Undone. Nothing is counted"
    if helped:
        text = "Undone. Your thanks are not counted"
    if what:
        text = f"Undone: {what}. Nothing of it is counted"
    text += _AFTER_UNDO[teller]
    if helped:
        text += " The help still counts, since you said that it helped."
    return text, [section(text), actions(button("Put it back", "put_back", source_key))]


def nothing_to_change() -> Message:
    text = "There is nothing left to undo here."
    return text, [section(text)]


def nothing_to_put_back() -> Message:
    text = "There is nothing to put back here: what you wrote or reacted with is gone."
    return text, [section(text)]


def what_counts(
    recorded: Sequence[Recorded],
    known: Mapping[str, Person],
    *,
    by_workflow: bool = False,
    elsewhere: Collection[str] = (),
) -> Message:
    """The answer again, for what a giver has standing at one source. `elsewhere`: who cannot read their message."""
    standing = [gesture for gesture in recorded if gesture.stands and gesture.receiver in known]
    if not standing:
        return nothing_to_change()
    first = standing[0]
    alike: dict[tuple[str, str, bool], list[Recorded]] = {}
    for gesture in standing:
        alike.setdefault((gesture.kind, gesture.visibility, gesture.confirmed), []).append(gesture)
    text, (opening, *rest) = _counted(
        [
            _Given(
                kind,
                [known[act.receiver] for act in acts],
                visibility,
                any(act.helped for act in acts),
                confirmed,
            )
            for (kind, visibility, confirmed), acts in alike.items()
        ],
        first.source.key,
        None,
        by_workflow=by_workflow,
        in_own_words=not any(gesture.told for gesture in standing),
        elsewhere=elsewhere,
    )
    # Whoever did not write the words reads what was said in their name.
    return text, [opening, *(_words(first) if by_workflow else []), *rest]


def announcement(standing: Sequence[Recorded], unnotified: Mapping[str, str] | None = None) -> Message:
    """What a channel sees. People are mentioned, so each receiver is notified, except `unnotified`: id to name."""
    return fitted(lambda longest, _: _posted(standing, unnotified or {}, longest), 1)


def _posted(standing: Sequence[Recorded], unnotified: Mapping[str, str], longest: int) -> Message:
    told = [_posted_at_once(alike, unnotified, longest) for alike in _alike(standing)]
    return " · ".join(text for text, _ in told), [block for _, part in told for block in part]


def _alike(recorded: Sequence[Recorded]) -> list[list[Recorded]]:
    """One message may be answered with kudos and with thanks, each in words of its own."""
    found: dict[tuple[str, str | None], list[Recorded]] = {}
    for gesture in recorded:
        found.setdefault((gesture.kind, gesture.note), []).append(gesture)
    return list(found.values())


def _posted_at_once(standing: Sequence[Recorded], unnotified: Mapping[str, str], longest: int) -> Message:
    first = standing[0]
    receivers = listed(
        [
            escape(unnotified[gesture.receiver])
            if gesture.receiver in unnotified
            else mention(gesture.receiver)
            for gesture in standing
        ],
        most=len(standing),
    )
    verb = "thanks" if first.kind == "thanks" else "gives kudos to"
    text = f"{mention(first.giver)} {verb} {receivers}"
    return text, [section(f"{_sign(first)} {text}"), *_words(first, longest)]


MOST_GATHERED = 12  # of the 50 blocks a message may have


def announcements(
    gathered: Sequence[Sequence[Recorded]], unnotified: Mapping[str, str] | None = None
) -> Message:
    """What a channel sees of several, given within minutes. One alone looks as it would have alone."""

    def compose(longest: int, most: int) -> Message:
        told = [_posted(standing, unnotified or {}, longest) for standing in gathered]
        rest = " · ".join(text for text, _ in told[most:])
        blocks = [block for _, part in told[:most] for block in part]
        return clipped(" · ".join(text for text, _ in told), 2900), [
            *blocks,
            *([context(clipped(rest, 2900))] if rest else []),
        ]

    return fitted(compose, MOST_GATHERED)


def taken_back() -> Message:
    text = "This was taken back by the person who sent it."
    return text, [context(text)]


def still_there(channel_id: str) -> Message:
    """What was undone stands in a channel that takes no change any more."""
    text = (
        f"You took something back, and it no longer counts. But I can't change what I posted in <#{channel_id}>: "
        "I am no longer in the channel, or it is archived. So it still stands there to read."
    )
    return text, [section(text)]


def right_again(channel_id: str) -> Message:
    text = f"What I posted for you in <#{channel_id}> is right again."
    return text, [section(text)]


#: Why somebody is told in private. “A few”: it was given for them and others only.
Why = Literal["outside", "closed", "not posted", "their wish", "a few"]
_WHY: Mapping[Why | None, str] = {
    "outside": "It was given in a channel that you are not in, so you are told here. It is on your Home tab too.",
    "closed": "You are told here because I can't post it where it was given.",
    "not posted": "You are told here because kudos from there are not posted for all. It is on your Home tab too.",
    "their wish": "You like to be thanked in private, so you alone are told. It is on your Home tab too.",
    "a few": "Only the people it was sent to can read it. It is on your Home tab too.",
    None: "Only the two of you know. It is on your Home tab too.",
}


def private_note(given: Sequence[Recorded], why: Why | None = None) -> Message:
    """What one receiver is told in a direct message of what one giver gave them at one place. None: for them only."""
    told = [(_told_in_private(gesture), gesture) for gesture in given]

    def compose(longest: int, _: int) -> Message:
        parts = [[section(f"{_sign(each)} {text}"), *_words(each, longest)] for text, each in told]
        return " · ".join(text for text, _ in told), [
            *(block for part in parts for block in part),
            context(_WHY[why]),
        ]

    return fitted(compose, 1)


def _told_in_private(gesture: Recorded) -> str:
    return f"{mention(gesture.giver)} {'thanks you' if gesture.kind == 'thanks' else 'sends you kudos'}"


def _sign(gesture: Recorded) -> str:
    return ":pray:" if gesture.kind == "thanks" else ":raised_hands:"


def _words(gesture: Recorded, longest: int = SECTION_LIMIT) -> list[Block]:
    return [section(quoted(gesture.note, longest))] if gesture.note else []


def checked_in(person: Person | None, day: date, *, undone: bool) -> Message:
    """The answer to *I checked in*, where it was pressed in a message. None: it is nobody one could check in on."""
    if person is None:
        return plain("I can't find them here any more, so nothing was recorded.")
    if undone:
        return plain(f"Undone. Your check-in with {escape(person.called)} is not counted.")
    text = f"You checked in with {escape(person.called)}, and it counts. Not a word of it is kept."
    undo = button("Undo", "undo_check_in", f"{person.user_id} {day}")
    return text, [section(text), actions(undo)]


def plain(text: str) -> Message:
    return text, [section(text)]


def notice(text: str) -> View:
    """A sentence where no message can be shown, as on Home."""
    return modal("notice", "Mutual", [section(text)], close="Close")
