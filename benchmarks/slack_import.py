"""How fast a Slack export comes in, and how much memory reading it takes at most.

python -m benchmarks.slack_import [--messages 200000] [--database postgresql://…]

Without a database only the reading is measured. The export is made anew, in a temporary folder.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from slackapp.domain.gestures import DEFAULT_EMOJI
from slackapp.domain.history import Past
from slackapp.transfer.imports import Desk, import_slack_export, tell
from slackapp.transfer.slack_export import Wanted, open_files, read_export, read_gestures

CHANNELS, PEOPLE, DAYS = 40, 300, 250
START = datetime(2025, 1, 1, 8, tzinfo=UTC)
WANTED = Wanted({**DEFAULT_EMOJI, "taco": "kudos"}, {"taco": "kudos"}, plusplus=True)
LIMIT_MB = 64


def make(path: Path, messages: int) -> None:
    """An export as Slack makes it: most messages are long, and one in ten is reacted to."""
    chance = random.Random(4)
    people = [f"U{number:05}" for number in range(PEOPLE)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        users = [{"id": user, "name": user.lower(), "team_id": "T0BENCH", "profile": {}} for user in people]
        channels = [{"id": f"C{number:05}", "name": f"channel-{number}"} for number in range(CHANNELS)]
        archive.writestr("users.json", json.dumps(users))
        archive.writestr("channels.json", json.dumps(channels))
        each = messages // (CHANNELS * DAYS)
        for channel in channels:
            for day in range(DAYS):
                noon = START + timedelta(days=day)
                said = [message(chance, people, noon + timedelta(seconds=at)) for at in range(each)]
                archive.writestr(f"{channel['name']}/{noon:%Y-%m-%d}.json", json.dumps(said))


def message(chance: random.Random, people: list[str], at: datetime) -> dict[str, Any]:
    author = chance.choice(people)
    made: dict[str, Any] = {
        "type": "message",
        "user": author,
        "ts": f"{at.timestamp():.6f}",
        "text": "lorem ipsum dolor sit amet " * chance.randrange(1, 12),
        "user_profile": {
            "real_name": author,
            "avatar_hash": "0123456789",
            "image_72": "https://x/" + "y" * 90,
        },
    }
    match chance.randrange(20):
        case 0 | 1:
            users = chance.sample(people, 3)
            made["reactions"] = [
                {"name": chance.choice(("clap", "pray", "eyes")), "users": users, "count": 3}
            ]
        case 2:
            made["text"] = f"<@{chance.choice(people)}> ++ for the demo"
        case 3:
            made["text"] = f"<@{chance.choice(people)}> great :taco::taco:"
    return made


def acts(path: Path) -> Iterator[Past]:
    with open_files(path) as files:
        export = read_export(files, workspace_id="T0BENCH")
        for found in read_gestures(export, WANTED, ZoneInfo("UTC")):
            if isinstance(found, Past):
                yield found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--database")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        make(path, asked.messages)
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist()) / 1e6
        print(f"{asked.messages:,} messages, {size:,.0f} MB of JSON in {CHANNELS * DAYS:,} day files")
        began = time.perf_counter()
        count = sum(1 for _ in acts(path))
        took = time.perf_counter() - began
        print(f"reading: {count:,} acts in {took:.1f} s, {asked.messages / took:,.0f} messages a second")
        tracemalloc.start()
        for _ in acts(path):
            pass
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        print(
            f"memory: {peak:.1f} MB at most while reading ({'within' if peak < LIMIT_MB else 'OVER'} {LIMIT_MB} MB)"
        )
        if asked.database:
            desk = Desk(asked.database, f"T0BENCH{random.randrange(10**9)}")
            for _ in range(2):
                began = time.perf_counter()
                report = asyncio.run(import_slack_export(desk, path, emoji=["taco=kudos"], plusplus=True))
                print(f"import: {time.perf_counter() - began:.1f} s")
                tell(desk, report)
        if peak >= LIMIT_MB:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
