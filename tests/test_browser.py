"""The first look, in a real browser: kudos by command, by form and by reaction, one undone, and Home that follows."""

import asyncio
import re
from datetime import datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from slackapp.app import Roles
from slackapp.domain.weeks import open_week
from slackapp.store.database import Database
from tests.browser import PHONE, WIDE, needs_browser
from tests.listeners.test_teams import exchange, made
from tests.world import World, make_world, others_are_over

pytestmark = needs_browser


async def page_of(
    chromium: Browser, world: World, user: str, *, viewport: dict[str, int] = WIDE, **where: str
) -> Page:
    context = await chromium.new_context(viewport=viewport)  # type: ignore[arg-type]
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(f"{world.sandbox.url}/?{urlencode({'as': user, **where})}")
    await expect(page.get_by_role("main")).to_be_visible()
    return page


async def test_kudos_given_three_ways_show_on_home_and_one_undone_leaves_it(
    chromium: Browser, world: World
) -> None:
    shipped = await world.sandbox.say(world.ben, world.team, "The export is out, go and try it")
    ana = await page_of(chromium, world, world.ana, channel=world.team)
    ben = await page_of(chromium, world, world.ben, channel=world.sandbox.dm(world.ben), tab="home")
    home = ben.locator("main[data-surface=home]")
    await expect(home).to_contain_text("Nothing is recorded for you yet.")

    composer = ana.get_by_role("textbox", name="Message #team")
    await composer.fill("/kudos @ben for the calm release")
    await composer.press("Enter")
    answer = ana.locator(".message", has_text="Your kudos to Ben counted.")
    await expect(answer).to_contain_text("Only visible to you")
    await expect(home).to_contain_text("for the calm release")
    await expect(home).to_contain_text("1 of 12 weeks")

    await composer.fill("/kudos")
    await composer.press("Enter")
    form = ana.get_by_role("dialog", name="Give kudos")
    await form.get_by_role("combobox", name="Who is it for?").fill("Ben")
    await ana.get_by_role("option", name="Ben").first.click()
    await form.get_by_role("textbox", name="In your words").fill("You stayed until it worked")
    await form.get_by_role("button", name="Send").click()
    await expect(form).to_be_hidden()
    await expect(
        ana.locator(".message", has_text="Your thanks to Ben counted, and so did the help")
    ).to_be_visible()
    await expect(home).to_contain_text("You stayed until it worked")
    await expect(home).to_contain_text("Help: 1")

    message = ana.locator(f'.message[data-ts="{shipped}"]')
    await message.hover()
    await message.get_by_role("button", name="React with raised_hands").click()
    await expect(home).to_contain_text("Kudos: 2")

    await answer.get_by_role("button", name="Undo").click()
    await expect(ana.locator(".message", has_text="Undone. Nothing is counted")).to_be_visible()
    await expect(home).not_to_contain_text("for the calm release")
    await expect(home).to_contain_text("Kudos: 1")
    assert await world.standing() == {
        ("ana", "ben", "thanks"),
        ("ben", "ana", "help"),
        ("ana", "ben", "kudos"),
    }


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
async def test_a_newcomer_finds_the_first_step_and_settings_stay(
    chromium: Browser, world: World, viewport: dict[str, int]
) -> None:
    zed = await page_of(
        chromium, world, world.zed, viewport=viewport, channel=world.sandbox.dm(world.zed), tab="home"
    )
    home = zed.locator("main[data-surface=home]")
    await expect(home).to_contain_text("Ways to begin")

    await home.get_by_role("button", name="Settings").click()
    form = zed.get_by_role("dialog", name="Settings")
    await form.get_by_role("textbox", name="Good ways to help you").fill("Show me the shortcuts")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()

    await home.get_by_role("button", name="Settings").click()
    await expect(form.get_by_role("textbox", name="Good ways to help you")).to_have_value(
        "Show me the shortcuts"
    )


