"""What the pages tell somebody to type is there, and what there is to set is told."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from slackapp.cli import cli
from slackapp.domain.privacy import DEFAULT
from slackapp.domain.visibility import TABLE
from slackapp.settings import Settings
from tests.world import ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
PAGE = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


def variables() -> set[str]:
    """What Settings reads, as the environment names it."""
    found = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        names = [alias] if isinstance(alias, str) else getattr(alias, "choices", None) or [name.upper()]
        found |= {str(one) for one in names}
    return found


def commands(at: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found = {path: at} if path else {}
    for name, inner in getattr(at, "commands", {}).items():
        found |= commands(inner, (*path, name))
    return found


COMMANDS = commands(typer.main.get_command(cli))


@PAGE
def test_every_variable_that_is_told_is_read(page: Path) -> None:
    told = set(re.findall(r"\b(?:SLACK|MUTUAL)_[A-Z_]+\b", page.read_text()))

    assert told - variables() - {"SLACK_CLI_XOXB", "SLACK_CLI_XAPP"} - {"MUTUAL_FUZZ"} == set()


def test_every_variable_that_is_read_is_told() -> None:
    told = (ROOT / "README.md").read_text()

    assert {name for name in variables() if f"`{name}`" not in told} == {"SLACK_CLI_XOXB", "SLACK_CLI_XAPP"}


@PAGE
def test_every_command_that_is_told_is_there_with_its_options(page: Path) -> None:
    text = re.sub(r"\\\n\s*", " ", page.read_text())
    lines = re.findall(r"(?:^ {4,}|`|ExecStart\w*=)\S*\bslackapp ([a-z][^`\n]*)", text, re.MULTILINE)
    for line in lines:
        words = line.split("  ")[0].split()
        if words[0] in {"for", "in", "is"}:
            continue
        path = tuple(words[: next((n for n in (2, 1) if tuple(words[:n]) in COMMANDS), 0)])
        assert path, f"{page.name} says: slackapp {line}"
        known = {option for parameter in COMMANDS[path].params for option in parameter.opts}
        known |= {option for parameter in COMMANDS[path].params for option in parameter.secondary_opts}
        assert {word.split("=")[0] for word in words if word.startswith("--")} <= known, line


@PAGE
def test_everything_else_to_run_is_there_with_its_options(page: Path) -> None:
    """`make …` and `python -m benchmarks.…`."""
    behind = {"ARGS": "benchmarks.chaos", "DIGESTS": "benchmarks.digests"}
    text = page.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^ {4,}|`)make ([a-z]+)", text, re.MULTILINE)) <= targets
    told = re.findall(r"python -m (benchmarks\.\w+)([^`\n]*)", text)
    told += [(behind[name], options) for name, options in re.findall(r'make chaos (\w+)="([^"]*)"', text)]
    for module, options in told:
        known = subprocess.run(
            [sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert set(re.findall(r"--[a-z-]+", options)) <= set(re.findall(r"--[a-z-]+", known.stdout))


@PAGE
def test_every_link_leads_to_a_file(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text()):
        assert (page.parent / link).exists(), f"{page.name}: {link}"


@PAGE
def test_every_test_and_file_that_is_named_is_there(page: Path) -> None:
    """In backticks: a path from the root, or the name of a test."""
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for named in re.findall(
        r"`((?:slackapp|tests|docs|benchmarks|migrations)/[\w./-]+\.\w+)`", page.read_text()
    ):
        if page.name != "CONTRIBUTING.md":  # whose recipes make new ones
            assert (ROOT / named).exists(), named
    for named in re.findall(r"`(test_\w+)`", page.read_text()):
        assert f"def {named}(" in tests, named


@PAGE
def test_what_is_named_in_a_file_is_in_that_file(page: Path) -> None:
    """“`NAME` in `path`”, or of it."""
    for name, path in re.findall(r"`(\w+)`\s+(?:in|of)\s+`([\w/]+\.py)`", page.read_text()):
        (file,) = [one for one in (ROOT / path, ROOT / "slackapp" / path) if one.exists()]
        assert re.search(rf"\b{name}\b", file.read_text()), f"{name} in {path}"


def test_the_recipes_name_no_other_files_than_those_they_make() -> None:
    named = re.findall(
        r"`((?:slackapp|tests|benchmarks)/[\w/]+\.py)`", (ROOT / "CONTRIBUTING.md").read_text()
    )
    assert {path for path in named if not (ROOT / path).exists()} == {
        "slackapp/domain/patterns/quiet_team.py",
        "slackapp/blocks/words.py",
        "slackapp/listeners/words.py",
        "tests/listeners/test_words.py",
    }


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("there is no systemd-analyze")
    (unit,) = re.findall(r"```ini\n(.*?)```", (ROOT / "docs" / "installing.md").read_text(), re.DOTALL)
    file = tmp_path / "mutual.service"
    file.write_text(unit.replace("/opt/mutual/.venv/bin/slackapp", "/bin/true"))
    said = subprocess.run([analyze, "verify", str(file)], capture_output=True, text=True, check=False)

    assert (said.returncode, said.stderr) == (0, "")


def test_who_sees_what_is_the_table_that_decides() -> None:
    told = (ROOT / "docs" / "who-sees-what.md").read_text()

    assert f"| the words of a note, an ask or an offer | {DEFAULT.notes} days |" in told
    assert (
        f"| a gesture, an ask, an offer, who looked, what was sent | {DEFAULT.gestures // 365} years |"
        in told
    )
    assert f"| everything, after the app was uninstalled | {DEFAULT.grace} days |" in told
    for line in TABLE.values():
        cells = (line.says, line.own, line.other, line.manager, line.member, line.anyone)
        assert f"| {' | '.join(cells)} |" in told
