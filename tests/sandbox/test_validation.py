"""Which blocks and views are refused, where, and in which words."""

from typing import Any

import pytest
from slack_sdk.models import blocks as sdk
from slack_sdk.models.views import View

from slackapp.sandbox.validation import check_blocks, check_view, with_ids

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def section(**parts: Any) -> Block:
    return {"type": "section", "text": mrkdwn("x"), **parts}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def asking(element: Block, **parts: Any) -> Block:
    return {"type": "input", "label": plain("x"), "element": element, **parts}


def button(**parts: Any) -> Block:
    return {"type": "button", "text": plain("x"), **parts}


def options(count: int, **parts: Any) -> list[Block]:
    return [{"text": plain(f"{n}"), "value": f"{n}", **parts} for n in range(count)]


def select(kind: str = "static_select", **parts: Any) -> Block:
    return {"type": kind, "options": options(2), **parts}


CONFIRM = {"title": plain("x"), "text": mrkdwn("x"), "confirm": plain("x"), "deny": plain("x")}
IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "x"}
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "user", "user_id": "U1"},
                        {"type": "text", "text": " helped", "style": {"bold": True}},
                        {"type": "emoji", "name": "tada"},
                    ],
                }
            ],
        }
    ],
}

TAKEN_EVERYWHERE = {
    "section": section(),
    "fields": {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
    "accessory": section(accessory=button(value="v" * 2000, url="https://example.com", style="primary", confirm=CONFIRM)),
    "longest section": section(text=mrkdwn("x" * 3000)),
    "header": {"type": "header", "text": plain("x" * 150)},
    "divider": {"type": "divider", "block_id": "b" * 255},
    "context": {"type": "context", "elements": [mrkdwn("x"), IMAGE, plain("x")]},
    "25 buttons": actions(*[button(action_id=str(n)) for n in range(25)]),
    "image": {**IMAGE, "title": plain("x")},
    "slack file": {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"},
    "rich text": RICH,
    "text input": asking({"type": "plain_text_input", "multiline": True, "max_length": 3000}, optional=True, hint=plain("x")),
    "most options": actions(select(options=options(100), placeholder=plain("x" * 150))),
    "option groups": actions(
        {"type": "static_select", "option_groups": [{"label": plain("x"), "options": options(2)}]},
    ),
    "first option": actions(select(initial_option=options(2)[1])),
    "people": section(accessory={"type": "multi_users_select", "initial_users": ["U1"], "max_selected_items": 3}),
    "ten boxes": asking({"type": "checkboxes", "options": options(10, description=mrkdwn("x"))}),
    "overflow": section(accessory={"type": "overflow", "options": options(5, url="https://example.com")}),
    "date and time": actions(
        {"type": "datepicker", "initial_date": "2026-02-28"}, {"type": "timepicker", "initial_time": "23:59"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
@pytest.mark.parametrize("block", TAKEN_EVERYWHERE.values(), ids=TAKEN_EVERYWHERE.keys())
def test_what_slack_takes_is_taken(block: Block, surface: str) -> None:
    assert check_blocks([block], surface) == []


REFUSED: dict[str, tuple[Block, str]] = {
    "no such block": ({"type": "nonsense"}, "unsupported type: nonsense [json-pointer:/blocks/0/type]"),
    "no type": ({}, "unsupported type: None [json-pointer:/blocks/0/type]"),
    "neither text nor fields": ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
    "empty text": (section(text=mrkdwn("")), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    "long text": (section(text=mrkdwn("x" * 3001)), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    "long field": (
        {"type": "section", "fields": [mrkdwn("x" * 2001)]},
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    "eleven fields": (
        {"type": "section", "fields": [mrkdwn("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    "text is a string": (section(text="x"), "must provide an object [json-pointer:/blocks/0/text]"),
    "unknown field": (section(color="red"), "invalid additional property: color [json-pointer:/blocks/0]"),
    "mrkdwn header": (
        {"type": "header", "text": mrkdwn("x")},
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    "long header": (
        {"type": "header", "text": plain("x" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    "26 buttons": (actions(*[button()] * 26), "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    "no buttons": (actions(), "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    "eleven in context": (
        {"type": "context", "elements": [mrkdwn("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "button in context": (
        {"type": "context", "elements": [button()]},
        "unsupported type: button [json-pointer:/blocks/0/elements/0/type]",
    ),
    "long label on a button": (
        actions(button(text=plain("x" * 76))),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    "long value": (
        actions(button(value="x" * 2001)),
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    "odd style": (
        actions(button(style="danger!")),
        "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
    ),
    "long action id": (
        actions(button(action_id="x" * 256)),
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    "input among actions": (
        actions({"type": "plain_text_input"}),
        "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
    ),
    "many people among actions": (
        actions({"type": "multi_users_select"}),
        "unsupported type: multi_users_select [json-pointer:/blocks/0/elements/0/type]",
    ),
    "button as input": (asking(button()), "unsupported type: button [json-pointer:/blocks/0/element/type]"),
    "image without words": (
        {"type": "image", "image_url": "https://example.com/a.png"},
        "missing required field: alt_text [json-pointer:/blocks/0]",
    ),
    "two images in one": (
        {**IMAGE, "slack_file": {"id": "F1"}},
        "only one of image_url, slack_file is allowed [json-pointer:/blocks/0]",
    ),
    "101 options": (
        actions(select(options=options(101))),
        "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "no options": (
        actions({"type": "static_select"}),
        "missing required field: options [json-pointer:/blocks/0/elements/0]",
    ),
    "long option value": (
        actions(select(options=[{"text": plain("x"), "value": "x" * 151}])),
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
    ),
    "first option from elsewhere": (
        actions(select(initial_option={"text": plain("z"), "value": "z"})),
        "initial option must match one of the options [json-pointer:/blocks/0/elements/0]",
    ),
    "options with one value": (
        actions(select(options=[*options(1), *options(1)])),
        "option values must be unique [json-pointer:/blocks/0/elements/0]",
    ),
    "eleven boxes": (
        actions({"type": "checkboxes", "options": options(11)}),
        "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "six in overflow": (
        actions({"type": "overflow", "options": options(6)}),
        "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "no such day": (
        actions({"type": "datepicker", "initial_date": "2026-02-30"}),
        "invalid date format [json-pointer:/blocks/0/elements/0/initial_date]",
    ),
    "no such time": (
        actions({"type": "timepicker", "initial_time": "24:00"}),
        "invalid time format [json-pointer:/blocks/0/elements/0/initial_time]",
    ),
    "longer than longest": (
        asking({"type": "plain_text_input", "max_length": 3001}),
        "must be less than or equal to 3000 [json-pointer:/blocks/0/element/max_length]",
    ),
    "begins too long": (
        asking({"type": "plain_text_input", "max_length": 2, "initial_value": "xyz"}),
        "must be less than 3 characters [json-pointer:/blocks/0/element/initial_value]",
    ),
    "half a confirmation": (
        actions(button(confirm={"title": plain("x")})),
        "missing required field: text [json-pointer:/blocks/0/elements/0/confirm]",
    ),
    "odd inline element": (
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "image"}]}]},
        "unsupported type: image [json-pointer:/blocks/0/elements/0/elements/0/type]",
    ),
    "too deep a list": (
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_list", "style": "bullet", "indent": 9, "elements": [{"type": "rich_text_section", "elements": []}]}
            ],
        },
        "must be less than or equal to 8 [json-pointer:/blocks/0/elements/0/indent]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
@pytest.mark.parametrize(("block", "problem"), REFUSED.values(), ids=REFUSED.keys())
def test_what_slack_refuses_is_refused(block: Block, problem: str, surface: str) -> None:
    assert problem in check_blocks([block], surface)


@pytest.mark.parametrize(
    ("block", "surfaces"),
    [
        ({"type": "markdown", "text": "x"}, {"message"}),
        ({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}, {"message"}),
        ({"type": "alert", "text": mrkdwn("x")}, {"modal"}),
        ({"type": "card", "title": plain("x")}, {"message", "home"}),
        ({"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain("x")}]}, {"message"}),
        (asking({"type": "email_text_input"}), {"modal"}),
        (asking({"type": "url_text_input"}), {"modal"}),
        (asking({"type": "number_input", "is_decimal_allowed": True}), {"modal"}),
        (asking({"type": "file_input"}), {"modal"}),
        (asking({"type": "rich_text_input"}), {"modal", "home"}),
        (asking({"type": "datetimepicker"}), {"message", "modal"}),
        (asking({"type": "conversations_select", "response_url_enabled": True}), {"modal"}),
    ],
    ids=lambda value: str(value.get("element", value)["type"]) if isinstance(value, dict) else "",
)  # fmt: skip
def test_some_stand_only_on_some_surfaces(block: Block, surfaces: set[str]) -> None:
    assert {s for s in ("message", "modal", "home") if not check_blocks([block], s)} == surfaces


@pytest.mark.parametrize(("surface", "most"), [("message", 50), ("modal", 100), ("home", 100)])
def test_a_surface_has_room_for_so_many_blocks(surface: str, most: int) -> None:
    assert check_blocks([{"type": "divider"}] * most, surface) == []
    assert check_blocks([{"type": "divider"}] * (most + 1), surface) == [
        f"no more than {most} items allowed [json-pointer:/blocks]"
    ]


def test_ids_are_used_once() -> None:
    twice = [{"type": "divider", "block_id": "b"}] * 2
    assert check_blocks(twice, "home") == ['block_id "b" already exists [json-pointer:/blocks/1/block_id]']
    same = {**actions(button(action_id="a"), button(action_id="a")), "block_id": "b"}
    assert check_blocks([same], "home") == [
        '`action_id` "a" already exists for block_id: "b" [json-pointer:/blocks/0]'
    ]
    assert check_blocks([actions(button(action_id="a")), actions(button(action_id="a"))], "home") == []


def test_some_limits_hold_for_the_whole_message() -> None:
    half = {"type": "markdown", "text": "x" * 6001}
    assert len(check_blocks([half, half], "message")) == 1
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}
    assert len(check_blocks([table, table], "message")) == 1
    focused = asking({"type": "plain_text_input", "focus_on_load": True})
    assert len(check_blocks([focused, focused], "modal")) == 1


@pytest.mark.parametrize("blocks", [None, "x", {}, [], ["x"], [None], [[]]])
def test_what_is_not_a_list_of_blocks_is_refused(blocks: Any) -> None:
    assert check_blocks(blocks, "message")


MODAL: Block = {"type": "modal", "title": plain("x"), "blocks": [section()]}


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        ({"type": "nonsense"}, "unsupported type: nonsense [json-pointer:/view/type]"),
        (
            {**MODAL, "title": plain("x" * 25)},
            "must be less than 25 characters [json-pointer:/view/title/text]",
        ),
        (
            {**MODAL, "submit": plain("x" * 25)},
            "must be less than 25 characters [json-pointer:/view/submit/text]",
        ),
        ({**MODAL, "close": mrkdwn("x")}, "unsupported type: mrkdwn [json-pointer:/view/close/type]"),
        ({**MODAL, "blocks": []}, "no fewer than 1 items allowed [json-pointer:/view/blocks]"),
        ({"type": "modal", "title": plain("x")}, "missing required field: blocks [json-pointer:/view]"),
        ({"type": "modal", "blocks": [section()]}, "missing required field: title [json-pointer:/view]"),
        (
            {**MODAL, "private_metadata": "x" * 3001},
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (
            {**MODAL, "callback_id": "x" * 256},
            "must be less than 256 characters [json-pointer:/view/callback_id]",
        ),
        (
            {**MODAL, "blocks": [asking({"type": "plain_text_input"})]},
            "missing required field: submit [json-pointer:/view]",
        ),
        (
            {"type": "home", "title": plain("x"), "blocks": []},
            "invalid additional property: title [json-pointer:/view]",
        ),
    ],
)
def test_views_that_are_refused(view: Block, problem: str) -> None:
    assert problem in check_view(view)


def test_views_that_are_taken() -> None:
    assert check_view({"type": "home", "blocks": []}) == []
    assert check_view({**MODAL, "clear_on_close": True, "notify_on_close": True}) == []
    assert check_view({**MODAL, "submit": plain("x"), "blocks": [asking({"type": "plain_text_input"})]}) == []


def test_what_the_sdk_builds_is_taken() -> None:
    view = View(
        type="modal",
        title=sdk.PlainTextObject(text="Settings"),
        submit=sdk.PlainTextObject(text="Save"),
        blocks=[
            sdk.HeaderBlock(text="Hello"),
            sdk.InputBlock(
                label="Who",
                element=sdk.UserMultiSelectElement(action_id="who", placeholder="Choose"),
            ),
            sdk.ActionsBlock(elements=[sdk.ButtonElement(text="Go", action_id="go", value="1")]),
        ],
    )
    assert check_view(view.to_dict(), "modal") == []


def test_slack_fills_in_the_ids_that_are_missing() -> None:
    numbers = iter("abcdef")
    [first, second] = with_ids(
        [actions(button()), {"type": "divider", "block_id": "mine"}], lambda: next(numbers)
    )
    assert (first["block_id"], first["elements"][0]["action_id"], second["block_id"]) == ("a", "b", "mine")
