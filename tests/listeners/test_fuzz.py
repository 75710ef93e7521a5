"""Whatever arrives: nothing unsigned is accepted, nothing malformed is our failure, no other workspace is touched.

MUTUAL_FUZZ=2000 tries so many of each kind, and others every time. Without it they are few, and always the same.
"""

import asyncio
import hashlib
import hmac
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import DateTime, select
from structlog.testing import capture_logs

from slackapp.app import Roles, create_web
from slackapp.listeners.shapes import well_formed
from slackapp.sandbox import Sandbox
from slackapp.sandbox.people import Answer
from slackapp.store import workspaces
from slackapp.store.database import Database
from slackapp.store.tables import OURS
from tests.listeners.payloads import KINDS, Payload, Scene, encoded, registered, staged
from tests.test_installing import hosted
from tests.world import MANIFEST, SIGNING_SECRET, World, free_port, make_world, rows, serving

ASKED = int(os.environ.get("MUTUAL_FUZZ", "0"))
MARK = "SEAHORSE"  # in everything that is written in the other workspace
ENDING = {"event app_uninstalled", "event tokens_revoked"}

each_kind = pytest.mark.parametrize("kind", KINDS)


def tried(examples: int) -> settings:
    return settings(
        max_examples=ASKED or examples,
        derandomize=not ASKED,
        deadline=None,
        database=None,
        # One world meets all examples on purpose: what one of them leaves behind is where the next one arrives.
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture(scope="module")
async def place(database_url: str, database: Database) -> AsyncIterator[World]:
    async with make_world(database_url, database) as world:
        yield world


@pytest.fixture(scope="module")
async def other(place: World) -> Scene:
    """Another workspace, with everything that a payload could name. Nobody acts in it."""
    sandbox = Sandbox(MANIFEST, SIGNING_SECRET, team_name=f"Other {place.id}")
    world = World(sandbox, place.database, place.settings)
    for name in place.people:
        world.people[name] = sandbox.add_user(name)
    world.team = sandbox.add_channel("team", members=world.people.values())
    async with world.database.workspace(world.id) as db:
        await workspaces.add(db, world.id, name="Other", timezone="UTC")
    return await staged(world, MARK)


@pytest.fixture
async def scene(place: World, other: Scene) -> AsyncIterator[Scene]:
    """Where each kind arrives. Afterwards the other workspace is as it was."""
    before = await rows(other.world.database, other.world.id)
    made = await staged(place)
    await made.restore()
    place.sandbox.calls.clear()
    yield made
    assert MARK not in repr(place.sandbox.calls)
    assert await rows(other.world.database, other.world.id) == before


async def answered(world: World, body: bytes, content_type: str, **how: Any) -> Answer:
    """Send it; neither silence nor a 5xx is an answer, and no listener may have stumbled."""
    with capture_logs() as logs:
        answer = await world.sandbox.send(body, content_type=content_type, **how)
    stumbled = [entry for entry in logs if entry["event"] == "listener_failed"]
    assert [(entry["error"], entry.get("slack_error"), entry["where"][-160:]) for entry in stumbled] == []
    assert 200 <= answer.status < 500
    return answer


def signature_of(body: bytes, stamp: str, secret: str = SIGNING_SECRET) -> str:
    """As Slack signs, also what is no text."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()


# What is sent ---------------------------------------------------------------------------------------------------------

GONE = object()
Path = tuple[Any, ...]
_plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        [
            "",
            " ",
            "\x00",
            "\ud800",
            "x" * 5000,
            "-1",
            "9" * 400,
            "2026-13-45",
            "[]",
            "{}",
            "null",
            '{"team": 7}',
            "<@U0NOBODY>",
            "<!subteam^S0NONE>",
            "U0NOBODY",
            "USLACKBOT",
            "C0NOWHERE",
            "https://",
            "00000000-0000-4000-8000-00000000dead",
            10**30,
        ]
    )
)
SCRAPS = (
    st.just(GONE)
    | _plain
    | st.recursive(
        _plain,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "value", ""]), inner)
        ),
        max_leaves=4,
    )
)
#: Here Slack itself says whose workspace it is about, and nobody else can.
SLACKS_WORD = {"team", "team_id", "team_ids", "context_team_id", "enterprise_id", "authorizations"}


def of_the_other(scene: Scene) -> list[str]:
    """Every id of theirs, alone and as our buttons and forms carry it."""
    world = scene.world
    ids = [world.ana, world.mia, world.team, scene.team, scene.ask, scene.offer, scene.kudos]
    return [
        *ids,
        json.dumps({"team": scene.team, "managed": True}),
        json.dumps([scene.ask, world.ben]),
        json.dumps({"pattern": "isolated", "subjects": [world.ana], "since": "2026-03-02"}),
        f"<@{world.ben}> for the map",
    ]


def places(node: Any, path: Path = ()) -> list[Path]:
    found = [path] if path else []
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, value in inner:
        found += places(value, (*path, step))
    return found


def changed(payload: Payload, path: Path, scrap: Any) -> Payload:
    made: Payload = json.loads(json.dumps(payload))
    node: Any = made
    for step in path[:-1]:
        node = node[step]
    if scrap is GONE:
        del node[path[-1]]
    else:
        node[path[-1]] = scrap
    return made


@st.composite
def broken(draw: st.DrawFn, payload: Payload, foreign: Sequence[str]) -> Payload:
    """In one to three places."""
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(payload)))
        scraps = SCRAPS if SLACKS_WORD & set(path) else SCRAPS | st.sampled_from(foreign)
        made = changed(payload, path, draw(scraps))
        payload = made or payload
    return payload


@st.composite
def garbled(draw: st.DrawFn, body: bytes) -> bytes:
    at = len(body) * draw(st.integers(0, 1000)) // 1000  # how long a body is depends on made-up ids
    match draw(st.sampled_from(["cut", "beheaded", "stuffed", "twice", "utf-16", "latin-1", "spaced"])):
        case "cut":
            return body[:at]
        case "beheaded":
            return body[at:]
        case "stuffed":
            return body[:at] + draw(st.binary(max_size=20)) + body[at:]
        case "twice":
            return body + body
        case "utf-16":
            return body.decode().encode("utf-16")
        case "latin-1":
            return body[:at] + "é".encode("latin-1") + body[at:]
    return b"\xef\xbb\xbf \r\n" + body


TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "nonsense",
)


# Completeness ---------------------------------------------------------------------------------------------------------


async def test_every_listener_is_sent_something_honest(place: World) -> None:
    assert registered() - {kind.partition(",")[0] for kind in KINDS} == set()
    scene = await staged(place)
    for kind, made in KINDS.items():
        await scene.restore()
        payload = made(scene)
        assert well_formed(payload), kind
        assert (await answered(place, *encoded(payload))).status == 200, kind


# Malformed ------------------------------------------------------------------------------------------------------------


@each_kind
@tried(10)
@given(data=st.data())
async def test_what_is_broken_is_not_our_failure(
    kind: str, scene: Scene, other: Scene, data: st.DataObject
) -> None:
    """Signed as Slack signs, and with ids of others where people could put them."""
    payload = data.draw(broken(KINDS[kind](scene), of_the_other(other)))
    await answered(scene.world, *encoded(payload))
    if kind in ENDING:
        await scene.restore()


@each_kind
@tried(6)
@given(data=st.data())
async def test_no_bytes_are_our_failure(kind: str, scene: Scene, data: st.DataObject) -> None:
    body, usual = encoded(KINDS[kind](scene))
    body = data.draw(garbled(body))
    stamp = str(int(time.time()))
    await answered(
        scene.world,
        body,
        data.draw(st.just(usual) | st.sampled_from(TYPES)),
        timestamp=float(stamp),
        signature=signature_of(body, stamp),
    )
    if kind in ENDING:
        await scene.restore()


HUGE = (b"x" * 900_000, b'",' + b'"x",' * 200_000 + b'"', b"[" * 300_000 + b"]" * 300_000)


async def test_what_is_huge_is_not_our_failure(scene: Scene) -> None:
    for number, (kind, made) in enumerate(KINDS.items()):
        payload = made(scene)
        every = places(payload)
        for turn, huge in enumerate(HUGE):
            path = every[(number * 7 + turn) % len(every)]
            body, content_type = encoded(changed(payload, path, "HUGE"))
            body, stamp = body.replace(b"HUGE", huge), str(int(time.time()))
            signed = signature_of(body, stamp)
            await answered(scene.world, body, content_type, timestamp=float(stamp), signature=signed)
        if kind in ENDING:
            await scene.restore()


async def test_more_than_slack_ever_sends_is_not_read(place: World) -> None:
    assert (await answered(place, b"x" * 1_000_001, "application/json")).status == 413


# Forged ---------------------------------------------------------------------------------------------------------------

Tampering = Callable[[bytes], tuple[bytes, Mapping[str, str]]]


def headers(body: bytes, stamp: str | None = None, secret: str = SIGNING_SECRET) -> dict[str, str]:
    stamp = str(int(time.time())) if stamp is None else stamp
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature_of(body, stamp, secret)}


def without(name: str) -> Tampering:
    return lambda body: (body, {key: value for key, value in headers(body).items() if key != name})


def with_signature(change: Callable[[str], str]) -> Tampering:
    def tampered(body: bytes) -> tuple[bytes, Mapping[str, str]]:
        honest = headers(body)
        return body, {**honest, "X-Slack-Signature": change(honest["X-Slack-Signature"])}

    return tampered


def at(seconds: float) -> Tampering:
    return lambda body: (body, headers(body, str(int(time.time() + seconds))))


TAMPERINGS = st.one_of(
    st.sampled_from(["X-Slack-Request-Timestamp", "X-Slack-Signature"]).map(without),
    st.just(lambda body: (body, {})),
    st.text("0123456789abcdef", min_size=32, max_size=32).map(lambda key: lambda body: (body, headers(body, secret=key))),
    # Not 301: what is one second too early is in time one second later.
    st.sampled_from([-301, 360, -86400, 86400, -time.time()]).map(at),
    st.sampled_from(["", "now", "-1", "1e9", "9" * 40, "９９９", "0x10"]).map(
        lambda stamp: lambda body: (body, headers(body, stamp))
    ),
    # Signed, and changed on the way.
    st.binary(min_size=1, max_size=4).map(lambda more: lambda body: (body + more, headers(body))),
    st.just(lambda body: (body[:-1], headers(body))),
    st.just(lambda body: (body, {**headers(body), "X-Slack-Request-Timestamp": str(int(time.time()) + 1)})),
    st.sampled_from(
        [
            lambda _: "",
            lambda _: "v0=",
            lambda _: "é",
            lambda signature: signature.replace("v0", "v1"),
            lambda signature: signature[:-1],
            lambda signature: signature + "0",
            lambda signature: signature.upper(),
            lambda signature: signature.removeprefix("v0="),
        ]
    ).map(with_signature),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80).map(
        lambda made_up: with_signature(lambda _: made_up.strip())
    ),
)  # fmt: skip


@tried(25)
@given(tampering=TAMPERINGS)
async def test_what_slack_did_not_sign_just_now_is_refused(place: World, tampering: Tampering) -> None:
    scene = Scene(place, "team", "ask", "offer", "kudos")
    for kind, made in KINDS.items():
        body, content_type = encoded(made(scene))
        sent, said = tampering(body)
        status = await posted(place, sent, {"Content-Type": content_type, **said})
        assert (kind, status) == (kind, 401)


async def test_what_was_refused_left_nothing(scene: Scene) -> None:
    world = scene.world
    await world.settle()
    before = await rows(world.database, world.id)
    for made in KINDS.values():
        body, content_type = encoded(made(scene))
        for said in (headers(body, secret="0" * 32), headers(body, str(int(time.time()) - 301)), {}):
            assert await posted(world, body, {"Content-Type": content_type, **said}) == 401
    await world.settle()
    assert await rows(world.database, world.id) == before


async def posted(world: World, body: bytes, said: Mapping[str, str], path: str = "/slack/events") -> int:
    """The status, from a request put together by hand: no client stands between and mends it."""
    lines = [f"{name}: {value}" for name, value in {**said, "Content-Length": str(len(body))}.items()]
    return await raw(world.sandbox.app_url or "", f"POST {path}", lines, body)


async def raw(address: str, line: str, lines: Sequence[str], body: bytes = b"") -> int:
    there = urlsplit(address)
    reader, writer = await asyncio.open_connection(there.hostname, there.port)
    head = "\r\n".join([f"{line} HTTP/1.1", f"Host: {there.netloc}", "Connection: close", *lines, "", ""])
    writer.write(head.encode() + body)
    try:
        return int((await reader.read()).split(b" ", 2)[1])
    finally:
        writer.close()


# Said again -----------------------------------------------------------------------------------------------------------


async def lasting(world: World) -> set[str]:
    """What is stored, without the moments, and without what jobs write meanwhile. Looking twice is two looks."""
    found = set()
    async with world.database.workspace(world.id) as db:
        for table in OURS:
            columns = [
                column.is_(None) if isinstance(column.type, DateTime) else column
                for column in table.columns
                if column.name not in {"marks", "is_public"}
            ]
            if table.name not in {"looks", "deliveries", "findings"}:
                found |= {f"{table.name} {tuple(row)}" for row in await db.execute(select(*columns))}
    return found


async def test_what_is_said_again_changes_nothing(place: World) -> None:
    """The same bytes: with their signature, as when somebody replays them, and a new one, as when Slack retries."""
    for kind, made in KINDS.items():
        scene = await staged(place)
        body, content_type, stamp = *encoded(made(scene)), time.time()
        await answered(place, body, content_type, timestamp=stamp)
        once = await lasting(place)

        for again in (stamp, stamp, None):
            await answered(place, body, content_type, timestamp=again)

        assert await lasting(place) ^ once == set(), kind
        if kind in ENDING:
            await scene.restore()


# Of others ------------------------------------------------------------------------------------------------------------


async def test_ids_of_another_workspace_lead_nowhere(scene: Scene, other: Scene) -> None:
    """All of them at once, as somebody would who knows them."""
    theirs, ours = other.world, scene.world
    for kind, made in KINDS.items():
        payload = json.dumps(made(scene))
        for mine, foreign in {
            scene.team: other.team,
            scene.ask: other.ask,
            scene.offer: other.offer,
            scene.kudos: other.kudos,
            ours.ben: theirs.ben,
            ours.team: theirs.team,
        }.items():
            payload = payload.replace(mine, foreign)
        answer = await answered(ours, *encoded(json.loads(payload)))
        assert MARK not in answer.body, kind
        if kind in ENDING:
            await scene.restore()
    await ours.settle()


async def test_whoever_slack_does_not_show_us_is_told_kindly_or_left_alone(scene: Scene) -> None:
    for kind, made in KINDS.items():
        if kind in {"event team_join", "event user_change", "action erase_me", *ENDING}:
            continue  # they introduce a person, end on a Home that is not there, or are about nobody
        payload = json.loads(json.dumps(made(scene)).replace(scene.world.ana, "U0NOBODY"))
        answer = await answered(scene.world, *encoded(payload))
        if kind == "command /kudos":
            assert "I can't see your profile" in answer.body
    await scene.world.settle()
    everything = await rows(scene.world.database, scene.world.id)
    assert "U0NOBODY" not in repr(everything["people"] + everything["gestures"])


# Pages ----------------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        "/",
        "/privacy",
        "/support",
        "/slack/install",
        "/slack/oauth_redirect",
        "/slack/events",
        "/charts/",
        "/metrics",
        "/health/live",
        "/health/ready",
        "..",
        "%00",
        "%ff%fe",
        "%2e%2e%2f",
        "//",
        "a" * 3000,
    ]
)
VALUES = st.text(st.characters(codec="ascii", min_codepoint=33, exclude_characters="\x7f"), max_size=40)


@pytest.fixture(scope="module")
async def site(place: World) -> AsyncIterator[str]:
    async with hosted(place) as url:
        yield url


@tried(150)
@given(
    st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]),
    st.lists(PIECES, min_size=1, max_size=2).map("".join),
    st.dictionaries(st.sampled_from(["state", "code", "error", "x"]), VALUES, max_size=3),
    st.dictionaries(st.sampled_from(["Cookie", "Authorization", "Accept", "Range", "X-Forwarded-For"]), VALUES),
)  # fmt: skip
async def test_no_request_for_a_page_is_our_failure(
    site: str, method: str, path: str, query: Mapping[str, str], said: Mapping[str, str]
) -> None:
    path = path if path.startswith("/") else f"/{path}"
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    cookie = {"Cookie": f"mutual_install={query['state']}"} if "state" in query and "Cookie" in said else {}
    status = await raw(
        site, f"{method} {path}?{asked}", [f"{name}: {value}" for name, value in {**said, **cookie}.items()]
    )
    assert 200 <= status < 500


# Sockets --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def socketed(database_url: str, database: Database) -> AsyncIterator[Scene]:
    async with make_world(database_url, database, roles=Roles(web=True)) as world:
        token = type(world.settings.slack_signing_secret)(world.sandbox.app_token)
        connected = world.settings.model_copy(update={"slack_app_token": token})
        async with serving(create_web(connected, Roles(web=True, socket=True)), free_port()):
            await asyncio.wait_for(world.sandbox.sockets.opened.wait(), 5)
            yield await staged(world)


@tried(20)
@given(data=st.data())
async def test_what_is_broken_does_not_end_the_socket(
    socketed: Scene, other: Scene, data: st.DataObject
) -> None:
    sockets = socketed.world.sandbox.sockets
    kind = data.draw(st.sampled_from([kind for kind in KINDS if kind not in ENDING]))
    payload = data.draw(broken(KINDS[kind](socketed), of_the_other(other)))

    async def told(kind: str, payload: Payload, patience: float) -> int:
        way = "event" if kind.startswith(("event", "step")) else "command" if "/" in kind else "interactivity"
        return (await sockets.deliver(way, payload, patience=patience, retry_num=0, reason=None)).status

    await told(kind, payload, patience=0.05)
    assert await told("command /mutual", KINDS["command /mutual"](socketed), patience=3) == 200
