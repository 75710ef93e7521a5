"""The manifest asks for what the code needs, and for nothing else. Both are read, none is believed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from slack_sdk.web.async_client import AsyncWebClient

import slackapp
from slackapp.domain.scopes import OPTIONAL, REQUIRED
from slackapp.sandbox.scopes import EVENT_SCOPES, METHOD_SCOPES

PACKAGE = Path(slackapp.__file__).parent
MANIFEST: dict[str, Any] = yaml.safe_load((PACKAGE.parent / "manifest.yml").read_text())
ASKED = set(MANIFEST["oauth_config"]["scopes"]["bot"])
EVENTS = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])

#: The Web API's methods by the SDK's names: chat_postMessage → chat.postMessage. `files_upload_v2` makes three calls.
KNOWN = {name for name in dir(AsyncWebClient) if "_" in name.strip("_") and not name.startswith("_")}
UPLOAD = ("files.getUploadURLExternal", "files.completeUploadExternal")


def sources() -> Iterator[Path]:
    for folder in ("listeners", "jobs"):
        yield from (PACKAGE / folder).rglob("*.py")
    yield from (PACKAGE / name for name in ("app.py", "doctor.py"))


def methods_called() -> set[str]:
    """Every Web API method that appears as an attribute or as a name in quotes, e.g. in `api_call`."""
    by_attribute = {re.sub(r"[._]", "", name).lower(): name for name in METHOD_SCOPES}
    found: set[str] = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in KNOWN:
                name = node.attr
                found |= (
                    set(UPLOAD)
                    if name.startswith("files_upload")
                    else {by_attribute.get(name.replace("_", "").lower(), name)}
                )
            elif isinstance(node, ast.Constant) and node.value in METHOD_SCOPES:
                found.add(str(node.value))
    return found


def alternatives() -> Iterator[tuple[str, set[str]]]:
    """(why, scopes of which the manifest needs one or, for events of several kinds of place, each we may hear)."""
    for method in methods_called():
        if method in METHOD_SCOPES:
            yield method, set(METHOD_SCOPES[method])
    for event in EVENTS:
        if event.startswith("message."):
            yield event, {f"{event.removeprefix('message.')}:history"}
        elif scope := EVENT_SCOPES.get(event):
            yield event, {scope.format(kind=kind) for kind in ("channels", "groups")}
    if MANIFEST["features"].get("slash_commands") or MANIFEST["features"].get("shortcuts"):
        yield "commands", {"commands"}


def registered(kind: str) -> set[str]:
    """What is listened to, read from the calls of `bolt.event("…")` and its kin."""
    found: set[str] = set()
    for path in (PACKAGE / "listeners").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == kind
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "bolt"
            ):
                name = node.args[0]
                assert isinstance(name, ast.Constant), ast.dump(node)
                found.add(str(name.value))
    return found


def test_methods_are_found_in_the_code() -> None:
    assert {
        "chat.postMessage",
        "users.info",
        "conversations.members",
        "usergroups.users.list",
    } <= methods_called()


def test_the_manifest_lacks_no_scope_that_a_call_needs() -> None:
    assert {why: scopes for why, scopes in alternatives() if scopes.isdisjoint(ASKED)} == {}


def test_the_manifest_asks_for_no_scope_that_nothing_needs() -> None:
    needed = {scope for _, scopes in alternatives() for scope in scopes}

    assert ASKED - needed == set()


def test_what_is_shown_to_the_installer_is_what_is_asked() -> None:
    assert {*REQUIRED, *OPTIONAL} == ASKED
    assert set(OPTIONAL) == set(MANIFEST["oauth_config"]["scopes"]["bot_optional"])


def test_every_event_we_subscribe_to_is_listened_to_and_the_other_way_round() -> None:
    heard = {"message" if event.startswith("message.") else event for event in EVENTS}
    steps = {"function_executed"} if registered("function") else set()

    assert registered("event") | steps == heard


def test_every_command_and_shortcut_is_listened_to_and_the_other_way_round() -> None:
    features = MANIFEST["features"]
    assert registered("command") == {item["command"] for item in features.get("slash_commands", [])}
    assert registered("shortcut") == {item["callback_id"] for item in features.get("shortcuts", [])}
