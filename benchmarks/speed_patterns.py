"""How fast and how large: a file of a million gestures, and single teams of 50 and 500 people.

python -m benchmarks.speed_patterns [--rows 1000000] [--teams 200]
"""

import argparse
import csv
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from slackapp.domain.patterns import GestureDays, Member, TeamHistory, replay

KINDS = ("kudos", "thanks", "offer", "help", "check_in")
START = datetime(2025, 1, 6, tzinfo=UTC)


def neighbours(rng: np.random.Generator, giver: np.ndarray, people: int) -> np.ndarray:
    """Mostly somebody close by, on either side."""
    distance = np.minimum(rng.geometric(0.2, giver.size), people // 2 - 1)
    return np.asarray((giver + distance * rng.choice((-1, 1), giver.size)) % people)


def write_file(path: Path, rows: int, teams: int, people: int) -> None:
    rng = np.random.default_rng(1)
    seconds = np.sort(rng.integers(0, 364 * 86_400, rows)).tolist()
    team = rng.integers(0, teams, rows).tolist()
    giver = rng.integers(0, people, rows)
    receiver = neighbours(rng, giver, people)
    kind = rng.integers(0, len(KINDS), rows).tolist()
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("timestamp", "giver", "receiver", "kind", "team", "message", "source_id"))
        for n, (s, t, g, r, k) in enumerate(
            zip(seconds, team, giver.tolist(), receiver.tolist(), kind, strict=True)
        ):
            moment = (START + timedelta(seconds=s)).isoformat()
            writer.writerow(
                (moment, f"U{t:03}{g:03}", f"U{t:03}{r:03}", KINDS[k], f"team {t}", "well done", f"m{n}")
            )


def one_team(people: int, weekly_each: float) -> TeamHistory:
    rng = np.random.default_rng(people)
    rows = int(people * 52 * weekly_each)
    giver = rng.integers(0, people, rows)
    return TeamHistory(
        team="team",
        first_week=date(2025, 1, 6),
        weeks=52,
        members=tuple(Member(f"p{person:03}") for person in range(people)),
        gestures=GestureDays.of(
            day=rng.integers(0, 52 * 7, rows),
            giver=giver,
            receiver=neighbours(rng, giver, people),
            kind=rng.integers(0, 5, rows),
        ).with_implied_help(),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--teams", type=int, default=200)
    options = parser.parse_args()
    for people in (50, 500):
        history = one_team(people, 5)
        replay(one_team(5, 1))
        start = time.perf_counter()
        replay(history)
        took = time.perf_counter() - start
        print(
            f"one team of {people}, 52 weeks, {history.gestures.day.size} gesture-days: {took * 1000:.0f} ms"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gestures.csv"
        write_file(path, options.rows, options.teams, 25)
        start = time.perf_counter()
        command = [sys.executable, "-m", "slackapp", "analyze", str(path), "--weekly", "--format", "json"]
        lines = subprocess.run(command, check=True, capture_output=True).stdout.count(b"\n")
        took = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"analyze --weekly, {options.rows} rows, {options.teams} teams: {took:.1f} s, {peak:.0f} MB, {lines} findings"
        )


if __name__ == "__main__":
    main()
