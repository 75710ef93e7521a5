"""`make bench`: captures a second, against bare Bolt apps that do the least a hand-written one must.

Everything runs in one go on one machine, in alternating rounds, so only the ratios mean anything.
"""

import asyncio
import hashlib
import hmac
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import psycopg
import yaml
from cryptography.fernet import Fernet

from slackapp.sandbox import Sandbox
from slackapp.store import embedded
from slackapp.store.migrations import migrate

ROOT = Path(__file__).parents[1]
SECRET = "0123456789abcdef0123456789abcdef"
CONNECTIONS = 16
ROUNDS = 21  # short ones: whatever else the machine does meanwhile hits all contenders alike
PEOPLE = 300  # a middling workspace; two people alone would queue for each other's rows
CAPTURES, REACTIONS = 300, 1000  # in a round


@dataclass
class Contender:
    name: str
    port: int
    rates: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


def signed(body: bytes, content_type: str) -> bytes:
    now = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        f"X-Slack-Request-Timestamp: {now}\r\nX-Slack-Signature: v0={signature}\r\n\r\n"
    )
    return head.encode() + body


_serial = iter(range(10**9))


def kudos(team: str, giver: str, receiver: str) -> bytes:
    return signed(
        urlencode(
            {
                "command": "/kudos",
                "text": f"<@{receiver}|ben> for the calm release",
                "user_id": giver,
                "user_name": "ana",
                "team_id": team,
                "team_domain": "bench",
                "channel_id": "C0BENCH",
                "channel_name": "team",
                "trigger_id": f"1.{next(_serial)}",
                "response_url": "http://127.0.0.1/none",
                "api_app_id": "A1",
            }
        ).encode(),
        "application/x-www-form-urlencoded",
    )


def reaction(team: str, giver: str, receiver: str) -> bytes:
    return signed(
        json.dumps(
            {
                "type": "event_callback",
                "team_id": team,
                "api_app_id": "A1",
                "event_id": f"Ev{next(_serial)}",
                "event": {
                    "type": "reaction_added",
                    "user": giver,
                    "reaction": "eyes",
                    "item": {"type": "message", "channel": "C0BENCH", "ts": "1.1"},
                    "item_user": receiver,
                    "event_ts": "1.2",
                },
                "authorizations": [{"team_id": team, "user_id": "U1", "is_bot": True}],
            }
        ).encode(),
        "application/json",
    )


async def volley(port: int, requests: list[bytes]) -> tuple[float, list[float]]:
    """Send them over keep-alive connections, the next as soon as one is answered: (requests a second, seconds each)."""
    queue, times = iter(requests), []

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in queue:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"refused: {head[:200]!r}")
            length = next(
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            await reader.readexactly(length)
            times.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
    return len(requests) / (time.perf_counter() - began), times


def start(stack: ExitStack, target: str, port: int, env: dict[str, str]) -> int:
    command = (
        [sys.executable, "-m", "slackapp", "serve"]
        if target == "ours"
        else [
            sys.executable,
            *("-m", "granian", "--interface", "asgi", "--factory", "--loop", "uvloop"),
            *("--log-level", "warning", "--host", "127.0.0.1", "--port", str(port), target),
        ]
    )
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env, "PORT": str(port)})
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process.pid


