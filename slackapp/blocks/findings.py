"""What patterns found about a person, on their Home, and the evidence behind it."""

import json
from collections.abc import Mapping, Sequence

from slackapp.blocks.kit import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    escape,
    isolated,
    modal,
    radio,
    section,
)
from slackapp.domain.findings import ROLES, Evidence, FindingWords, Measured, bars
from slackapp.domain.mrkdwn import columns

MOST_FINDINGS = 3


def on_home(findings: Sequence[FindingWords]) -> list[Block]:
    """Nothing at all where nothing was found: no news is the usual, and good."""
    if not findings:
        return []
    blocks: list[Block] = [divider(), section("*Something you may want to know*")]
    for number, found in enumerate(findings[:MOST_FINDINGS]):
        blocks.append(section(f"{found.sentence}\n{found.among}"))
        if found.state == "left":
            continue
        about = naming(found)
        blocks.append(
            actions(
                button("Why am I seeing this?", "why_finding", about),
                button("This is expected", "expect_finding", about),
                button("Not helpful", "remark_finding", about),
                block_id=f"finding_{number}",
            )
        )
    return [
        *blocks,
        context(
            "This comes from counting, and it only says what was recorded here. "
            "Whether it matters is for you to say."
        ),
    ]


def naming(found: FindingWords) -> str:
    return json.dumps(
        {"pattern": found.pattern, "subjects": list(found.subjects), "since": found.since.isoformat()}
    )


def why(figures: Measured, words: FindingWords, seen: Evidence, names: Mapping[str, str]) -> View:
    """The evidence, as the person it is about may see it: their own gestures, week by week."""
    # Nothing in a name may end the block it is drawn in.
    other = names.get(seen.other or "", "Others").replace("`", "’")
    theirs = f"{other} gave you" if seen.other else "You received"
    lines = [("You gave", seen.given), (theirs, seen.received)]
    widest = max(columns(label) for label, _ in lines)
    drawn = "\n".join(
        f"{isolated(escape(label))}{' ' * (widest - columns(label))}  {bars(counts)}  {sum(counts)}"
        for label, counts in lines
    )
    return modal(
        "why_finding",
        "Why am I seeing this?",
        [
            section(f"{words.sentence}\n{words.among}"),
            section(f"```{drawn}```"),
            context(
                f"One bar a week over the last {len(seen.weeks)} weeks, the latest on the right. "
                "Several acts of one kind on one day count once."
            ),
            section(
                f"It has been so since the week of {words.since:%-d %B %Y}. Of what was counted, "
                f"{figures.share:.0%} went one way; allowing for chance, it is between {figures.low:.0%} "
                f"and {figures.high:.0%}."
                if words.pattern
                in ("one_sided_pair", "over_giver", "mostly_receiving")  # a share of two ways
                else f"It has been so since the week of {words.since:%-d %B %Y}."
            ),
            context(
                "Mutual says something only when chance is an unlikely reason for weeks on end, and it falls silent "
                "once that has changed for two weeks. Only what people recorded is counted."
            ),
        ],
        close="Close",
    )


def expected(found: str) -> View:
    """`found`: as `naming` made it."""
    return modal(
        "expect_finding",
        "This is expected",
        [
            section("Good to know. Mutual will not mention it for 12 weeks."),
            radio("role", "What makes it so?", ROLES, "other"),
        ],
        submit="Let it rest",
        private_metadata=found,
    )
