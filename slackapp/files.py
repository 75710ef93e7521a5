"""Files that belong to the app and are no code: beside the package in a checkout, inside it when installed."""

from pathlib import Path


def shipped(name: str) -> Path:
    inside = Path(__file__).with_name(name)
    return inside if inside.exists() else Path(__file__).parents[1] / name
