"""Installing as an admin does it: in a browser, through Slack and back; and hearing Slack through a WebSocket."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import aiohttp
import psycopg
import pytest
from cryptography.fernet import Fernet, MultiFernet
from structlog.testing import capture_logs
from yarl import URL

from slackapp.app import Roles, create_web, make_arrival, make_bolt, make_installer, running
from slackapp.domain.scopes import OPTIONAL, REQUIRED
from slackapp.jobs.shell import Shell
from slackapp.listeners.installing import Installer
from slackapp.sandbox import SlackError
from slackapp.sockets import connected
from slackapp.store import installations, installing, workspaces
from slackapp.store.database import Database, open_database
from slackapp.store.installations import Installation, LostKeyError
from slackapp.store.migrations import migrate
from tests import heard
from tests.conftest import NOW
from tests.servers import another_database
from tests.world import SIGNING_SECRET, World, free_port, make_world, rows, serving


@asynccontextmanager
async def hosted(world: World) -> AsyncIterator[str]:
    """Mutual for many workspaces, with no token of its own; the address of its pages."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = world.settings.model_copy(
        update={
            "slack_bot_token": None,
            "slack_client_id": world.sandbox.app.client_id,
            "slack_client_secret": type(world.settings.slack_signing_secret)(world.sandbox.app.client_secret),
            "mutual_public_url": url,
        }
    )
    async with serving(create_web(settings, Roles(web=True)), port):
        yield url


@asynccontextmanager
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def begin(session: aiohttp.ClientSession, url: str) -> str:
    """Open the install page; where its button leads."""
    async with session.get(f"{url}/slack/install") as page:
        assert page.status == 200
        text = await page.text()
    return text.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")


async def answer(session: aiohttp.ClientSession, address: str, how: str = "allow") -> str:
    """Press Allow or Cancel at Slack; where Slack sends the browser."""
    there = address.replace("/oauth/v2/authorize", f"/oauth/v2/{how}")
    async with session.get(URL(there, encoded=True), allow_redirects=False) as response:
        return response.headers["Location"]


async def fetched(session: aiohttp.ClientSession, url: str) -> tuple[int, str]:
    async with session.get(URL(url, encoded=True)) as page:
        return page.status, await page.text()


async def found(world: World) -> Installation | None:
    async with world.database.workspace(world.id) as db:
        return await installations.find(db, world.id, world.settings.cipher)


async def test_an_admin_installs_it_and_again(world: World) -> None:
    async with world.database.workspace(world.id) as db:
        await installations.remove(db, world.id, world.now())
    async with hosted(world) as url, browser() as session:
        for _ in range(2):
            status, text = await fetched(session, await answer(session, await begin(session, url)))

            assert status == 200
            assert f"Mutual is in {world.sandbox.team_name}" in text
            assert f"slack://app?team={world.id}" in text
            kept = await found(world)
            assert kept is not None
            assert kept.bot_token == world.sandbox.bot_token
            assert "chat:write" in kept.scopes


async def test_a_state_is_good_once_also_for_ten_at_once(world: World) -> None:
    async with hosted(world) as url, browser() as session:
        back = await answer(session, await begin(session, url))
        cookies = {cookie.key: cookie.value for cookie in session.cookie_jar}

        async def open_it() -> int:
            async with aiohttp.ClientSession(cookies=cookies) as other:
                return (await fetched(other, back))[0]

        assert sorted(await asyncio.gather(*(open_it() for _ in range(10)))) == [200] + [400] * 9


async def test_a_link_from_another_browser_installs_nothing(world: World) -> None:
    async with hosted(world) as url, browser() as session, browser() as other:
        back = await answer(session, await begin(session, url))

        assert (
            "This did not begin in this browser. Please start again from here."
            in (await fetched(other, back))[1]
        )


