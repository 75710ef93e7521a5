"""`serve` stays small: what only others need is not imported by it. `make bench` says what it holds in memory.

Where it cannot start, it says why in a sentence.
"""

import socket
import subprocess
import sys

import pytest

from tests import heard
from tests.test_settings import GOOD
from tests.world import free_port

NOWHERE = "postgresql://127.0.0.1:9/nowhere"
NOT_FOR_ANSWERING = {
    "alembic",
    "apscheduler",
    "matplotlib",
    "numpy",
    "procrastinate",
    "psycopg_pool",
    "scipy",
    "slackapp.sandbox",
}


def test_answering_slack_imports_nothing_that_only_others_need() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import sys, slackapp.app; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )

    assert set(listed.stdout.split()) & NOT_FOR_ANSWERING == set()


def test_a_port_that_another_program_has_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = heard.slackapp("serve", env={**GOOD, "DATABASE_URL": NOWHERE, "PORT": str(port)})

    assert ended.returncode == 2
    assert ended.stderr == (
        f"Mutual cannot listen on 127.0.0.1 port {port}: another program listens there; "
        "end it, or choose another PORT.\n"
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])  # nobody's, by RFC 5737 and 3849
def test_an_address_that_is_not_this_machines_is_named(host: str) -> None:
    port = str(free_port())
    ended = heard.slackapp("serve", env={**GOOD, "DATABASE_URL": NOWHERE, "MUTUAL_HOST": host, "PORT": port})

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"Mutual cannot listen on {host} port {port}: ")
    assert ended.stderr.count("\n") == 1
