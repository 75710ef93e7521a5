"""What counts as kudos in an ordinary message, and what is kept of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackapp.domain.gestures import NOTE_LIMIT
from slackapp.domain.typed import TypedAct, read_typed

TACO = {"taco": "kudos", "pray": "thanks"}


def act(
    *people: str,
    kind: str = "kudos",
    note: str | None = None,
    groups: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
) -> TypedAct:
    return TypedAct(people, groups, names, kind, note)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<@U0BEN>++", act("U0BEN")),
        ("<@U0BEN> ++ for the demo", act("U0BEN", note="for the demo")),
        ("<@U0BEN|ben>: ++ for the demo", act("U0BEN", note="for the demo")),
        ("great demo <@U0BEN> +++++", act("U0BEN", note="great demo")),
        ("<@U0BEN> and <@U0CY> ++ for the demo", act("U0BEN", "U0CY", note="for the demo")),
        ("<@U0BEN>++ <@U0BEN>++", act("U0BEN")),
        ("<@U0BEN> ++ demo\n<@U0CY> ++ docs", act("U0BEN", "U0CY", note="demo\ndocs")),
        ("<@U0BEN> ++ for helping <@U0CY>", act("U0BEN", kind="thanks", note="for helping <@U0CY>")),
        ("<!subteam^S0OPS|@ops> ++", act(groups=("S0OPS",))),
        ("@Ben++ for the demo", act(names=("ben",), note="for the demo")),
        ("@ben.s ++", act(names=("ben.s",))),
    ],
)
def test_plusses_right_after_a_name_are_kudos(text: str, expected: TypedAct) -> None:
    assert read_typed(text, {}, plusplus=True) == expected


@pytest.mark.parametrize(
    "text",
    [
        "c++ is hard, <@U0BEN>",
        "<@U0BEN> c++",
        "<@U0BEN> wrote it in c++ and <@U0CY> reads it",
        "<@U0BEN> ++i is not i++",
        "`<@U0BEN>++`",
        "```\n<@U0BEN> ++ for the demo\n```",
        "&gt; <@U0BEN> ++ for the demo",
        "&gt;&gt;&gt; as Cy said:\n<@U0BEN> ++",
        "<@U0BEN> --",
        "<@U0BEN> 1+ 1",
        "<!here> ++",
        "ben@acme.com++",
        "++",
        "",
    ],
)
def test_other_plusses_are_not(text: str) -> None:
    assert read_typed(text, TACO, plusplus=True) is None


def test_a_group_in_the_words_is_not_called_again_where_they_are_shown() -> None:
    found = read_typed("<@U0BEN> ++ for helping <!subteam^S0OPS|@ops> and <!here> too", {}, plusplus=True)

    assert found == act("U0BEN", kind="thanks", note="for helping @ops and too")


def test_plusses_mean_nothing_unless_asked_for() -> None:
    assert read_typed("<@U0BEN> ++", TACO, plusplus=False) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<@U0BEN> great demo :taco:", act("U0BEN", note="great demo")),
        (":taco::taco: :taco: <@U0BEN> great demo :taco::taco:", act("U0BEN", note="great demo")),
        ("so good, <@U0BEN> <@U0CY> :taco:", act("U0BEN", "U0CY", note="so good")),
        (
            "what <@U0BEN> did for <@U0CY> was great :taco:",
            act("U0BEN", "U0CY", note="what <@U0BEN> did for <@U0CY> was great"),
        ),
        ("<@U0BEN> :pray::skin-tone-3: for last night", act("U0BEN", kind="thanks", note="for last night")),
        (
            "thanks <@U0BEN>, could you send it? :pray:",
            act("U0BEN", kind="thanks", note="thanks <@U0BEN>, could you send it?"),
        ),
        (":pray: <@U0BEN> <https://x.org?a=1>", act("U0BEN", kind="thanks", note="<https://x.org?a=1>")),
        ("<@U0BEN> how good was that? :taco:", act("U0BEN", note="how good was that?")),
        ("<@U0BEN> :taco:", act("U0BEN")),
        ("<!subteam^S0OPS|@ops> :taco: great night", act(groups=("S0OPS",), note="great night")),
        ("<!subteam^S0OPS> :taco: <!channel>", act(groups=("S0OPS",))),
    ],
)
def test_an_emoji_is_for_everyone_whom_the_message_names(text: str, expected: TypedAct) -> None:
    assert read_typed(text, TACO, plusplus=False) == expected


@pytest.mark.parametrize(
    "text",
    [
        "who wants a :taco: today?",
        "<@U0BEN> :tacos: :smile:",
        "`:taco:` <@U0BEN>",
        ":taco: `<@U0BEN>`",
        "&gt; <@U0BEN> :taco:\nyes",
        "<@U0BEN> can you look at this one :pray:",
        "<@U0BEN> is the export done? :pray:",
        ":pray: please <@U0BEN>",
    ],
)
def test_an_emoji_for_nobody_or_in_code_is_not(text: str) -> None:
    assert read_typed(text, TACO, plusplus=False) is None


def test_a_long_announcement_counts_without_its_words() -> None:
    assert read_typed("<@U0BEN> :taco: " + "x" * (NOTE_LIMIT + 1), TACO, plusplus=False) == act("U0BEN")


@given(st.text(alphabet="<@U0B>|^!+:taco`&gt; \n", max_size=80))
def test_any_text_can_be_read_and_code_never_counts(text: str) -> None:
    read_typed(text, TACO, plusplus=True)

    assert read_typed(f"```{text.replace('`', '')}```", TACO, plusplus=True) is None