async def test_an_ask_answered_by_two_one_declined_and_one_thanked(chromium: Browser, world: World) -> None:
    ana = await page_of(chromium, world, world.ana, channel=world.team)
    composer = ana.get_by_role("textbox", name="Message #team")
    await composer.fill("/ask Somebody to read my outline")
    await composer.press("Enter")
    form = ana.get_by_role("dialog", name="Ask for help")
    await form.get_by_role("button", name="Ask", exact=True).click()
    await expect(form).to_be_hidden()

    for helper in (world.ben, world.cy):
        page = await page_of(chromium, world, helper, channel=world.team)
        card = page.locator(".message", has_text="Somebody to read my outline")
        await card.get_by_role("button", name="I can help").click()
        await world.settle()

    mine = await page_of(chromium, world, world.ana, channel=world.sandbox.dm(world.ana), tab="messages")
    from_ben = mine.locator(".message", has_text="Ben").filter(has_text="help").first
    from_cy = mine.locator(".message", has_text="Cy").filter(has_text="help").first
    await from_cy.get_by_role("button", name="Thanks, I'm covered").click()
    await expect(mine.locator(".message", has_text="You are covered")).to_be_visible()
    await from_ben.get_by_role("button", name="Yes please").click()
    await world.settle()
    await mine.get_by_role("button", name="This helped").first.click()
    thanks = mine.get_by_role("dialog", name="Say thanks")
    await thanks.get_by_role("textbox", name="In a line").fill("It reads like you now")
    await thanks.get_by_role("button", name="Thank them").click()
    await expect(thanks).to_be_hidden()
    await world.settle()

    assert await world.standing() == {
        ("ben", "ana", "help"),
        ("ana", "ben", "thanks"),
        ("cy", "ana", "offer"),
    }
    ben = await page_of(chromium, world, world.ben, channel=world.sandbox.dm(world.ben), tab="home")
    home = ben.locator("main[data-surface=home]")
    await expect(home).to_contain_text("Help: 1")
    await expect(home).to_contain_text("It reads like you now")
    own = await page_of(chromium, world, world.ana, channel=world.sandbox.dm(world.ana), tab="home")
    home = own.locator("main[data-surface=home]")
    await expect(home).to_contain_text("you gave 1, they gave 1")
    await expect(home).to_contain_text("you gave 0, they gave 1")
    await expect(home).to_contain_text("What you asked for")
    await expect(home).not_to_contain_text("Help on its way")
    cy = await page_of(chromium, world, world.cy, channel=world.sandbox.dm(world.cy), tab="home")
    home = cy.locator("main[data-surface=home]")
    await expect(home).to_contain_text("Offers of help: 1")
    await expect(home).not_to_contain_text("Help on its way")


async def test_an_ask_of_one_person_shows_each_what_they_can_do(chromium: Browser, world: World) -> None:
    ana = await page_of(chromium, world, world.ana, channel=world.team)
    composer = ana.get_by_role("textbox", name="Message #team")
    await composer.fill("/ask Somebody to read my outline")
    await composer.press("Enter")
    form = ana.get_by_role("dialog", name="Ask for help")
    await form.get_by_role("combobox", name="Or only these people").fill("Ben")
    await ana.get_by_role("option", name="Ben").first.click()
    await form.get_by_role("button", name="Ask", exact=True).click()
    await expect(form).to_be_hidden()
    await world.settle()

    assert world.sandbox.messages(world.team) == []
    ben = await page_of(chromium, world, world.ben, channel=world.sandbox.dm(world.ben), tab="messages")
    card = ben.locator(".message", has_text="asks for help")
    await expect(card.get_by_role("button", name="Edit")).to_have_count(0)
    await expect(card.get_by_role("button", name="Close")).to_have_count(0)
    await card.get_by_role("button", name="I can help").click()
    await expect(card).to_contain_text("You have offered. I'll tell you when @Ana answers.")
    await expect(card.get_by_role("button", name="I can help")).to_have_count(0)

    mine = await page_of(chromium, world, world.ana, channel=world.sandbox.dm(world.ana), tab="messages")
    own = mine.locator(".message", has_text="Your ask is with @Ben")
    await expect(own.get_by_role("button", name="Edit")).to_be_visible()
    await expect(mine.locator(".message", has_text="can help you.")).to_be_visible()