async def test_a_link_that_was_used_is_refused_in_words(world: World) -> None:
    async with hosted(world) as url, browser() as session:
        back = await answer(session, await begin(session, url))
        cookies = {cookie.key: cookie.value for cookie in session.cookie_jar}
        await fetched(session, back)
        async with aiohttp.ClientSession(cookies=cookies) as again:
            status, text = await fetched(again, back)

    assert status == 400
    assert "This link was used already, or is older than ten minutes. Please start again." in text


async def test_where_mutual_serves_one_workspace_its_install_pages_say_so(world: World) -> None:
    url = str(world.sandbox.app_url).removesuffix("/slack/events")
    async with browser() as session:
        for path in ("/slack/install", "/slack/oauth_redirect"):
            status, text = await fetched(session, url + path)
            assert status == 404
            assert "This Mutual serves one workspace, and is installed there already." in text


async def test_whoever_cancels_reads_that_nothing_is_kept(world: World) -> None:
    async with hosted(world) as url, browser() as session:
        status, text = await fetched(session, await answer(session, await begin(session, url), "deny"))

    assert status == 400
    assert "You did not allow it, so nothing was installed and nothing is kept." in text


async def test_a_made_up_code_is_refused_in_words(world: World) -> None:
    async with hosted(world) as url, browser() as session:
        state = parse_qs(urlsplit(await begin(session, url)).query)["state"][0]
        status, text = await fetched(session, f"{url}/slack/oauth_redirect?code=forged&state={state}")

    assert status == 400
    assert "Slack did not accept this installation. Please start again." in text


async def test_without_a_bots_token_nothing_is_kept_and_the_page_says_so(world: World) -> None:
    async with world.database.workspace(world.id) as db:
        await installations.remove(db, world.id, world.now())
    before = await rows(world.database, world.id)
    async with hosted(world) as url, browser() as session:
        world.sandbox.api.without_bot = True
        status, text = await fetched(session, await answer(session, await begin(session, url)))
        assert status == 400
        assert "Slack did not give Mutual what it needs. Please start again." in text
        assert await rows(world.database, world.id) == before

        world.sandbox.api.without_bot = False
        status, _ = await fetched(session, await answer(session, await begin(session, url)))
        assert status == 200
    assert await found(world) is not None


async def test_a_state_is_good_for_ten_minutes_and_then_forgotten(database: Database) -> None:
    late = NOW + timedelta(minutes=11)
    async with database.workspace(installing.NOWHERE) as db:
        await installing.begin(db, "old", expires_at=NOW + timedelta(minutes=10), now=NOW)
        await installing.begin(db, "older", expires_at=NOW + timedelta(minutes=10), now=NOW)
    async with database.workspace(installing.NOWHERE) as db:
        assert not await installing.use(db, "old", late)
        await installing.begin(db, "new", expires_at=late + timedelta(minutes=10), now=late)
        assert not await installing.use(db, "older", NOW), "purged by the next one"
        assert await installing.use(db, "new", late)


async def test_the_pages_load_nothing_from_elsewhere_and_carry_the_headers(world: World) -> None:
    async with hosted(world) as url, browser() as session:
        for path in ("/", "/privacy", "/support", "/slack/install", "/health/live", "/nowhere"):
            async with session.get(url + path) as page:
                assert "default-src 'none'" in page.headers["Content-Security-Policy"]
                assert page.headers["X-Content-Type-Options"] == "nosniff"
                assert page.headers["Referrer-Policy"] == "no-referrer"
                text = await page.text()
                assert "<script" not in text
                assert 'src="' not in text
        assert (await fetched(session, f"{url}/"))[1].count("Add to Slack") == 1