def free_port() -> int:
    """One of our own: servers that are given the same port would share its requests, and nobody would notice."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def resident(process: int) -> tuple[float, int]:
    """What this process and all it started hold in memory, in MB, counting shared pages for each; and their number."""
    parents, held = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            said = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
            parents[int(folder.name)] = int(said["PPid"])
            held[int(folder.name)] = int(said.get("VmRSS", "0 kB").split()[0]) / 1024
    family = {process}
    while more := {one for one, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(held[one] for one in family), len(family)


async def up(port: int) -> None:
    async with aiohttp.ClientSession() as http:
        for _ in range(600):
            try:
                async with http.get(f"http://127.0.0.1:{port}/health/ready") as answer:
                    if answer.status in {200, 404}:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)
    raise TimeoutError(port)


async def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server, url = embedded.start(folder / "postgres")
        stack.callback(server.cleanup)  # before its folder goes
        migrate(url)
        with psycopg.connect(url, autocommit=True) as db:
            db.execute(
                "CREATE TABLE bench_bare (id bigserial PRIMARY KEY, body text, at timestamptz DEFAULT now())"
            )
        sandbox = Sandbox(yaml.safe_load((ROOT / "manifest.yml").read_text()), SECRET)
        people = [sandbox.add_user(f"person{number}") for number in range(PEOPLE)]
        await sandbox.start()
        env = {
            "DATABASE_URL": url,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_API_URL": f"{sandbox.url}/api/",
            "MUTUAL_SECRET_KEYS": Fernet.generate_key().decode(),
            "BENCH_WORKSPACE": sandbox.team_id,
        }
        ours, by_hand, insert = (
            Contender("Mutual", free_port()),
            Contender("by hand", free_port()),
            Contender("one INSERT", free_port()),
        )
        began = time.perf_counter()
        serve = start(stack, "ours", ours.port, env)
        await up(ours.port)
        print(f"serve answered its first request after {time.perf_counter() - began:.2f} s (bar 2)")
        bare_env = {name: value for name, value in env.items() if name != "SLACK_BOT_TOKEN"}
        start(stack, "benchmarks.bare:bare", by_hand.port, {**bare_env, "BENCH_MODE": "transaction"})
        start(stack, "benchmarks.bare:bare", insert.port, {**bare_env, "BENCH_MODE": "insert"})
        await asyncio.gather(up(by_hand.port), up(insert.port))
        while not await _joined(url, sandbox.team_id):
            await asyncio.sleep(0.05)
        if sys.platform == "linux":
            held, processes = resident(serve)
            print(f"serve holds {held:.0f} MB at idle, in {processes} process(es) (bar 150)")
        for contender in (ours, by_hand, insert):
            await volley(contender.port, [kudos(sandbox.team_id, giver, people[0]) for giver in people[1:]])

        def between_two(make: Callable[[str, str, str], bytes], requests: int) -> list[bytes]:
            return [make(sandbox.team_id, *random.sample(people, 2)) for _ in range(requests)]

        for _ in range(ROUNDS):
            for contender in random.sample((ours, by_hand, insert), 3):
                rate, times = await volley(contender.port, between_two(kudos, CAPTURES))
                contender.rates.append(rate)
                contender.times += times
        quiet, no_op = Contender("Mutual", ours.port), Contender("no-op", insert.port)
        for _ in range(ROUNDS):
            for contender in random.sample((quiet, no_op), 2):
                rate, times = await volley(contender.port, between_two(reaction, REACTIONS))
                contender.rates.append(rate)
                contender.times += times
        await sandbox.stop()
        report("/kudos captures", ours, [(by_hand, 0.8), (insert, 0.5)])
        report("ignored reactions", quiet, [(no_op, 0.8)])


async def _joined(url: str, team: str) -> bool:
    async with await psycopg.AsyncConnection.connect(url) as db:
        await db.execute("SELECT set_config('mutual.workspace_id', %s, false)", [team])
        return (await (await db.execute("SELECT 1 FROM installations")).fetchone()) is not None


def report(what: str, ours: Contender, others: list[tuple[Contender, float]]) -> None:
    print(f"\n{what}")
    for contender in (ours, *(other for other, _ in others)):
        cuts = statistics.quantiles(contender.times, n=100)
        print(
            f"  {contender.name:12} {statistics.median(contender.rates):7.0f} a second   "
            f"p50 {cuts[49] * 1000:6.2f} ms   p99 {cuts[98] * 1000:6.2f} ms"
        )
    for other, bar in others:
        ratio = statistics.median(mine / theirs for mine, theirs in zip(ours.rates, other.rates, strict=True))
        print(f"  against {other.name}: {ratio:.2f} (bar {bar})")


if __name__ == "__main__":
    asyncio.run(main())
