"""What Slack refuses: blocks and views checked per surface, in the words of Slack's own answers.

To add a block or an element, append it to BLOCKS or ELEMENTS with the surfaces it may stand on and its fields.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .elements import Json, elements

MESSAGE, MODAL, HOME = "message", "modal", "home"
EVERYWHERE = frozenset({MESSAGE, MODAL, HOME})
MOST_BLOCKS = {MESSAGE: 50, MODAL: 100, HOME: 100}

# A check looks at a value and says what is wrong with it; `where` is a JSON pointer to the value.
Check = Callable[[Any, str, str], Iterator[str]]  # value, where, surface


@dataclass(frozen=True)
class Shape:
    fields: dict[str, Check]
    required: tuple[str, ...] = ()
    rules: tuple[Check, ...] = ()
    surfaces: frozenset[str] = EVERYWHERE
    places: frozenset[str] = field(default=frozenset())  # for elements: accessory, actions, input, context …


def at(problem: str, where: str) -> str:
    return f"{problem} [json-pointer:{where}]"


# -- checks of single values


def string(most: int, least: int = 1) -> Check:
    def check(value: Any, where: str, surface: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield at("must provide a string", where)
        elif len(value) > most:
            yield at(f"must be less than {most + 1} characters", where)
        elif len(value) < least:
            yield at(f"must be more than {least - 1} characters", where)

    return check


def matching(pattern: str, problem: str) -> Check:
    def check(value: Any, where: str, surface: str) -> Iterator[str]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield at(problem, where)

    return check


def url(value: Any, where: str, surface: str) -> Iterator[str]:
    if not isinstance(value, str) or not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+$", value):
        yield at("must be a valid URL", where)
    elif len(value) > 3000:
        yield at("must be less than 3001 characters", where)


def day(value: Any, where: str, surface: str) -> Iterator[str]:
    try:
        if len(value) != 10:
            raise ValueError(value)
        date.fromisoformat(value)
    except (TypeError, ValueError):
        yield at("invalid date format", where)


def boolean(value: Any, where: str, surface: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield at("must be a boolean", where)


def integer(least: int, most: int) -> Check:
    def check(value: Any, where: str, surface: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield at("must be an integer", where)
        elif value < least:
            yield at(f"must be greater than or equal to {least}", where)
        elif value > most:
            yield at(f"must be less than or equal to {most}", where)

    return check


def one_of(*allowed: str) -> Check:
    def check(value: Any, where: str, surface: str) -> Iterator[str]:
        if value not in allowed:
            yield at("must be a valid enum value", where)

    return check


def anything(value: Any, where: str, surface: str) -> Iterator[str]:
    return iter(())


def many(item: Check, most: int, least: int = 1) -> Check:
    def check(value: Any, where: str, surface: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield at("must provide an array", where)
            return
        if len(value) > most:
            yield at(f"no more than {most} items allowed", where)
        if len(value) < least:
            yield at(f"no fewer than {least} items allowed", where)
        for place, entry in enumerate(value):
            yield from item(entry, f"{where}/{place}", surface)

    return check


# -- checks of objects


def properties(
    value: Json, shape: Shape, where: str, surface: str, *, also: tuple[str, ...] = ("type",)
) -> Iterator[str]:
    """What is wrong with the fields; the rules between them are only asked when each field is right."""
    wrong = False
    for name in shape.required:
        if value.get(name) is None:
            wrong = True
            yield at(f"missing required field: {name}", where)
    for name, held in value.items():
        if name in also:
            continue
        if name not in shape.fields:
            wrong = True
            yield at(f"invalid additional property: {name}", where)
        elif held is not None:
            for problem in shape.fields[name](held, f"{where}/{name}", surface):
                wrong = True
                yield problem
    if not wrong:
        for rule in shape.rules:
            yield from rule(value, where, surface)


def typed(shapes: Callable[[], dict[str, Shape]], place: str | None = None) -> Check:
    """An object that says its own type, where only some types may stand."""

    def check(value: Any, where: str, surface: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield at("must provide an object", where)
            return
        shape = shapes().get(str(value.get("type")))
        if shape is None or surface not in shape.surfaces or (place and place not in shape.places):
            yield at(f"unsupported type: {value.get('type')}", f"{where}/type")
            return
        yield from properties(value, shape, where, surface)

    return check


def plain(fields: dict[str, Check], *required: str, rules: tuple[Check, ...] = ()) -> Check:
    """An object without a type of its own."""
    shape = Shape(fields, required, rules)

    def check(value: Any, where: str, surface: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield at("must provide an object", where)
        else:
            yield from properties(value, shape, where, surface, also=())

    return check


def text(most: int, *kinds: str, least: int = 1) -> Check:
    allowed = kinds or ("plain_text", "mrkdwn")

    def check(value: Any, where: str, surface: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield at("must provide an object", where)
            return
        kind = value.get("type")
        if kind not in allowed:
            yield at(f"unsupported type: {kind}", f"{where}/type")
            return
        extra = {"emoji": boolean} if kind == "plain_text" else {"verbatim": boolean}
        shape = Shape({"text": string(most, least), **extra}, ("text",))
        yield from properties(value, shape, where, surface)

    return check


def title(most: int) -> Check:
    return text(most, "plain_text")


def either(*names: str) -> Check:
    """Exactly one of these fields."""

    def check(value: Any, where: str, surface: str) -> Iterator[str]:
        given = [name for name in names if value.get(name) is not None]
        if not given:
            yield at(f"missing required field: {names[0]}", where)
        elif len(given) > 1:
            yield at(f"only one of {', '.join(names)} is allowed", where)

    return check


def some(*names: str) -> Check:
    """At least one of these fields."""

    def check(value: Any, where: str, surface: str) -> Iterator[str]:
        if not any(value.get(name) for name in names):
            yield at(f"missing required field: {names[0]}", where)

    return check


def offered(value: Any, where: str, surface: str) -> Iterator[str]:
    """What is chosen at first must be among the options."""
    options = list(value.get("options") or [])
    for group in value.get("option_groups") or []:
        options += group.get("options", []) if isinstance(group, dict) else []
    values = [option.get("value") for option in options if isinstance(option, dict)]
    if len(values) != len(set(map(str, values))):
        yield at("option values must be unique", where)
    chosen = value.get("initial_options") or (
        [value["initial_option"]] if value.get("initial_option") else []
    )
    for option in chosen:
        if isinstance(option, dict) and not any(option.get("value") == v for v in values):
            yield at("initial option must match one of the options", where)


def lengths(value: Any, where: str, surface: str) -> Iterator[str]:
    least, most, first = (
        value.get("min_length", 0),
        value.get("max_length", 3000),
        value.get("initial_value") or "",
    )
    if isinstance(least, int) and isinstance(most, int):
        if least > most:
            yield at("min_length must be less than or equal to max_length", where)
        if isinstance(first, str) and len(first) > most:
            yield at(f"must be less than {most + 1} characters", f"{where}/initial_value")


# -- composition objects

SLACK_FILE = plain({"id": string(255), "url": url}, rules=(either("id", "url"),))
CONFIRM = plain(
    {
        "title": title(100),
        "text": text(300),
        "confirm": title(30),
        "deny": title(30),
        "style": one_of("primary", "danger"),
    },
    "title",
    "text",
    "confirm",
    "deny",
)
OPTION = plain(
    {"text": title(75), "value": string(150), "description": title(75)},
    "text",
    "value",
)
MARKED_OPTION = plain({"text": text(75), "value": string(150), "description": text(75)}, "text", "value")
OVERFLOW_OPTION = plain(
    {"text": title(75), "value": string(150), "description": title(75), "url": url}, "text", "value"
)
OPTION_GROUP = plain({"label": title(75), "options": many(OPTION, 100)}, "label", "options")
DISPATCH = plain({"trigger_actions_on": many(one_of("on_enter_pressed", "on_character_entered"), 2)})
CONVERSATION_FILTER = plain(
    {
        "include": many(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    rules=(some("include", "exclude_external_shared_channels", "exclude_bot_users"),),
)

# -- elements

ACTION: dict[str, Check] = {"action_id": string(255)}
FOCUS: dict[str, Check] = {"focus_on_load": boolean}
PLACEHOLDER: dict[str, Check] = {"placeholder": title(150)}
CONFIRMED: dict[str, Check] = {"confirm": CONFIRM}
SELECT = {**ACTION, **FOCUS, **PLACEHOLDER, **CONFIRMED}
MULTI: dict[str, Check] = {**SELECT, "max_selected_items": integer(1, 10**6)}
CHOICES: dict[str, Check] = {"options": many(OPTION, 100), "option_groups": many(OPTION_GROUP, 100)}
IDS = many(string(255), 10**6, 0)

MENU = frozenset({"accessory", "actions", "input"})
MULTI_MENU = frozenset({"accessory", "input"})
INPUT = frozenset({"input"})
TYPED: dict[str, Check] = {
    **ACTION,
    **FOCUS,
    **PLACEHOLDER,
    "initial_value": string(3000, 0),
    "dispatch_action_config": DISPATCH,
}

ELEMENTS: dict[str, Shape] = {
    "button": Shape(
        {
            **ACTION,
            **CONFIRMED,
            "text": title(75),
            "url": url,
            "value": string(2000),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
            "agent_prompt": string(4000),
        },
        ("text",),
        places=frozenset({"accessory", "actions", "card"}),
    ),
    "workflow_button": Shape(
        {
            **ACTION,
            "text": title(75),
            "workflow": anything,
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        },
        ("text", "workflow"),
        surfaces=frozenset({MESSAGE}),
        places=frozenset({"accessory", "actions"}),
    ),
    "overflow": Shape(
        {**ACTION, **CONFIRMED, "options": many(OVERFLOW_OPTION, 5)},
        ("options",),
        places=frozenset({"accessory", "actions"}),
    ),
    "image": Shape(
        {"image_url": url, "alt_text": string(2000), "slack_file": SLACK_FILE},
        ("alt_text",),
        (either("image_url", "slack_file"),),
        places=frozenset({"accessory", "context"}),
    ),
    "static_select": Shape(
        {**SELECT, **CHOICES, "initial_option": OPTION},
        (),
        (either("options", "option_groups"), offered),
        places=MENU,
    ),
    "multi_static_select": Shape(
        {**MULTI, **CHOICES, "initial_options": many(OPTION, 100)},
        (),
        (either("options", "option_groups"), offered),
        places=MULTI_MENU,
    ),
    "external_select": Shape(
        {**SELECT, "initial_option": OPTION, "min_query_length": integer(0, 1000)}, places=MENU
    ),
    "multi_external_select": Shape(
        {**MULTI, "initial_options": many(OPTION, 100), "min_query_length": integer(0, 1000)},
        places=MULTI_MENU,
    ),
    "users_select": Shape({**SELECT, "initial_user": string(255)}, places=MENU),
    "multi_users_select": Shape({**MULTI, "initial_users": IDS}, places=MULTI_MENU),
    "channels_select": Shape(
        {**SELECT, "initial_channel": string(255), "response_url_enabled": boolean}, places=MENU
    ),
    "multi_channels_select": Shape({**MULTI, "initial_channels": IDS}, places=MULTI_MENU),
    "conversations_select": Shape(
        {
            **SELECT,
            "initial_conversation": string(255),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": CONVERSATION_FILTER,
        },
        places=MENU,
    ),
    "multi_conversations_select": Shape(
        {
            **MULTI,
            "initial_conversations": IDS,
            "default_to_current_conversation": boolean,
            "filter": CONVERSATION_FILTER,
        },
        places=MULTI_MENU,
    ),
    "checkboxes": Shape(
        {
            **ACTION,
            **FOCUS,
            **CONFIRMED,
            "options": many(MARKED_OPTION, 10),
            "initial_options": many(MARKED_OPTION, 10),
        },
        ("options",),
        (offered,),
        places=MENU,
    ),
    "radio_buttons": Shape(
        {**ACTION, **FOCUS, **CONFIRMED, "options": many(MARKED_OPTION, 10), "initial_option": MARKED_OPTION},
        ("options",),
        (offered,),
        places=MENU,
    ),
    "datepicker": Shape({**SELECT, "initial_date": day}, places=MENU),
    "timepicker": Shape(
        {
            **SELECT,
            "initial_time": matching(r"([01]\d|2[0-3]):[0-5]\d", "invalid time format"),
            "timezone": string(100),
        },
        places=MENU,
    ),
    "datetimepicker": Shape(
        {**ACTION, **FOCUS, **CONFIRMED, "initial_date_time": integer(10**9, 10**10 - 1)},
        surfaces=frozenset({MESSAGE, MODAL}),
        places=frozenset({"actions", "input"}),
    ),
    "plain_text_input": Shape(
        {**TYPED, "multiline": boolean, "min_length": integer(0, 3000), "max_length": integer(1, 3000)},
        rules=(lengths,),
        places=INPUT,
    ),
    "rich_text_input": Shape(
        {**ACTION, **FOCUS, **PLACEHOLDER, "initial_value": anything, "dispatch_action_config": DISPATCH},
        surfaces=frozenset({MODAL, HOME}),
        places=INPUT,
    ),
    "email_text_input": Shape(TYPED, surfaces=frozenset({MODAL}), places=INPUT),
    "url_text_input": Shape(TYPED, surfaces=frozenset({MODAL}), places=INPUT),
    "number_input": Shape(
        {**TYPED, "is_decimal_allowed": boolean, "min_value": string(64), "max_value": string(64)},
        ("is_decimal_allowed",),
        surfaces=frozenset({MODAL}),
        places=INPUT,
    ),
    "file_input": Shape(
        {**ACTION, "filetypes": many(string(100), 100), "max_files": integer(1, 10)},
        surfaces=frozenset({MODAL}),
        places=INPUT,
    ),
    "feedback_buttons": Shape(
        {**ACTION, "positive_button": anything, "negative_button": anything},
        ("positive_button", "negative_button"),
        surfaces=frozenset({MESSAGE}),
        places=frozenset({"context_actions"}),
    ),
    "icon_button": Shape(
        {
            **ACTION,
            **CONFIRMED,
            "icon": string(75),
            "text": title(75),
            "value": string(2000),
            "accessibility_label": string(75),
            "visible_to_user_ids": IDS,
        },
        ("icon", "text"),
        surfaces=frozenset({MESSAGE}),
        places=frozenset({"context_actions"}),
    ),
}

# -- rich text

STYLE = plain(
    dict.fromkeys(
        ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean
    )
)
STYLED: dict[str, Check] = {"style": STYLE}
INLINE: dict[str, Shape] = {
    "text": Shape({**STYLED, "text": string(10**6, 1)}, ("text",)),
    "link": Shape({**STYLED, "url": string(3000), "text": string(10**6), "unsafe": boolean}, ("url",)),
    "emoji": Shape(
        {**STYLED, "name": string(255), "unicode": string(255), "skin_tone": integer(1, 6)}, ("name",)
    ),
    "user": Shape({**STYLED, "user_id": string(255)}, ("user_id",)),
    "usergroup": Shape({**STYLED, "usergroup_id": string(255)}, ("usergroup_id",)),
    "channel": Shape({**STYLED, "channel_id": string(255)}, ("channel_id",)),
    "broadcast": Shape({**STYLED, "range": one_of("here", "channel", "everyone")}, ("range",)),
    "date": Shape(
        {
            **STYLED,
            "timestamp": integer(0, 10**11),
            "format": string(1000),
            "url": url,
            "fallback": string(1000),
        },
        ("timestamp", "format"),
    ),
    "color": Shape({**STYLED, "value": string(20)}, ("value",)),
}
INLINES = many(typed(lambda: INLINE), 10**6, 0)
RICH: dict[str, Shape] = {
    "rich_text_section": Shape({"elements": INLINES}, ("elements",)),
    "rich_text_preformatted": Shape(
        {"elements": INLINES, "border": integer(0, 1), "language": string(50)}, ("elements",)
    ),
    "rich_text_quote": Shape({"elements": INLINES, "border": integer(0, 1)}, ("elements",)),
    "rich_text_list": Shape(
        {
            "elements": many(typed(lambda: {"rich_text_section": RICH["rich_text_section"]}), 10**6),
            "style": one_of("bullet", "ordered"),
            "indent": integer(0, 8),
            "offset": integer(0, 10**6),
            "border": integer(0, 1),
        },
        ("elements", "style"),
    ),
}

# -- blocks


def element(place: str) -> Check:
    return typed(lambda: ELEMENTS, place)


def context_item(value: Any, where: str, surface: str) -> Iterator[str]:
    if isinstance(value, dict) and value.get("type") in ("plain_text", "mrkdwn"):
        yield from text(3000)(value, where, surface)
    else:
        yield from element("context")(value, where, surface)


ID: dict[str, Check] = {"block_id": string(255)}
ON_MESSAGES = frozenset({MESSAGE})
MESSAGES_AND_HOME = frozenset({MESSAGE, HOME})
CELL = plain(
    {
        "type": one_of("raw_text", "rich_text", "raw_number"),
        "text": string(3000, 0),
        "elements": anything,
        "value": anything,
    },
    "type",
)

CARD = Shape(
    {
        **ID,
        "hero_image": element("context"),
        "icon": element("context"),
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "actions": many(element("card"), 3),
    },
    rules=(some("hero_image", "title", "actions", "body"),),
    surfaces=MESSAGES_AND_HOME,
)

BLOCKS: dict[str, Shape] = {
    "section": Shape(
        {
            **ID,
            "text": text(3000),
            "fields": many(text(2000), 10),
            "accessory": element("accessory"),
            "expand": boolean,
        },
        rules=(some("text", "fields"),),
    ),
    "divider": Shape(ID),
    "header": Shape({**ID, "text": title(150)}, ("text",)),
    "context": Shape({**ID, "elements": many(context_item, 10)}, ("elements",)),
    "actions": Shape({**ID, "elements": many(element("actions"), 25)}, ("elements",)),
    "image": Shape(
        {**ID, "image_url": url, "slack_file": SLACK_FILE, "alt_text": string(2000), "title": title(2000)},
        ("alt_text",),
        (either("image_url", "slack_file"),),
    ),
    "input": Shape(
        {
            **ID,
            "label": title(2000),
            "element": element("input"),
            "hint": title(2000),
            "optional": boolean,
            "dispatch_action": boolean,
        },
        ("label", "element"),
    ),
    "rich_text": Shape({**ID, "elements": many(typed(lambda: RICH), 10**4)}, ("elements",)),
    "video": Shape(
        {
            **ID,
            "title": title(199),
            "alt_text": string(2000),
            "video_url": url,
            "thumbnail_url": url,
            "title_url": url,
            "description": title(199),
            "author_name": string(49),
            "provider_name": string(50),
            "provider_icon_url": url,
        },
        ("title", "alt_text", "video_url", "thumbnail_url"),
    ),
    "markdown": Shape({**ID, "text": string(12_000)}, ("text",), surfaces=ON_MESSAGES),
    "context_actions": Shape(
        {**ID, "elements": many(element("context_actions"), 5)}, ("elements",), surfaces=ON_MESSAGES
    ),
    "table": Shape(
        {**ID, "rows": many(many(CELL, 20), 100), "column_settings": many(anything, 20)},
        ("rows",),
        surfaces=ON_MESSAGES,
    ),
    "card": CARD,
    "carousel": Shape(
        {**ID, "elements": many(typed(lambda: {"card": CARD}), 10)}, ("elements",), surfaces=MESSAGES_AND_HOME
    ),
    "alert": Shape(
        {**ID, "text": text(200), "level": one_of("default", "info", "warning", "error", "success")},
        ("text",),
        surfaces=frozenset({MODAL}),
    ),
    "container": Shape(
        {
            **ID,
            "title": title(150),
            "rich_text_title": anything,
            "subtitle": title(150),
            "child_blocks": many(typed(lambda: BLOCKS), 10),
            "width": one_of("narrow", "standard", "wide", "full"),
        },
        ("child_blocks",),
        (some("title", "rich_text_title"),),
        surfaces=ON_MESSAGES,
    ),
}


# -- whole surfaces


def check_blocks(blocks: object, surface: str, where: str = "/blocks", least: int = 1) -> list[str]:
    """Everything wrong with these blocks on this surface; nothing when Slack would take them."""
    found = list(many(typed(lambda: BLOCKS), MOST_BLOCKS[surface], least)(blocks, where, surface))
    if not found and isinstance(blocks, list):
        found += [*duplicates(blocks, where), *together(blocks, surface, where)]
    return found


def is_too_long(blocks: list[Json]) -> bool:
    """Whether a call that posts them is refused. Slack does not document it: bolt-js issue 2509."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > 13_300