async def test_whoever_installs_it_reads_which_scopes_let_it_be_sent_messages(world: World) -> None:
    asked = [scope for scope in OPTIONAL if scope.endswith(":history")]
    assert asked
    assert not [scope for scope in REQUIRED if scope.endswith(":history") and scope != "im:history"]
    async with hosted(world) as url, browser() as session:
        for path in ("/", "/slack/install"):
            page = " ".join((await fetched(session, f"{url}{path}"))[1].split())
            for scope, why in OPTIONAL.items():
                assert f"<code>{scope}</code> {why} (you may leave this out)" in page
            allowed = " or ".join(f"<code>{scope}</code>" for scope in asked)
            assert (
                f"the messages of a channel only where it is invited and you allow {allowed}: it looks for"
                in page
            )
            assert "does not ask to" not in page


async def test_the_privacy_page_says_what_is_received_for_how_long_and_how_to_be_erased(
    database_url: str, database: Database
) -> None:
    chosen = {"mutual_note_days": 30, "mutual_grace_days": 0, "mutual_support_email": "help@acme.example"}
    async with make_world(database_url, database, settings=chosen) as world, browser() as session:
        url = str(world.sandbox.app_url).removesuffix("/slack/events")
        page = " ".join((await fetched(session, f"{url}/privacy"))[1].split())
    for said in (
        "The words of a note, an ask or an offer: 30 days.",
        "Gestures, asks, offers, who looked and what was sent: 730 days.",
        "when a workspace removes Mutual: removed at once.",
        "Slack also sends it the messages, if whoever installed it allowed that. It looks for kudos in them, keeps those, "
        "and drops everything else",
        "Nobody can look up another's, unless that person shares it with a team.",
        "or have everything about you erased",
        'href="mailto:help@acme.example"',
    ):
        assert said in page


# Enterprise Grid -------------------------------------------------------------------------------------------------


async def test_an_organisations_installation_serves_its_workspaces_and_no_other(
    world: World,
) -> None:
    """The workspace's own comes first; each workspace keeps its own people and gestures."""
    org = f"E{world.id}"
    cipher = world.settings.cipher
    async with world.database.workspace(world.id) as db:
        await installations.remove(db, world.id, world.now())
    async with world.database.workspace(org) as db:
        await workspaces.add(db, org, name="Acme Group", timezone="UTC", is_organisation=True)
        await installations.put(
            db, org, Installation("xoxb-org", "B1", "U1", ["chat:write"]), cipher, world.now()
        )
    async with aiohttp.ClientSession() as http:
        shell = Shell(world.database, cipher, world.settings.slack_api_url, http, world.now)
        arrival = make_arrival(world.settings, shell)

        assert await arrival.installed(world.id) is None
        known = await arrival.installed(world.id, org, world.now())
        assert known is not None
        assert (known.installation.bot_token, known.installation.held_by) == ("xoxb-org", org)
        assert (await shell.client(world.id)).token == "xoxb-org", "jobs speak there too"
        assert await arrival.installed(f"{world.id}X", "ESTRANGER") is None
        ids = await world.database.workspace_ids()
        assert world.id in ids
        assert org not in ids, "an organisation has no people for the clock to think of"

        async with world.database.workspace(org) as db:
            await installations.remove(db, org, world.now())
        arrival.forget(org)
        assert await arrival.installed(world.id, org) is None


async def test_an_org_wide_answer_is_kept_for_the_organisation(world: World) -> None:
    settings = world.settings.model_copy(
        update={
            "slack_client_id": "1.2",
            "slack_client_secret": world.settings.slack_signing_secret,
            "mutual_public_url": "https://mutual.test",
        }
    )
    async with aiohttp.ClientSession() as http:
        shell = Shell(world.database, settings.cipher, settings.slack_api_url, http, world.now)
        installer = make_installer(settings, shell, make_arrival(settings, shell))
        assert isinstance(installer, Installer)
        org = f"E{world.id}"
        welcome = await installer._keep(
            {
                "token_type": "bot",
                "access_token": world.sandbox.bot_token,
                "scope": "commands",
                "bot_user_id": world.sandbox.bot_user_id,
                "app_id": world.sandbox.app_id,
                "team": None,
                "enterprise": {"id": org, "name": "Acme Group"},
                "is_enterprise_install": True,
            }
        )
    assert (welcome.name, welcome.is_organisation) == ("Acme Group", True)
    assert "chat:write" in welcome.lacks
    async with world.database.workspace(org) as db:
        assert await installations.find(db, org, settings.cipher)


