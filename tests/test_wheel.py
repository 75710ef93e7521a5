"""What is installed has everything that the commands read."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from slackapp.files import shipped
from tests.world import ROOT


def test_the_wheel_holds_every_file_that_is_no_code(tmp_path: Path) -> None:
    """The migrations and the manifest lie beside the package in a checkout, and within it when installed."""
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as packed:
        held = set(packed.namelist())

    tracked = {path.relative_to(ROOT) for path in (ROOT / "slackapp").rglob("*") if path.is_file()}
    inside = {str(path) for path in tracked if "__pycache__" not in path.parts}
    beside = {
        f"slackapp/{path.relative_to(ROOT)}"
        for path in [shipped("manifest.yml"), *shipped("migrations").rglob("*")]
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "slackapp/migrations/env.py" in beside
    assert (inside | beside) - held == set()
