"""Everything that the tests, the app in them and the processes they start print or log: nobody's words, no secret.

Each test fails that printed a secret, or at whose end a workspace closes whose people's words were printed before.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

#: What Slack's tokens and Fernet's keys and tokens look like.
SECRET = re.compile(
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|xwfp-[\w-]{8,}|gAAAA[\w-]{20,}|(?<![\w/+-])[\w-]{43}=(?![\w=])"
)
#: Short words are found everywhere; who writes a sentence writes some that nobody else does.
SENTENCE = 12

_secrets: set[str] = set()
_words: list[tuple[int, str]] = []  # with how much had been heard when they could first be said
_heard: list[str] = []


def secret(*values: str) -> None:
    """These were used, and must be found nowhere."""
    _secrets.update(values)


def so_far() -> int:
    return len(_heard)


def written(payloads: Any, since: int) -> None:
    """What people typed, in what Slack sent to the app."""
    _words.extend((since, told) for told in set(_sentences(payloads)))


def _sentences(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"text", "value", "note", "what"} and isinstance(value, str):
                # Without those it names, as it might be put together anew.
                told = re.sub(r"<[^>]*>|@\w+", "", value).strip()
                if len(told) >= SENTENCE and " " in told:
                    yield told
            else:
                yield from _sentences(value)
    elif isinstance(node, list):
        for item in node:
            yield from _sentences(item)


def leaked(printed: str) -> list[str]:
    """Secrets in it, and what people wrote in it and in what was printed before; all shortened."""
    _heard.append(printed)
    found = {match.group() for match in SECRET.finditer(printed)}
    found |= {value for value in _secrets if value in printed}
    for since in {since for since, _ in _words}:
        everything = "\n".join(_heard[since:])
        found |= {told for begun, told in _words if begun == since and told in everything}
    _words.clear()
    return sorted(f"{value[:14]}…" for value in found)


def slackapp(
    *arguments: str, env: Mapping[str, str], timeout: float = 60
) -> "subprocess.CompletedProcess[str]":
    """Run the command line with nothing of Slack or Mutual in its environment but `env`."""
    ended = subprocess.run(
        [sys.executable, "-m", "slackapp", *arguments],
        env={**clean(), **env},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    print(ended.stdout + ended.stderr, file=sys.stderr)
    return ended


def clean() -> dict[str, str]:
    names = ("SLACK_", "MUTUAL_", "DATABASE_URL", "PORT")
    return {name: value for name, value in os.environ.items() if not name.startswith(names)}