# Keys and scopes -------------------------------------------------------------------------------------------------


async def test_after_a_rotation_the_old_key_can_be_removed(database: Database, workspace_id: str) -> None:
    old, new = Fernet(Fernet.generate_key()), Fernet(Fernet.generate_key())
    async with database.workspace(workspace_id) as db:
        await installations.put(
            db, workspace_id, Installation("xoxb-1", "B", "U", []), MultiFernet([old]), NOW
        )
    for _ in range(2):
        async with database.workspace(workspace_id) as db:
            assert await installations.rotate(db, workspace_id, MultiFernet([new, old])) == 1
    async with database.workspace(workspace_id) as db:
        kept = await installations.find(db, workspace_id, MultiFernet([new]))
        await installations.remove(db, workspace_id, NOW)  # no other test's process has these keys
    assert kept is not None
    assert kept.bot_token == "xoxb-1"


def keyed(database_url: str, *keys: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "MUTUAL_SECRET_KEYS": ",".join(keys),
    }


@pytest.fixture
def keyring(database_url: str) -> Iterator[str]:
    """A database of its own: keys are turned for every workspace there is."""
    with another_database(database_url, f"keys_{os.getpid()}") as url:
        migrate(url)
        yield url


async def test_keys_are_turned_from_the_command_line_and_then_the_old_one_is_not_needed(keyring: str) -> None:
    old, new, foreign = (Fernet.generate_key().decode() for _ in range(3))
    opened = open_database(keyring, connections=1)

    async def tokens(key: str) -> dict[str, str]:
        found = {}
        for workspace_id in await opened.workspace_ids(organisations=True):
            async with opened.workspace(workspace_id) as db:
                kept = await installations.find(db, workspace_id, MultiFernet([Fernet(key)]))
                assert kept is not None
                found[workspace_id] = kept.bot_token
        return found

    for workspace_id, is_organisation in (("T0ONE", False), ("T0TWO", False), ("E0ORG", True)):
        async with opened.workspace(workspace_id) as db:
            await workspaces.add(
                db, workspace_id, name="Acme", timezone="UTC", is_organisation=is_organisation
            )
            await installations.put(
                db,
                workspace_id,
                Installation(f"xoxb-of-{workspace_id}", "B", "U", []),
                MultiFernet([Fernet(old)]),
                NOW,
            )
    before = await tokens(old)

    # Somebody who put the new key in place of the old one, not in front of it.
    refused = await asyncio.to_thread(heard.slackapp, "keys", "rotate", env=keyed(keyring, new, foreign))
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        f"The token of {whose} was encrypted on {datetime.now(UTC):%Y-%m-%d} with a key that is not in "
        "MUTUAL_SECRET_KEYS. Add that key after the others."
        for whose in ("E0ORG", "T0ONE", "T0TWO")
    ]
    assert await tokens(old) == before

    for _ in range(2):
        turned = await asyncio.to_thread(heard.slackapp, "keys", "rotate", env=keyed(keyring, new, old))
        assert turned.returncode == 0, turned.stderr
        assert "Encrypted with the first key: 3.\nThe other keys can be removed" in turned.stdout
    assert await tokens(new) == before
    with pytest.raises(LostKeyError):
        await tokens(old)

    # The old key is gone from the environment, and nothing misses it.
    again = await asyncio.to_thread(heard.slackapp, "keys", "rotate", env=keyed(keyring, new))
    assert again.returncode == 0, again.stderr
    await opened.close()


