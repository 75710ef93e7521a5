"""What Mutual answers, only to the person who acted."""

from collections.abc import Mapping, Sequence
from datetime import date

from slackapp.blocks.kit import (
    Block,
    InteractiveElement,
    View,
    actions,
    button,
    clipped,
    context,
    escape,
    modal,
    quoted,
    section,
)
from slackapp.domain.emoji import meaning
from slackapp.domain.gestures import Recorded, counted_sentence
from slackapp.domain.people import Person, listed


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


def refusal(sentence: str, typed: str | None = None, *, command: str = "/kudos") -> tuple[str, list[Block]]:
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
) -> tuple[str, list[Block]]:
    """What was counted and for whom, with the buttons that change it. `helped`: whether the help counts too.

    `by_workflow`: given in the name of the one who reads this. `in_own_words`: a message of theirs says it already.
    """
    helped = kind == "thanks" if helped is None else helped
    names = [escape(person.called) for person in receivers]
    text = counted_sentence(kind, names)
    if kind == "thanks" and not helped:
        text = f"Your thanks to {listed(names)} counted, but not as thanks for help."
    if by_workflow:
        did = f"thanked {listed(names)}" if kind == "thanks" else f"gave kudos to {listed(names)}"
        text = f"A workflow {did} in your name. If that is not what you meant, undo it."
    buttons: list[InteractiveElement] = [button("Undo", "undo", source_key)]
    if kind == "thanks":
        buttons.append(
            button("Not for help", "not_for_help", source_key)
            if helped
            else button("It was for help", "for_help", source_key)
        )
    lines = _told(receivers, visibility, in_own_words=in_own_words)
    if left_out:
        lines.append(escape(left_out))
    wishes = [
        f"*{escape(person.called)}* says what helps: {escape(person.preferences.help_me)}"
        for person in receivers
        if person.preferences.help_me
    ]
    return text, [section(text), context(*lines, *wishes[:3]), actions(*buttons)]


def _told(receivers: Sequence[Person], visibility: str, *, in_own_words: bool) -> list[str]:
    """How the receivers come to know of it, one sentence for each way."""
    if in_own_words:
        return [f"{_who(receivers)} can read it in your message."]
    left = [person for person in receivers if person.is_deactivated]
    paused = [person for person in receivers if person.preferences.paused and person not in left]
    reached = [person for person in receivers if person not in left and person not in paused]
    quiet = [person for person in reached if person.preferences.thanked == "private"]
    lines = []
    if reached and (visibility == "private" or len(quiet) == len(reached)):
        lines.append(f"{_who(reached)} will hear it from Mutual in private.")
    elif quiet:
        names = listed([escape(person.called) for person in quiet])
        lines.append(f"The channel will see it. {names} will hear it in private, as they prefer.")
    elif reached:
        who = _who(reached)
        lines.append(f"{who} will see it in the channel, or hear it in private where Mutual cannot post.")
    if paused:
        names = listed([escape(person.called) for person in paused])
        have, find = ("has", "finds") if len(paused) == 1 else ("have", "find")
        lines.append(f"{names} {have} paused Mutual, and {find} it on the Home tab.")
    if left:
        names = listed([escape(person.called) for person in left])
        have = "has" if len(left) == 1 else "have"
        lines.append(f"{names} no longer {have} an account here, so it does not reach them.")
    return lines


def _who(people: Sequence[Person]) -> str:
    return "They" if len(people) > 1 else escape(people[0].called)


def undone(source_key: str, what: str | None = None, *, helped: bool = False) -> tuple[str, list[Block]]:
    """`what`: where the one who undoes does not see it beside the answer. `helped`: the help they thanked for stands."""
    text = "Undone. Nothing is counted, and what was posted is taken back."
    if helped:
        text = (
            "Undone. Your thanks are not counted, and what was posted is taken back. "
            "The help still counts, since you said that it helped."
        )
    if what:
        text = f"Undone: {what}. Nothing of it is counted, and what I posted is taken back."
    return text, [section(text), actions(button("Put it back", "put_back", source_key))]


def nothing_to_change() -> tuple[str, list[Block]]:
    text = "There is nothing left to undo here."
    return text, [section(text)]


