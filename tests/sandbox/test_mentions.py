"""How typed names become ids."""

import pytest

from slackapp.sandbox import Sandbox
from slackapp.sandbox.mentions import as_command, as_message

from .conftest import MANIFEST, SECRET


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = Sandbox(MANIFEST, SECRET)
    sandbox.add_user("ana", real_name="Ana Ferreira", user_id="U1")
    sandbox.add_user("ana.maria", user_id="U2")
    sandbox.add_user("kenji", real_name="渡辺 健司", user_id="U3")
    sandbox.add_channel("general", ["ana"], channel_id="C1")
    return sandbox


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("hello", "hello"),
        ("thanks @ana!", "thanks <@U1>!"),
        ("@Ana Ferreira did it", "<@U1> did it"),
        ("@ana.maria and @ana", "<@U2> and <@U1>"),
        ("@anabel is somebody else", "@anabel is somebody else"),
        ("mail ana@ana.example", "mail ana@ana.example"),
        ("@渡辺 健司 ありがとう", "<@U3> ありがとう"),
        ("see #general", "see <#C1|general>"),
        ("@here @channel", "<!here> <!channel>"),
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
        ("`@ana ++` in code", "`@ana ++` in code"),
        ("```\n@ana\n``` @ana", "```\n@ana\n``` <@U1>"),
        ("picked from the list <@U3>", "picked from the list <@U3>"),
        ("see https://example.com/a?b=1&c=2.", "see <https://example.com/a?b=1&amp;c=2>."),
    ],
)
def test_a_message_is_written_with_ids(sandbox: Sandbox, typed: str, written: str) -> None:
    assert as_message(typed, sandbox.workspace) == written


def test_a_command_carries_names_beside_ids(sandbox: Sandbox) -> None:
    group = sandbox.add_usergroup("harbour", ["ana"])
    text = as_command("@ana #general @harbour <@U3> @here & more", sandbox.workspace, should_escape=True)
    assert text == f"<@U1|ana> <#C1|general> <!subteam^{group}> <@U3|kenji> <!here> &amp; more"


def test_a_command_that_does_not_escape_is_sent_as_typed(sandbox: Sandbox) -> None:
    assert as_command("@ana a < b", sandbox.workspace, should_escape=False) == "@ana a < b"
