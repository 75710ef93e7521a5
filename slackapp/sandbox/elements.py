"""Block Kit elements that hold a value: how Slack writes their state, and how a plain value becomes one."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

# What each element calls its value, and the property that holds its first value.
STATEFUL: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}
LISTS = frozenset(kind for kind, (name, _) in STATEFUL.items() if name.endswith("s"))


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every element a person can act on, with its block."""
    for block in blocks:
        kind = block.get("type")
        if kind == "section" and isinstance(block.get("accessory"), dict):
            if block["accessory"].get("type") != "image":
                yield block, block["accessory"]
        elif kind in ("actions", "context_actions"):
            for element in block.get("elements", []):
                yield block, element
        elif kind == "input":
            yield block, block["element"]
        elif kind == "card":
            for element in block.get("actions", []):
                yield block, element
        elif kind == "carousel":
            yield from elements(block.get("elements", []))
        elif kind == "container":
            yield from elements(block.get("child_blocks", []))


def options_of(element: Json) -> list[Json]:
    found: list[Json] = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        found += group.get("options", [])
    return found


def option(element: Json, value: Any) -> Json:
    """The option itself or the one with this value; one that is not offered cannot be chosen."""
    wanted = value.get("value") if isinstance(value, dict) else value
    for offered in options_of(element):
        if offered.get("value") == wanted:
            return offered
    if element["type"] in ("external_select", "multi_external_select") and isinstance(value, dict):
        return value
    raise ValueError(f"{element.get('action_id')} does not offer {wanted!r}.")


def state(element: Json, value: Any = None, *, first: bool = False) -> Json:
    """The state object of one element, from a plain value, or from its first value."""
    kind = element["type"]
    name, initial = STATEFUL[kind]
    if first:
        value = element.get(initial)
    elif isinstance(value, dict) and (name in value or value.get("type") == kind):
        value = value.get(name)
    if value is not None and name in ("selected_option", "selected_options") and not first:
        value = [option(element, v) for v in value] if name == "selected_options" else option(element, value)
    elif value is not None and name == "value":
        value = str(value)
    if value is None and kind in LISTS:
        value = []
    body: Json = {"type": kind, name: value}
    if kind == "rich_text_input" and value is None:
        del body[name]
    return body


def values(blocks: list[Json], entered: Json) -> Json:
    """All of a view's or message's values: what was entered, else what each element began with."""
    found: Json = {}
    for block, element in elements(blocks):
        if element.get("type") not in STATEFUL:
            continue
        given = entered.get(block["block_id"], {}).get(element["action_id"])
        found.setdefault(block["block_id"], {})[element["action_id"]] = (
            given if given is not None else state(element, first=True)
        )
    return found


def missing(blocks: list[Json], found: Json) -> dict[str, str]:
    """What Slack's own client says before it sends a modal: required, too short, too long."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block.get("type") != "input":
            continue
        element = block["element"]
        name, _ = STATEFUL[element["type"]]
        value = found.get(block["block_id"], {}).get(element["action_id"], {}).get(name)
        blank = value in (None, "", []) or (isinstance(value, str) and not value.strip())
        if blank:
            if not block.get("optional", False):
                errors[block["block_id"]] = "Please complete this required field."
            continue
        error = refused(element, value)
        if error:
            errors[block["block_id"]] = error
    return errors


def refused(element: Json, value: Any) -> str | None:
    kind, most = element["type"], element.get("max_selected_items")
    if kind == "plain_text_input":
        return wrong_length(value, element.get("min_length", 0), element.get("max_length", 3000))
    if kind == "number_input":
        return wrong_number(element, value)
    if kind == "email_text_input" and "@" not in value:
        return "This field must be an email address."
    if kind == "url_text_input" and "://" not in value:
        return "This field must be a URL."
    if most and isinstance(value, list) and len(value) > most:
        return f"Select at most {most}."
    return None


def wrong_length(value: str, least: int, most: int) -> str | None:
    if len(value) < least:
        return f"This field must be at least {least} characters."
    return f"This field must be {most} characters or less." if len(value) > most else None


def wrong_number(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "This field must be a number."
    if not element.get("is_decimal_allowed") and not number.is_integer():
        return "This field must be a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"This field must be at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"This field must be at most {element['max_value']}."
    return None
