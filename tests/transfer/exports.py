"""Builds Slack exports as Slack writes them: a folder or a zip file, ordinary or of an Enterprise Grid."""

import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HOME = "T0HOME"
START = 1_772_524_800  # 2026-03-03 08:00 UTC, a Tuesday


def user(
    user_id: str, name: str, *, team: str = HOME, email: str | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "id": user_id,
        "team_id": team,
        "name": name.lower(),
        "deleted": False,
        "profile": {"display_name": name, "real_name": name, "email": email or f"{name.lower()}@acme.com"},
        "tz": "Europe/Berlin",
        **more,
    }


PEOPLE = [
    user("U0ANA", "Ana"),
    user("U0BEN", "Ben"),
    user("U0CY", "Cy"),
    user("U0MIA", "Mia", is_admin=True),
    user("U0BOT", "Deploy", is_bot=True),
    user("U0GUEST", "Gil", is_restricted=True),
    user("U0GONE", "Gus", deleted=True),
    user("U0EXT", "Eve", team="T0OTHER"),
]


def said(author: str, text: str, at: float = 0, **more: Any) -> dict[str, Any]:
    """A message, so many seconds after START."""
    return {"type": "message", "user": author, "text": text, "ts": f"{START + at:.6f}", **more}


def reaction(name: str, *users: str, count: int | None = None) -> dict[str, Any]:
    return {"name": name, "users": list(users), "count": len(users) if count is None else count}


def channel(channel_id: str, name: str) -> dict[str, Any]:
    return {"id": channel_id, "name": name, "members": []}


def export(
    messages: Mapping[str, list[dict[str, Any]]], *, people: list[dict[str, Any]] | None = None, **files: Any
) -> dict[str, Any]:
    """An ordinary export: messages by their channel's name, and further files such as `dms=[…]`."""
    made: dict[str, Any] = {
        "users.json": PEOPLE if people is None else people,
        "channels.json": [channel(f"C0{name.upper()}", name) for name in messages],
        "integration_logs.json": [{"user_id": "U0ANA", "date": "1"}],
        **{f"{name}.json": content for name, content in files.items()},
    }
    for name, in_channel in messages.items():
        made |= days(name, in_channel)
    return made


def days(folder: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for message in messages:
        day = datetime.fromtimestamp(float(message["ts"]), UTC).date()
        made.setdefault(f"{folder}/{day}.json", []).append(message)
    return made


def as_folder(path: Path, files: Mapping[str, Any]) -> Path:
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_bytes(content))
    return path


def as_zip(path: Path, files: Mapping[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, _bytes(content))
    return path


def _bytes(content: Any) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()