def duplicates(blocks: list[Json], where: str) -> Iterator[str]:
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id in seen:
            yield at(f'block_id "{block_id}" already exists', f"{where}/{place}/block_id")
        elif block_id:
            seen.add(block_id)
        actions: set[str] = set()
        for _, found in elements([block]):
            action_id = found.get("action_id")
            if action_id in actions:
                yield at(
                    f'`action_id` "{action_id}" already exists for block_id: "{block_id or ""}"',
                    f"{where}/{place}",
                )
            elif action_id:
                actions.add(action_id)


def together(blocks: list[Json], surface: str, where: str) -> Iterator[str]:
    """What no single block can know."""
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > 12_000:
        yield at("markdown text must be less than 12001 characters in total", where)
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield at("only one table is allowed", where)
    if sum(bool(found.get("focus_on_load")) for _, found in elements(blocks)) > 1:
        yield at("only one element can have focus_on_load", where)
    if surface != MODAL and any(found.get("response_url_enabled") for _, found in elements(blocks)):
        yield at("response_url_enabled is only allowed in modals", where)


VIEW_FIELDS: dict[str, Check] = {
    "blocks": anything,
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
VIEWS: dict[str, Shape] = {
    HOME: Shape(VIEW_FIELDS, ("blocks",)),
    MODAL: Shape(
        {
            **VIEW_FIELDS,
            "title": title(24),
            "submit": title(24),
            "close": title(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
        ("title", "blocks"),
    ),
}


def check_view(view: Json, expected: str | None = None) -> list[str]:
    type_ = str(view.get("type"))
    if type_ not in VIEWS or (expected and type_ != expected):
        return [at(f"unsupported type: {type_}", "/view/type")]
    found = list(properties(view, VIEWS[type_], "/view", type_))
    if view.get("blocks") is not None:
        # A Home tab may be empty; a modal without a block is refused.
        found += check_blocks(view["blocks"], type_, "/view/blocks", least=0 if type_ == HOME else 1)
    asks = not found and any(block["type"] == "input" for block in view["blocks"])
    if asks and type_ == MODAL and not view.get("submit"):
        found.append(at("missing required field: submit", "/view"))
    return found


def size(view: Json) -> int:
    return len(json.dumps(view, ensure_ascii=False).encode())


def with_ids(blocks: list[Json], make: Callable[[], str]) -> list[Json]:
    """The blocks with the ids that Slack fills in where the app gave none."""
    fresh: list[Json] = json.loads(json.dumps(blocks))
    for block in fresh:
        block["block_id"] = block.get("block_id") or make()
    for _, found in elements(fresh):
        found["action_id"] = found.get("action_id") or make()
    return fresh
