"""`serve` stays small: what only others need is not imported by it. `make bench` says what it holds in memory."""

import subprocess
import sys

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
