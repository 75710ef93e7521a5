"""`serve` stays small: what only others need is not imported by it. `make bench` says what it holds in memory.

Where it cannot start, it says why in a sentence.
"""

import os
import socket
import subprocess
import sys

import pytest

from tests import heard
from tests.servers import another_database
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


@pytest.mark.parametrize("command", ["serve", "worker", "clock"])
def test_a_database_that_is_not_migrated_is_told_at_the_start(command: str, database_url: str) -> None:
    with another_database(database_url, f"unmigrated_{os.getpid()}") as url:
        started = subprocess.Popen(
            [sys.executable, "-m", "slackapp", command],
            env={**heard.clean(), **GOOD, "DATABASE_URL": url, "PORT": str(free_port())},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert started.stderr is not None
            assert started.stderr.readline() == "The database needs `slackapp migrate`.\n"
        finally:
            started.terminate()
            started.communicate(timeout=30)


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])  # nobody's, by RFC 5737 and 3849
def test_an_address_that_is_not_this_machines_is_named(host: str) -> None:
    port = str(free_port())
    ended = heard.slackapp("serve", env={**GOOD, "DATABASE_URL": NOWHERE, "MUTUAL_HOST": host, "PORT": port})

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"Mutual cannot listen on {host} port {port}: ")
    assert ended.stderr.count("\n") == 1
