"""Whatever an app sends, the sandbox answers in Slack's shape and stays whole."""

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from slackapp.sandbox import Sandbox, SlackError
from slackapp.sandbox.validation import BLOCKS, ELEMENTS, INLINE, RICH, check_blocks, check_view
from slackapp.sandbox.web_api import METHODS

from .conftest import MANIFEST, SECRET

TYPES = [*BLOCKS, *ELEMENTS, *RICH, *INLINE, "plain_text", "mrkdwn", "modal", "home", "nonsense"]
FIELDS = sorted(
    {
        name
        for shapes in (BLOCKS, ELEMENTS, RICH, INLINE)
        for shape in shapes.values()
        for name in shape.fields
    }
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(TYPES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "type", "text", "title", "value", *FIELDS]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(values, st.sampled_from(["message", "modal", "home"]))
def test_no_blocks_confuse_the_check(blocks: Any, surface: str) -> None:
    assert all("[json-pointer:" in problem for problem in check_blocks([blocks], surface))
    check_blocks(blocks, surface)
    if isinstance(blocks, dict):
        check_view(blocks)
        check_view({"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": [blocks]})


NAMES = [
    "channel",
    "user",
    "text",
    "ts",
    "blocks",
    "view",
    "trigger_id",
    "view_id",
    "limit",
    "cursor",
    "users",
    "metadata",
]
NAMES += [
    "thread_ts",
    "user_id",
    "files",
    "length",
    "filename",
    "function_execution_id",
    "outputs",
    "types",
    "oldest",
    "name",
]
NAMES += [
    "timestamp",
    "message_ts",
    "attachments",
    "hash",
    "external_id",
    "usergroup",
    "email",
    "latest",
    "channel_id",
    "error",
]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(sorted(METHODS)),
    st.dictionaries(st.sampled_from(NAMES), values | st.sampled_from(["ana", "#general", "general"])),
)
def test_no_arguments_confuse_a_method(method: str, arguments: dict[str, Any]) -> None:
    if method == "auth.revoke":
        return
    sandbox = WORLD
    arguments = {k: IDS.get(v, v) if isinstance(v, str) else v for k, v in arguments.items()}
    with contextlib.suppress(SlackError):
        json.dumps(sandbox.api.call(method, sandbox.bot_token, arguments))


def world() -> Sandbox:
    manifest = {**MANIFEST, "settings": {}}
    manifest["oauth_config"] = {
        "scopes": {
            "bot": [
                *MANIFEST["oauth_config"]["scopes"]["bot"],
                "reactions:write",
                "users:read.email",
                "channels:join",
            ]
        }
    }
    sandbox = Sandbox(manifest, SECRET)
    sandbox.add_channel("general", [sandbox.add_user("ana")])
    return sandbox


WORLD = world()
IDS = {"ana": WORLD.workspace.user("ana").id, "general": WORLD.workspace.channel("general").id}
