"""What the Procfile starts, and what the Containerfile copies and starts, does start, answer and end."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests import heard
from tests.servers import another_database
from tests.test_settings import GOOD
from tests.world import ROOT, free_port

PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
IMAGE = [line.split(maxsplit=1) for line in (ROOT / "Containerfile").read_text().splitlines()]


@pytest.fixture
def environment(database_url: str) -> Iterator[dict[str, str]]:
    """Of a place that keeps an empty database for it."""
    with another_database(database_url, f"processes_{os.getpid()}") as url:
        yield {
            **heard.clean(),
            **GOOD,
            # As in the image, `python` is the one that has what requirements.txt names.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "DATABASE_URL": url,
            "PORT": str(free_port()),
            "MUTUAL_HOST": "127.0.0.1",
        }


def test_the_procfile_migrates_and_each_process_works_until_it_is_told_to_stop(
    environment: dict[str, str], tmp_path: Path
) -> None:
    assert list(PROCFILE) == ["release", "web", "worker", "clock"]
    subprocess.run(shlex.split(PROCFILE["release"]), cwd=ROOT, env=environment, check=True)

    for name in ("web", "worker", "clock"):
        started = runs_until_told(shlex.split(PROCFILE[name]), ROOT, environment, tmp_path / name)
        assert [role for role in ("web", "worker", "clock", "socket") if started[role]] == [name]


def test_the_image_has_all_that_it_starts(environment: dict[str, str], tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    for what, where in [rest.split() for word, rest in filter(None, IMAGE) if word == "COPY"]:
        copy = shutil.copytree if (ROOT / what).is_dir() else shutil.copy
        copy(ROOT / what, app / where)
    (command,) = [json.loads(rest) for word, rest in filter(None, IMAGE) if word == "CMD"]

    started = runs_until_told(command, app, environment, tmp_path / "log")

    assert started["web"]
    assert started["worker"]
    assert started["clock"]


def runs_until_told(command: Sequence[str], where: Path, env: dict[str, str], log: Path) -> dict[str, Any]:
    """What it says of itself when it has started."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=where, env=env, stdout=out, stderr=out)
    try:
        until = time.monotonic() + 60
        while (started := _started(log, env["PORT"])) is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0, log.read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        print(log.read_text(), file=sys.stderr)
    return started


def _started(log: Path, port: str) -> dict[str, Any] | None:
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    started: dict[str, Any] | None = next((line for line in lines if line["event"] == "started"), None)
    if started and started["web"]:
        with suppress(URLError, ConnectionError), urlopen(f"http://127.0.0.1:{port}/health/ready"):
            return started
        return None
    return started