async def test_kudos_typed_edited_deleted_and_given_by_a_workflow(chromium: Browser, world: World) -> None:
    world.sandbox.add_usergroup("release", [world.ana, world.ben, world.cy])
    ana = await page_of(chromium, world, world.ana, channel=world.team)
    composer = ana.get_by_role("textbox", name="Message #team")

    async def write(text: str, into: str = "Message #team") -> None:
        field = ana.get_by_role("textbox", name=into)
        await field.fill(text)
        await field.press("Enter")

    async def until_standing(*given: tuple[str, str, str]) -> None:
        for _ in range(200):
            if await world.standing() == set(given):
                return
            await asyncio.sleep(0.05)
        assert await world.standing() == set(given)

    await write("@release ++ for the calm weekend")
    await expect(
        ana.locator(".message", has_text=re.compile("Your kudos to (Ben and Cy|Cy and Ben) counted."))
    ).to_be_visible()
    await until_standing(("ana", "ben", "kudos"), ("ana", "cy", "kudos"))

    await composer.press("ArrowUp")
    editor = ana.get_by_role("textbox", name="Edit message")
    await editor.fill("@cy ++ for the calm weekend")
    await editor.press("Enter")
    await until_standing(("ana", "cy", "kudos"))

    written = ana.get_by_role("main").locator(".message", has_text="for the calm weekend").first
    await written.hover()
    await written.get_by_role("button", name="Reply in thread").click()
    thread = ana.get_by_role("complementary", name="Thread")
    await thread.get_by_role("checkbox", name="Also send to").check()
    await write("@ben ++ too", "Reply in thread")
    await until_standing(("ana", "ben", "kudos"), ("ana", "cy", "kudos"))
    await expect(ana.get_by_role("main").locator(".message", has_text="replied to")).to_be_visible()

    await written.hover()
    await written.get_by_role("button", name="More actions").click()
    await ana.get_by_role("menuitem", name="Delete message").click()
    await ana.get_by_role("dialog", name="Delete message").get_by_role("button", name="Delete").click()
    await until_standing(("ana", "ben", "kudos"))

    await ana.get_by_role("main").get_by_role("button", name="Shortcuts").click()
    await ana.get_by_role("menuitem", name="Run step: Give kudos").click()
    step = ana.get_by_role("dialog", name="Run step: Give kudos")
    for label, person in (("Who gives", "Zed"), ("Who receives", "Cy")):
        await step.get_by_role("combobox", name=label).fill(person)
        await ana.get_by_role("option", name=person).first.click()
    await step.get_by_role("textbox", name="In their words").fill("for finishing the course")
    await step.get_by_role("button", name="Run").click()
    await expect(step).to_be_hidden()
    await until_standing(("ana", "ben", "kudos"), ("zed", "cy", "kudos"))

    zed = await page_of(chromium, world, world.zed, channel=world.sandbox.dm(world.zed), tab="messages")
    note = zed.locator(".message", has_text="A workflow gave kudos to Cy in your name.")
    await expect(note).to_contain_text("for finishing the course")
    await note.get_by_role("button", name="Undo").click()
    await until_standing(("ana", "ben", "kudos"))


async def until(world: World, moment: datetime) -> None:
    """Move time on to that moment; the clock notices, and what fell due is done."""
    world.sandbox.clock.advance((moment - world.now()).total_seconds())
    await asyncio.sleep(1.5)
    await world.settle()