async def test_an_admin_reads_on_home_which_scope_is_missing(world: World) -> None:
    async with world.database.workspace(world.id) as db:
        await installations.put(
            db,
            world.id,
            Installation(world.sandbox.bot_token, "B", "U", ["commands", "users:read", "channels:read"]),
            world.settings.cipher,
            world.now(),
        )

    lacks = (await world.facts(world.mia)).lacks
    assert {"chat:write", "reactions:read"} <= set(lacks)
    assert not {"commands", "users:read", "channels:read"} & set(lacks)
    assert (await world.facts(world.ana)).lacks == ()


# Socket Mode -----------------------------------------------------------------------------------------------------


@pytest.fixture
async def socketed(database_url: str, database: Database) -> AsyncIterator[World]:
    async with make_world(database_url, database) as made:
        settings = made.settings.model_copy(
            update={"slack_app_token": type(made.settings.slack_signing_secret)(made.sandbox.app_token)}
        )
        made.sandbox.app_url = None  # nothing can arrive by request any more
        async with serving(create_web(settings, Roles(web=True, socket=True)), free_port()):
            await asyncio.wait_for(made.sandbox.sockets.opened.wait(), 5)
            yield made


async def test_kudos_arrive_through_the_socket(socketed: World) -> None:
    world = socketed
    said = await world.sandbox.command("ana", "team", "/kudos", f"<@{world.ben}> for the calm release")
    assert said.status == 200
    await world.settle()

    assert ("ana", "ben", "kudos") in await world.standing()


async def test_it_comes_back_after_slack_asks_it_to_and_after_a_lost_connection(socketed: World) -> None:
    world = socketed

    async def answered() -> bool:
        if not world.sandbox.sockets.connected:
            return False
        return (await world.sandbox.command("ana", "team", "/kudos", "help")).status == 200

    for leave in (world.sandbox.sockets.refresh, world.sandbox.sockets.stop):
        world.sandbox.sockets.opened.clear()
        await leave()
        await asyncio.wait_for(world.sandbox.sockets.opened.wait(), 30)
        async with asyncio.timeout(30):
            while not await answered():
                await asyncio.sleep(0.1)


async def test_it_goes_on_trying_while_slack_gives_no_address(world: World) -> None:
    """And takes up a session that ended without a word."""
    settings = world.settings
    async with aiohttp.ClientSession() as http:
        shell = Shell(world.database, settings.cipher, settings.slack_api_url, http, world.now)
        bolt = make_bolt(settings, shell)
        world.sandbox.api.broken["apps.connections.open"] = SlackError("internal_error")
        async with connected(bolt, world.sandbox.app_token, watch=0.05) as client:
            async with asyncio.timeout(10):
                while [method for method, _ in world.sandbox.calls].count("apps.connections.open") < 3:
                    await asyncio.sleep(0.01)
                assert not world.sandbox.sockets.connected
                world.sandbox.api.broken.clear()
                while not await client.is_connected():
                    await asyncio.sleep(0.01)
                world.sandbox.sockets.opened.clear()
                assert client.current_session is not None
                await client.current_session.close()
                await world.sandbox.sockets.opened.wait()


async def test_it_goes_on_joining_while_the_database_has_no_queue_yet(
    world: World, database_url: str
) -> None:
    with another_database(database_url, "mutual_joining") as url, capture_logs() as logs:
        migrate(url)
        settings = world.settings.model_copy(update={"database_url": url})
        with psycopg.connect(url, autocommit=True) as db:
            db.execute("ALTER TABLE procrastinate_jobs RENAME TO not_there_yet")
            async with asyncio.timeout(20), running(settings, Roles(web=True)):
                while not any(line["event"] == "join_failed" for line in logs):
                    await asyncio.sleep(0.01)
                db.execute("ALTER TABLE not_there_yet RENAME TO procrastinate_jobs")
                while not db.execute("SELECT FROM procrastinate_jobs").rowcount:
                    await asyncio.sleep(0.01)
    assert [line["error"] for line in logs if line["event"] == "join_failed"] == ["UndefinedTable"]