def what_counts(
    recorded: Sequence[Recorded], known: Mapping[str, Person], *, by_workflow: bool = False
) -> tuple[str, list[Block]]:
    """The answer again, for what a giver has standing at one source."""
    standing = [gesture for gesture in recorded if gesture.stands and gesture.receiver in known]
    if not standing:
        return nothing_to_change()
    first = standing[0]
    text, (opening, *rest) = counted(
        kind=first.kind,
        receivers=[known[gesture.receiver] for gesture in standing],
        source_key=first.source.key,
        visibility=first.visibility,
        helped=any(gesture.helped for gesture in standing),
        by_workflow=by_workflow,
        in_own_words=not any(gesture.told for gesture in standing),
    )
    # Whoever did not write the words reads what was said in their name.
    return text, [opening, *(_words(first) if by_workflow else []), *rest]


def announcement(
    standing: Sequence[Recorded], unnotified: Mapping[str, str] | None = None
) -> tuple[str, list[Block]]:
    """What a channel sees. People are mentioned, so each receiver is notified, except `unnotified`: id to name."""
    first = standing[0]
    quiet = unnotified or {}
    receivers = listed(
        [
            escape(quiet[gesture.receiver]) if gesture.receiver in quiet else f"<@{gesture.receiver}>"
            for gesture in standing
        ],
        most=len(standing),
    )
    verb = "thanks" if first.kind == "thanks" else "gives kudos to"
    emoji = ":pray:" if first.kind == "thanks" else ":raised_hands:"
    text = f"<@{first.giver}> {verb} {receivers}"
    return text, [section(f"{emoji} {text}"), *_words(first)]


MOST_GATHERED = 12  # of the 50 blocks a message may have


def announcements(
    gathered: Sequence[Sequence[Recorded]], unnotified: Mapping[str, str] | None = None
) -> tuple[str, list[Block]]:
    """What a channel sees of several, given within minutes. One alone looks as it would have alone."""
    if len(gathered) == 1:
        return announcement(gathered[0], unnotified)
    told = [announcement(standing, unnotified) for standing in gathered]
    blocks = [block for _, part in told[:MOST_GATHERED] for block in part]
    rest = [text for text, _ in told[MOST_GATHERED:]]
    if rest:
        blocks.append(context(clipped(" · ".join(rest), 2900)))
    return clipped(" · ".join(text for text, _ in told), 2900), blocks


def taken_back() -> tuple[str, list[Block]]:
    text = "This was taken back by the person who sent it."
    return text, [context(text)]


def still_there(channel_id: str) -> tuple[str, list[Block]]:
    """What was undone stands in a channel that takes no change any more."""
    text = (
        f"You took something back, and it no longer counts. But I can't change what I posted in <#{channel_id}>: "
        "I am no longer in the channel, or it is archived. So it still stands there to read."
    )
    return text, [section(text)]


def right_again(channel_id: str) -> tuple[str, list[Block]]:
    text = f"What I posted for you in <#{channel_id}> is right again."
    return text, [section(text)]


def private_note(gesture: Recorded, *, fell_back: bool, closed: bool = True) -> tuple[str, list[Block]]:
    """What one receiver is told in a direct message."""
    said = "thanks you" if gesture.kind == "thanks" else "sends you kudos"
    emoji = ":pray:" if gesture.kind == "thanks" else ":raised_hands:"
    text = f"<@{gesture.giver}> {said}"
    why = (
        "You are told here because I can't post it where it was given."
        if fell_back and closed
        else "You are told here because kudos from there are not posted for all. It is on your Home tab too."
        if fell_back
        else "Only the two of you know. It is on your Home tab too."
    )
    return text, [section(f"{emoji} {text}"), *_words(gesture), context(why)]


def _words(gesture: Recorded) -> list[Block]:
    return [section(quoted(gesture.note))] if gesture.note else []


def checked_in(person: Person | None, day: date, *, undone: bool) -> tuple[str, list[Block]]:
    """The answer to *I checked in*, where it was pressed in a message. None: it is nobody one could check in on."""
    if person is None:
        return plain("I can't find them here any more, so nothing was recorded.")
    if undone:
        return plain(f"Undone. Your check-in with {escape(person.called)} is not counted.")
    text = f"You checked in with {escape(person.called)}, and it counts. Not a word of it is kept."
    undo = button("Undo", "undo_check_in", f"{person.user_id} {day}")
    return text, [section(text), actions(undo)]


def plain(text: str) -> tuple[str, list[Block]]:
    return text, [section(text)]


def notice(text: str) -> View:
    """A sentence where no message can be shown, as on Home."""
    return modal("notice", "Mutual", [section(text)], close="Close")
