"""What the command line and the guarded pages say about an installation."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from slackapp.app import Roles, create_web
from slackapp.charts.links import Links
from slackapp.doctor import Preview, digest_preview, examine
from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.health import Health, Told, Unresolved, Waiting, checks, scopes_check, slack_clock_check
from slackapp.domain.scopes import OPTIONAL, REQUIRED
from slackapp.sandbox import SlackError
from slackapp.store import deliveries, gestures, pictures, queue
from slackapp.store.health import Watch
from tests import heard
from tests.conftest import UTC_ZONE
from tests.world import World, free_port, serving

WELL = Health(
    workspaces=2,
    queue=(Waiting("default", "todo", 1), Waiting("default", "succeeded", 900)),
    longest_wait=0.4,
    stalled=0,
    told=(Told("digest", "sent", 40), Told("announcement", "not_in_channel", 3)),
    unresolved=(),
    skew=0.01,
)
ILL = Health(
    workspaces=1,
    queue=(Waiting("default", "todo", 1200), Waiting("digests", "failed", 1)),
    longest_wait=900,
    stalled=2,
    told=(Told("digest", "token_revoked", 1),),
    unresolved=(Unresolved("T1", "U0ANA", "digest", "2026-W10", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),),
    skew=-12.0,
)


def test_all_is_well_in_one_line_each() -> None:
    assert [(check.name, check.says) for check in checks(WELL)] == [
        ("workspaces", "2 workspaces with Mutual."),
        ("queue", "1 job waiting, the oldest for 0 s."),
        ("failed jobs", "None."),
        ("stalled jobs", "None."),
        ("messages", "digest sent: 40; announcement not_in_channel: 3."),
        ("unresolved messages", "None."),
        ("database clock", "0.0 s ahead."),
    ]
    assert all(check.ok for check in checks(WELL))


def test_before_any_workspace_has_it_the_next_step_is_said() -> None:
    (first, *_) = checks(replace(WELL, workspaces=0))

    assert first.ok
    assert first.says.startswith("None with Mutual yet. `slackapp serve` joins the one of SLACK_BOT_TOKEN")


def test_what_needs_a_hand_says_what_to_do() -> None:
    said = {check.name: check.says for check in checks(ILL) if not check.ok}

    assert said == {
        "queue": "1,200 jobs waiting, the oldest for 900 s. Is a worker running? `slackapp worker`",
        "failed jobs": "1 job gave up; the log says why.",
        "stalled jobs": "2 jobs whose worker is gone. A running clock gives them to another within a minute.",
        "messages": "digest token_revoked: 1.",
        "unresolved messages": "1 message may or may not have arrived, and will not be sent again:\n"
        "  2026-03-02 09:30 UTC  T1  digest 2026-W10 to U0ANA",
        "database clock": "12.0 s behind. Set both clocks by NTP: digests and signatures depend on them.",
    }


def test_scopes_and_slacks_clock() -> None:
    assert scopes_check("T1", [*REQUIRED, *OPTIONAL, "more"]).says == "As in the manifest."
    found = scopes_check("T1", [scope for scope in REQUIRED if scope not in {"chat:write", "users:read"}])
    assert not found.ok
    assert found.says == "Missing chat:write, users:read: install the app again to grant them."
    found = scopes_check("T1", [*REQUIRED, *(scope for scope in OPTIONAL if scope != "groups:read")])
    assert found.ok
    assert found.says == "As in the manifest, without the optional groups:read."
    assert slack_clock_check(3).says == "Ours is 3 s ahead."
    assert not slack_clock_check(-400).ok


@pytest.fixture
async def claimed(world: World) -> World:
    """A digest whose worker was killed ten minutes ago, and one whose worker is at it."""
    async with world.database.workspace(world.id) as db:
        for user, minutes in ((world.ana, 10), (world.ben, 1)):
            await deliveries.claim(
                db, world.id, user, "digest", "2026-W10", world.now() - timedelta(minutes=minutes)
            )
    return world


async def test_doctor_lists_the_message_that_nobody_knows_about(claimed: World) -> None:
    found = {check.name: check for check in await examine(claimed.settings)}

    assert found["database"].ok
    assert found["migrations"].ok
    assert found["isolation"].ok
    assert found["Slack's clock"].ok
    assert found[f"scopes of {claimed.id}"].says == "As in the manifest."
    unresolved = found["unresolved messages"].says
    assert f"{claimed.id}  digest 2026-W10 to {claimed.ana}" in unresolved
    assert claimed.ben not in unresolved


async def test_doctor_lists_a_lost_message_for_a_week(world: World) -> None:
    for days in (6, 8):
        at = world.now() - timedelta(days=days)
        async with world.database.workspace(world.id) as db:
            await deliveries.claim(db, world.id, world.ana, "digest", f"{days} days ago", at)

    found = {check.name: check for check in await examine(world.settings)}
    assert f"{world.id}  digest 6 days ago" in found["unresolved messages"].says
    assert "8 days ago" not in found["unresolved messages"].says


async def test_doctor_says_when_slack_refuses_and_when_the_database_does_not_answer(world: World) -> None:
    world.sandbox.api.broken["auth.test"] = SlackError("token_revoked")
    found = {check.name: check for check in await examine(world.settings)}
    assert found[f"Slack in {world.id}"].says == "It refuses us: token_revoked."

    nowhere = world.settings.model_copy(update={"database_url": "postgresql://mutual@127.0.0.1:9/mutual"})
    (only,) = await examine(nowhere)
    assert (only.name, only.ok) == ("database", False)


async def test_doctor_says_whose_token_cannot_be_read(world: World) -> None:
    other = {**world.settings.model_dump(), "mutual_secret_keys": Fernet.generate_key().decode()}
    found = {check.name: check for check in await examine(world.settings.model_validate(other))}

    assert f"The token of {world.id} was encrypted on" in found[f"key of {world.id}"].says
    assert not found[f"key of {world.id}"].ok


async def test_the_command_ends_with_one_where_something_needs_a_hand(claimed: World) -> None:
    settings = claimed.settings
    run = await asyncio.to_thread(
        heard.slackapp,
        "doctor",
        env={
            "SLACK_SIGNING_SECRET": settings.slack_signing_secret.get_secret_value(),
            "MUTUAL_SECRET_KEYS": settings.mutual_secret_keys.get_secret_value(),
            "DATABASE_URL": settings.database_url or "",
            "SLACK_API_URL": "http://127.0.0.1:9/api/",
        },
    )
    assert run.returncode == 1, run.stderr
    assert "ok    migrations: Up to date." in run.stdout
    assert "LOOK  unresolved messages:" in run.stdout
    assert "Traceback" not in run.stderr


async def test_a_digest_is_previewed_and_nothing_is_marked(world: World) -> None:
    assert await digest_preview(world.settings, world.id, "U0NOBODY") == (
        f"Nobody with the id U0NOBODY is known in {world.id}."
    )
    assert await digest_preview(world.settings, world.id, world.ana) == (
        "Ana would get no digest: nothing happened that is worth a message."
    )
    async with world.database.workspace(world.id) as db:
        acts = gestures_to(
            [world.ana],
            giver=world.ben,
            kind="thanks",
            source=Source("test"),
            at=world.now() - timedelta(days=1),
            tz=UTC_ZONE,
        )
        await gestures.record(db, world.id, acts, Mark("command"), world.now())
    found = await digest_preview(world.settings, world.id, world.ana)

    assert isinstance(found, Preview)
    assert "Ben thanked you or thought of you this week." in found.text
    assert "You have not asked for it. Tick *Weekly digest* in Settings" in found.text
    async with world.database.workspace(world.id) as db:
        assert await db.scalar(text("SELECT count(*) FROM deliveries")) == 0


# Guarded pages


@pytest.fixture
async def site(world: World) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = world.settings.model_validate(
        {
            **world.settings.model_dump(),
            "mutual_public_url": address,
            "mutual_metrics_token": "4f9a1c7e2b8d6035",
        }
    )
    async with serving(create_web(settings, Roles(web=True)), port), aiohttp.ClientSession() as http:
        yield address, http


async def test_metrics_are_for_those_who_know_the_token(
    claimed: World, site: tuple[str, aiohttp.ClientSession]
) -> None:
    address, http = site
    for wrong in ({}, {"Authorization": "Bearer let me"}, {"Authorization": "4f9a1c7e2b8d6035"}):
        async with http.get(f"{address}/metrics", headers=wrong) as answer:
            assert answer.status == 401
    async with http.get(f"{address}/metrics", headers={"Authorization": "Bearer 4f9a1c7e2b8d6035"}) as answer:
        assert answer.status == 200
        read = await answer.text()
    assert "mutual_messages_unresolved" in read
    assert 'mutual_queue_jobs{queue="default",status="succeeded"}' in read
    assert claimed.ana not in read
    async with http.get(claimed.sandbox.app_url.replace("/slack/events", "/metrics")) as answer:
        assert answer.status == 404


async def test_whoever_watches_has_the_queue_afresh_and_messages_some_minutes_old(world: World) -> None:
    watch, now = Watch(world.database), world.now()

    async def seen(minutes: int) -> tuple[int, int]:
        found = await watch.read(now + timedelta(minutes=minutes), datetime.now(UTC))
        lost = sum(one.workspace_id == world.id for one in found.unresolved)
        return lost, sum(one.jobs for one in found.queue if one.queue == world.id)

    assert await seen(0) == (0, 0)
    async with world.database.workspace(world.id) as db:
        await deliveries.claim(db, world.id, world.ana, "digest", "2026-W10", now - timedelta(minutes=9))
        await queue.defer(db, queue.Job("none", {}, queue=world.id))
    assert await seen(4) == (0, 1)
    assert await seen(6) == (1, 1)


async def test_a_picture_is_drawn_for_its_link_and_for_nothing_else(
    world: World, site: tuple[str, aiohttp.ClientSession]
) -> None:
    address, http = site
    links = Links(world.settings.mutual_secret_keys.get_secret_value().split(","), address)
    shows = {"kind": "rhythm", "counts": [5, 6, 7], "floor": 5}
    async with world.database.workspace(world.id) as db:
        name = await pictures.put(db, world.id, shows, world.now())
        assert await pictures.put(db, world.id, shows, world.now()) == name
    link = links.to(world.id, name)
    async with http.get(link) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
        drawn = await answer.read()
    async with http.get(link) as again:
        assert await again.read() == drawn
    for wrong in (links.to(world.id, "0" * 32), links.to("T0OTHER", name) + "x", f"{address}/charts/x.png"):
        async with http.get(wrong) as answer:
            assert answer.status == 404
    async with world.database.workspace(world.id) as db:
        await pictures.remove(db, world.id, [name], world.now() + timedelta(days=3))
    async with http.get(link) as answer:  # however often it was fetched before
        assert answer.status == 404