async def test_weeks_go_by_a_pattern_enters_and_the_digest_arrives(
    chromium: Browser, database_url: str, database: Database, tmp_path: Path
) -> None:
    await others_are_over(database)
    roles = Roles(web=True, worker=True, clock=True)
    async with make_world(database_url, database, roles=roles, clock_file=tmp_path / "clock") as world:
        mia = await page_of(chromium, world, world.mia, channel=world.sandbox.dm(world.mia), tab="home")
        await mia.get_by_role("button", name="Make a team").click()
        form = mia.get_by_role("dialog", name="Make a team")
        await form.get_by_role("textbox", name="Name").fill("Lanterns")
        await form.get_by_role("combobox", name="Everyone in a channel").fill("team")
        await mia.get_by_role("option", name="team").first.click()
        await form.get_by_role("button", name="Make").click()
        await expect(form).to_be_hidden()
        await world.settle()

        ben = await page_of(chromium, world, world.ben, channel=world.sandbox.dm(world.ben), tab="home")
        home_of_ben = ben.locator("main[data-surface=home]")
        await expect(home_of_ben).to_contain_text("Lanterns")
        await ben.get_by_role("button", name="Share my balance").click()
        await expect(ben.get_by_role("button", name="Stop sharing")).to_be_visible()
        await ben.get_by_role("button", name="Settings").click()
        settings = ben.get_by_role("dialog", name="Settings")
        await settings.get_by_role("checkbox", name="Send me a short digest once a week").check()
        await settings.get_by_role("button", name="Save").click()
        await expect(settings).to_be_hidden()

        berlin = ZoneInfo("Europe/Berlin")
        monday = open_week(world.now(), berlin) + timedelta(weeks=1)
        for week in range(9):
            for day in (1, 3):
                await until(
                    world, datetime.combine(monday + timedelta(weeks=week, days=day), time(11), berlin)
                )
                await world.sandbox.command(world.ana, world.team, "/kudos", f"@ben for week {week}")
        await until(world, datetime.combine(monday + timedelta(weeks=9), time(11), berlin))

        await expect(home_of_ben).to_contain_text("Ana did 18 things for you and you did none for Ana.")
        ana = await page_of(chromium, world, world.ana, channel=world.sandbox.dm(world.ana), tab="home")
        await expect(ana.locator("main[data-surface=home]")).to_contain_text(
            "you did 18 things for Ben and Ben did none for you."
        )

        messages = await page_of(
            chromium, world, world.ben, channel=world.sandbox.dm(world.ben), tab="messages"
        )
        digest = messages.locator(".message", has_text="Your week").last
        await digest.get_by_role("button", name="Pause for 4 weeks").click()
        await expect(messages.get_by_role("main")).to_contain_text("paused", ignore_case=True)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
async def test_a_managers_page_shows_its_picture_and_members_read_who_looked(
    chromium: Browser, world: World, viewport: dict[str, int]
) -> None:
    everyone = [world.ana, world.ben, world.cy, world.zed, world.mia]
    await made(world, *everyone)
    await exchange(world, *everyone)
    mia = await page_of(
        chromium, world, world.mia, viewport=viewport, channel=world.sandbox.dm(world.mia), tab="home"
    )
    await mia.get_by_role("button", name="Open", exact=True).click()
    page = mia.get_by_role("dialog", name="Team page")
    await expect(page).to_contain_text("Much of the giving goes one way: 0 of 5 relationships")
    picture = page.get_by_role("img", name="Bars: how many people took part")
    await expect(picture).to_be_visible(timeout=30_000)
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("complete", True)
    assert await picture.evaluate("image => image.naturalWidth") == 960

    ben = await page_of(
        chromium, world, world.ben, viewport=viewport, channel=world.sandbox.dm(world.ben), tab="home"
    )
    await ben.get_by_role("button", name="Who looked").click()
    await expect(ben.get_by_role("dialog", name="Who looked")).to_contain_text(
        "Mia looked at the team page of Lanterns"
    )
