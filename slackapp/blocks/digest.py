"""Digests as messages: a person's own, a team's for its managers, a channel's celebrations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from slackapp.blocks.kit import (
    Block,
    Message,
    actions,
    button,
    clipped,
    context,
    divider,
    escape,
    fitted,
    header,
    isolated,
    quoted,
    section,
    unescape,
)
from slackapp.domain.digests import Celebrated, DigestFacts, Passage, compose
from slackapp.domain.mrkdwn import with_plain_names
from slackapp.domain.people import listed
from slackapp.domain.teampages import (
    TeamPage,
    helpers_in_words,
    reciprocity_in_words,
    suggestions,
    weeks_in_words,
)

QUOTE_LIMIT = 600


def digest(facts: DigestFacts) -> Message | None:
    """None when there is nothing worth a message."""
    printable = {user: isolated(escape(name)) for user, name in facts.names.items()}
    found = compose(replace(facts, names=printable))
    if found is None:
        return None
    blocks: list[Block] = [header("Your week")]
    for passage in found.passages:
        blocks += _passage(passage)
    return clipped(found.summary, 300), blocks


def _passage(passage: Passage) -> list[Block]:
    if not passage.title:
        return [
            divider(),
            context(passage.text),
            *_buttons(passage),
        ]
    blocks: list[Block] = [section(f"*{passage.title}*\n{passage.text}")]
    blocks += [section(quoted(clipped(quote, QUOTE_LIMIT))) for quote in passage.quotes]
    return [*blocks, *_buttons(passage)]


def _buttons(passage: Passage) -> list[Block]:
    if not passage.buttons:
        return []
    return [actions(*(button(_plain(press.text), press.action, press.value) for press in passage.buttons))]


def _plain(text: str) -> str:
    """A button is plain text, where Slack shows `&amp;` as it stands."""
    return clipped(unescape(text), 75)


def paused(until: str) -> Message:
    text = f"Paused. The next digest comes after {until}."
    return text, [section(text), actions(button("Change", "open_settings"))]


def stopped() -> Message:
    return _stopped(
        "Stopped. No more digests, and nothing else changes. You can ask for them again in Settings."
    )


def stopped_already() -> Message:
    return _stopped("You stopped digests, so none comes. You can ask for them again in Settings.")


def _stopped(text: str) -> Message:
    return text, [section(text), actions(button("Settings", "open_settings"))]


def nothing_to_say() -> list[Block]:
    return [
        section("There would be no digest this week: nothing happened that is worth interrupting you for."),
        context("It comes when somebody thanked or helped you, or when a small gesture suggests itself."),
    ]


def team_digest(page: TeamPage) -> Message | None:
    """None while a team's figures are hidden: a message to say so every week would only annoy."""
    if page.figures is None:
        return None
    name = isolated(escape(page.team.name))
    text = f"{name}: {reciprocity_in_words(page.figures)}"
    return clipped(text, 300), [
        header(clipped(page.team.name, 150)),
        section(f"{reciprocity_in_words(page.figures)}\n{helpers_in_words(page.figures)}"),
        section(
            f"*One thing to try*\n{suggestions(page.figures, {*page.counted, *(f.pattern for f in page.findings)})[0]}"
        ),
        actions(button("Open the team page", "open_team", str(page.team.team_id))),
        context(
            f"{weeks_in_words(page.figures.weeks)}. Members can read on their Home that managers look at these figures."
        ),
    ]


def celebration(given: Sequence[Celebrated], count: int, names: Mapping[str, str]) -> Message | None:
    """What was given in public this week. No balance, and no counts of anybody.

    `count`: of all that was given, where `given` are some. `names`: by id, as plain text.
    """
    if not given:
        return None

    def compose(longest: int, most: int) -> Message:
        lines: list[Block] = []
        for act in given[:most]:
            giver, *receivers = (isolated(escape(names[user])) for user in (act.giver, *act.receivers))
            # Names, not mentions that would notify: everyone has been told once already.
            lines.append(
                section(
                    f"{giver} {'thanked' if act.kind == 'thanks' else 'gave kudos to'} {listed(sorted(receivers))}"
                )
            )
            if act.note:
                note = clipped(with_plain_names(act.note, names), min(longest, QUOTE_LIMIT))
                lines.append(section(quoted(note)))
        more = count - min(len(given), most)
        return "What people thanked each other for this week", [
            header("This week’s kudos and thanks"),
            *lines,
            *([context(f"And {more} more.")] if more else []),
            context("Only what was given in public, and nobody who prefers to be thanked in private."),
        ]

    return fitted(compose, len(given))
