"""The sandbox's page in a real browser, with a tiny app behind it: what people do, see, hear and type."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from slackapp.sandbox import Sandbox
from tests.browser import PHONE, WIDE, needs_browser

pytestmark = needs_browser

Json = Any


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


MANIFEST: Json = {
    "display_information": {"name": "Kettle", "description": "Puts the kettle on"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "bot_user": {"display_name": "Kettle"},
        "slash_commands": [
            {"command": "/tea", "description": "Offer tea", "usage_hint": "@ana", "should_escape": True},
            {"command": "/order", "description": "Order at length"},
        ],
        "shortcuts": [
            {"name": "Order something", "type": "global", "callback_id": "order", "description": "Order"},
            {"name": "Offer tea for this", "type": "message", "callback_id": "order", "description": "Offer"},
        ],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "commands"]}},
    "settings": {
        "event_subscriptions": {
            "request_url": "https://example.com/slack/events",
            "bot_events": ["app_home_opened"],
        },
        "interactivity": {"is_enabled": True, "request_url": "https://example.com/slack/events"},
    },
}

ORDER: Json = {
    "type": "modal",
    "callback_id": "order",
    "title": plain("Order"),
    "submit": plain("Send"),
    "close": plain("Cancel"),
    "blocks": [
        {
            "type": "input",
            "block_id": "who",
            "label": plain("For whom?"),
            "element": {
                "type": "multi_users_select",
                "action_id": "who",
                "placeholder": plain("Pick people"),
            },
        },
        {
            "type": "input",
            "block_id": "drink",
            "label": plain("Which drink?"),
            "hint": plain("Anything hot."),
            "element": {"type": "plain_text_input", "action_id": "drink"},
        },
    ],
}


class Kettle:
    """A Slack app of one page: a command, a modal with a rule of its own, and a Home tab that counts."""

    def __init__(self) -> None:
        self.sandbox: Sandbox
        self.orders: list[Json] = []

    async def call(self, method: str, **arguments: Any) -> None:
        token = {"Authorization": f"Bearer {self.sandbox.bot_token}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.sandbox.url}/api/{method}", json=arguments, headers=token) as answer,
        ):
            body = await answer.json()
        assert body["ok"], body

    async def publish(self, user: str) -> None:
        blocks = [
            {"type": "section", "text": {"type": "mrkdwn", "text": f"*{len(self.orders)}* orders so far"}},
            {
                "type": "actions",
                "elements": [{"type": "button", "action_id": "order", "text": plain("Order now")}],
            },
        ]
        await self.call("views.publish", user_id=user, view={"type": "home", "blocks": blocks})

    async def handle(self, request: web.Request) -> web.Response:
        if request.content_type == "application/json":
            await self.publish((await request.json())["event"]["user"])
            return web.Response()
        form = await request.post()
        if "payload" in form:
            return await self.interact(json.loads(str(form["payload"])))
        if form["command"] == "/tea":
            return web.Response(text=f"Tea is on its way to {form['text']}.")
        await self.call("views.open", trigger_id=form["trigger_id"], view=ORDER)
        return web.Response()

    async def interact(self, payload: Json) -> web.Response:
        if payload["type"] != "view_submission":
            await self.call("views.open", trigger_id=payload["trigger_id"], view=ORDER)
            return web.Response()
        values = payload["view"]["state"]["values"]
        if values["drink"]["drink"]["value"] == "cola":
            return web.json_response(
                {"response_action": "errors", "errors": {"drink": "Something hot, please."}}
            )
        self.orders.append(values)
        await self.publish(payload["user"]["id"])
        return web.Response()


@pytest.fixture
async def kettle() -> AsyncIterator[Kettle]:
    kettle = Kettle()
    site = web.Application()
    site.router.add_post("/slack/events", kettle.handle)
    runner = web.AppRunner(site, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    sandbox = kettle.sandbox = Sandbox(MANIFEST, "not so secret", app_url=address)
    for name, real_name in (("ana", "Ana Ferreira"), ("ben", "Ben Okafor"), ("mia", "Mia <b>Holm</b>")):
        sandbox.add_user(name, real_name=real_name)
    sandbox.add_channel("general", ["ana", "ben", "mia"], is_general=True)
    sandbox.add_channel("kitchen", ["ana", "ben"])
    await sandbox.start()
    yield kettle
    await sandbox.stop()
    await runner.cleanup()


Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def be(chromium: Browser, kettle: Kettle) -> AsyncIterator[Open]:
    """`await be("ana", "general")` opens the page as Ana in #general; what its console complains about fails the test."""
    complaints: list[str] = []
    contexts = []

    async def open_page(name: str, channel: str | None = None, **more: Any) -> Page:
        viewport = more.pop("viewport", WIDE)
        context = await chromium.new_context(viewport=viewport)
        contexts.append(context)
        page = await context.new_page()
        if script := more.pop("script", None):
            await page.add_init_script(script)
        page.set_default_timeout(8000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        workspace = kettle.sandbox.workspace
        query = {"as": workspace.user(name).id, **more}
        if channel:
            query["channel"] = channel if channel.startswith("D") else workspace.channel(channel).id
        await page.goto(f"{kettle.sandbox.url}/?{urlencode(query)}")
        await expect(page.get_by_role("main")).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert complaints == []


async def write(page: Page, text: str, label: str = "Message #general") -> None:
    field = page.get_by_role("textbox", name=label)
    await field.fill(text)
    await field.press("Enter")


def message(page: Page, text: str) -> Any:
    return page.get_by_role("main").locator(".message", has_text=text)


async def test_a_message_appears_at_everyone_without_a_reload(be: Open) -> None:
    ana, ben = await be("ana", "general"), await be("ben", "general")
    await write(ana, "Good morning @Ben Okafor, *tea*?")
    await expect(message(ben, "Good morning @Ben")).to_be_visible()
    await expect(message(ben, "Good morning").locator("strong")).to_have_text("tea")
    await expect(ben.locator("[data-live]")).to_contain_text("Good morning")
    await expect(ana.get_by_role("textbox", name="Message #general")).to_have_value("")


async def test_a_channel_that_is_not_open_is_marked_unread_until_it_is(be: Open) -> None:
    ana, ben = await be("ana", "kitchen"), await be("ben", "general")
    await write(ana, "Who drank my tea?", "Message #kitchen")
    entry = ben.get_by_role("link", name="kitchen")
    await expect(entry.get_by_label("1 unread")).to_be_visible()
    await entry.click()
    await expect(message(ben, "Who drank my tea?")).to_be_visible()
    await expect(entry.get_by_label("1 unread")).to_be_hidden()


async def test_a_reaction_is_counted_for_all_and_can_be_taken_back(be: Open) -> None:
    ana, ben = await be("ana", "general"), await be("ben", "general")
    await write(ana, "The kettle works again")
    await message(ben, "The kettle works").hover()
    await ben.get_by_role("button", name="React with raised_hands").click()
    pill = message(ana, "The kettle works").get_by_role("button", name="1 reaction, raised_hands, by Ben")
    await expect(pill).to_be_visible()
    await pill.click()
    mine = message(ana, "The kettle works").get_by_role("button", name="2 reactions, raised_hands")
    await expect(mine).to_have_attribute("aria-pressed", "true")
    await mine.click()
    await expect(pill).to_have_attribute("aria-pressed", "false")


async def test_any_emoji_can_be_found_by_name(be: Open) -> None:
    ana = await be("ana", "general")
    await write(ana, "Cake at three")
    await message(ana, "Cake").hover()
    await ana.get_by_role("button", name="Find another reaction").click()
    await ana.get_by_role("searchbox", name="Search emoji").fill("birth")
    await ana.keyboard.press("Enter")
    await expect(message(ana, "Cake").get_by_role("button", name="1 reaction, birthday")).to_be_visible()


async def test_a_command_is_answered_for_its_sender_only(be: Open) -> None:
    ana, ben = await be("ana", "general"), await be("ben", "general")
    await write(ana, "/tea @ben")
    await expect(message(ana, "Tea is on its way to @Ben")).to_contain_text("Only visible to you")
    await write(ana, "After the command")
    await expect(message(ben, "After the command")).to_be_visible()
    await expect(message(ben, "Tea is on its way")).to_have_count(0)
    await ana.get_by_role("button", name="Dismiss").click()
    await expect(message(ana, "Tea is on its way")).to_have_count(0)


async def test_an_unknown_command_stays_in_the_composer(be: Open) -> None:
    ana = await be("ana", "general")
    await write(ana, "/coffee")
    await expect(ana.get_by_text("/coffee is not a valid command.")).to_be_visible()
    await expect(ana.get_by_role("textbox", name="Message #general")).to_have_value("/coffee")


async def test_a_refused_modal_says_why_under_its_field_and_keeps_what_was_typed(
    be: Open, kettle: Kettle
) -> None:
    ana = await be("ana", kettle.sandbox.dm("ana"), tab="home")
    home = ana.locator("main[data-surface=home]")
    await expect(home).to_contain_text("0 orders so far")
    await home.get_by_role("button", name="Order now").click()
    modal = ana.get_by_role("dialog", name="Order")
    await modal.get_by_role("button", name="Send").click()
    await expect(modal.locator("[data-block-id=who]")).to_contain_text("Please complete this required field.")
    await modal.get_by_role("combobox", name="For whom?").click()
    await ana.get_by_role("option", name="Ben").click()
    await modal.get_by_role("textbox", name="Which drink?").fill("cola")
    await modal.get_by_role("button", name="Send").click()
    await expect(modal.locator("[data-block-id=drink]")).to_contain_text("Something hot, please.")
    await expect(modal.get_by_role("textbox", name="Which drink?")).to_have_value("cola")
    await expect(modal.get_by_role("button", name="Remove Ben")).to_be_visible()
    await modal.get_by_role("textbox", name="Which drink?").fill("mint tea")
    await modal.get_by_role("button", name="Send").click()
    await expect(modal).to_have_count(0)
    await expect(home).to_contain_text("1 orders so far")
    assert kettle.orders[0]["who"]["who"]["selected_users"] == [kettle.sandbox.workspace.user("ben").id]


async def test_everything_works_with_the_keyboard_alone(be: Open, kettle: Kettle) -> None:
    ana = await be("ana", "general")
    composer = ana.get_by_role("textbox", name="Message #general")
    await expect(composer).to_be_focused()
    await ana.keyboard.type("Is @be")
    await expect(ana.get_by_role("option", name="Ben")).to_be_visible()
    await ana.keyboard.press("Enter")
    await ana.keyboard.type("there?")
    await ana.keyboard.press("Enter")
    await expect(message(ana, "Is @Ben there?")).to_be_visible()
    await message(ana, "Is @Ben there?").focus()
    await ana.keyboard.press("Tab")
    await ana.keyboard.press("Enter")
    await expect(ana.get_by_role("button", name="1 reaction, white_check_mark, by you")).to_be_visible()
    await composer.focus()
    await ana.keyboard.type("/ord")
    await expect(ana.get_by_role("option", name="/order")).to_be_visible()
    await ana.keyboard.press("Tab")
    await ana.keyboard.press("Enter")
    modal = ana.get_by_role("dialog", name="Order")
    await expect(modal.get_by_role("combobox", name="For whom?")).to_be_focused()
    await ana.keyboard.type("mia")
    await ana.keyboard.press("Enter")
    await ana.keyboard.press("Escape")
    for _ in range(8):
        await ana.keyboard.press("Tab")
        assert await modal.evaluate("node => node.contains(document.activeElement)")
    await modal.get_by_role("textbox", name="Which drink?").focus()
    await ana.keyboard.type("cocoa")
    await ana.keyboard.press("Enter")
    await expect(modal).to_have_count(0)
    await expect(composer).to_be_focused()
    assert kettle.orders[0]["drink"]["drink"]["value"] == "cocoa"
    await composer.fill("/order")
    await ana.keyboard.press("Enter")
    await expect(modal).to_be_visible()
    await ana.keyboard.press("Escape")
    await expect(modal).to_have_count(0)
    await expect(composer).to_be_focused()


async def test_a_message_is_edited_answered_and_deleted(be: Open) -> None:
    ana, ben = await be("ana", "general"), await be("ben", "general")
    await write(ana, "Lunch at noon")
    await ana.get_by_role("textbox", name="Message #general").press("ArrowUp")
    editor = ana.get_by_role("textbox", name="Edit message")
    await editor.fill("Lunch at one")
    await editor.press("Enter")
    await expect(message(ben, "Lunch at one (edited)")).to_be_visible()
    await message(ben, "Lunch at one").hover()
    await ben.get_by_role("button", name="Reply in thread").click()
    await write(ben, "I am in", "Reply in thread")
    await expect(ben.get_by_role("complementary", name="Thread")).to_contain_text("1 reply")
    await message(ana, "Lunch at one").get_by_role("button", name="1 reply").click()
    await expect(ana.get_by_role("complementary", name="Thread")).to_contain_text("I am in")
    await write(ana, "Bring cups")
    await message(ana, "Bring cups").hover()
    await message(ana, "Bring cups").get_by_role("button", name="More actions").click()
    await ana.get_by_role("menuitem", name="Delete message").click()
    await ana.get_by_role("dialog", name="Delete message").get_by_role("button", name="Delete").click()
    await expect(message(ben, "Bring cups")).to_have_count(0)


async def test_shortcuts_start_from_the_composer_and_from_a_message(be: Open) -> None:
    ana = await be("ana", "general")
    modal = ana.get_by_role("dialog", name="Order")
    await ana.get_by_role("button", name="Shortcuts").click()
    await ana.get_by_role("menuitem", name="Order something").click()
    await modal.get_by_role("button", name="Cancel").click()
    await write(ana, "So tired")
    await message(ana, "So tired").hover()
    await ana.get_by_role("button", name="More actions").click()
    await ana.get_by_role("menuitem", name="Offer tea for this").click()
    await expect(modal).to_be_visible()


async def test_nothing_that_people_write_becomes_markup(be: Open) -> None:
    ana = await be("ana", "general")
    await write(ana, "<img src=x onerror=alert(1)> & <b>bold</b> @Mia <b>Holm</b>")
    shown = message(ana, "<img src=x onerror=alert(1)> & <b>bold</b>")
    await expect(shown).to_be_visible()
    assert await shown.locator("img, b").count() == 0


async def test_what_is_typed_survives_an_update_of_the_view(be: Open, kettle: Kettle) -> None:
    ana = await be("ana", "general")
    await write(ana, "/order")
    modal = ana.get_by_role("dialog", name="Order")
    field = modal.get_by_role("textbox", name="Which drink?")
    await field.fill("ginger")
    view = kettle.sandbox.modal("ana")
    assert view
    hint = {"type": "context", "elements": [plain("The kettle is on")]}
    await kettle.call("views.update", view_id=view["id"], view={**ORDER, "blocks": [hint, *ORDER["blocks"]]})
    await expect(modal).to_contain_text("The kettle is on")
    await expect(field).to_have_value("ginger")
    await expect(field).to_be_focused()


REMEMBER_LINES = """
    window.lines = [];
    const Plain = WebSocket;
    window.WebSocket = class extends Plain {
        constructor(...given) { super(...given); window.lines.push(this); }
    };
"""


async def test_the_page_catches_up_after_the_line_broke(be: Open, kettle: Kettle) -> None:
    ana = await be("ana", "general", script=REMEMBER_LINES)
    await ana.evaluate("lines.at(-1).close()")
    await kettle.sandbox.say("ben", "general", "You missed this")
    await expect(message(ana, "You missed this")).to_be_visible()
    await kettle.sandbox.say("ben", "general", "But not this")
    await expect(message(ana, "But not this")).to_be_visible()
    await expect(message(ana, "You missed this")).to_have_count(1)


async def test_time_moves_for_everyone(be: Open) -> None:
    ana, ben = await be("ana", "general"), await be("ben", "general")
    await write(ana, "Written a week ago")
    before = await ben.get_by_role("group", name="Sandbox time").inner_text()
    await ana.get_by_role("button", name="Move time: +1 week").click()
    await expect(ben.get_by_role("group", name="Sandbox time")).not_to_have_text(before)
    await expect(ben.get_by_role("main").get_by_text("Today")).to_have_count(0)


async def test_a_week_passes_through_its_monday_so_that_what_comes_then_comes(
    be: Open, kettle: Kettle
) -> None:
    clock, seen = kettle.sandbox.clock, list[datetime]()
    ana = await be("ana", "general")
    before = clock.now()
    week = ana.get_by_role("button", name="Move time: +1 week")
    await week.click()
    while not seen or clock.now() < before + 7 * 86_400:
        seen.append(datetime.fromtimestamp(clock.now(), UTC))
        await asyncio.sleep(0.2)
    await expect(week).to_be_enabled()

    mondays = {(moment.hour, moment.minute) for moment in seen if moment.weekday() == 0}
    assert {(9, 30), (17, 0)} <= mondays
    assert clock.now() < before + 7 * 86_400 + 60


async def test_the_page_fits_a_phone(be: Open) -> None:
    ana = await be("ana", "general", viewport=PHONE)
    await write(ana, "A rather_long_word_" + "x" * 120)
    await expect(message(ana, "rather_long")).to_be_visible()
    assert await ana.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    navigation = ana.get_by_role("navigation", name="Channels and apps")
    await expect(navigation).to_be_hidden()
    await ana.get_by_role("button", name="Channels").click()
    await navigation.get_by_role("link", name="kitchen").click()
    await expect(ana.get_by_role("textbox", name="Message #kitchen")).to_be_visible()
    await expect(navigation).to_be_hidden()


async def test_somebody_else_is_one_click_away(be: Open) -> None:
    ana = await be("ana", "general")
    await ana.get_by_role("button", name="You are: Ana").click()
    await ana.get_by_role("menuitemradio", name="Ben Okafor").click()
    await expect(ana.get_by_role("button", name="You are: Ben")).to_be_visible()


MRKDWN = {
    "*bold* and 2*3*4": "<strong>bold</strong> and 2*3*4",
    "_it_ snake_case_name": "<em>it</em> snake_case_name",
    "~no~ `a*b*c &lt;i&gt;`": "<s>no</s> <code>a*b*c &lt;i&gt;</code>",
    "*bold _both_*": "<strong>bold <em>both</em></strong>",
    "1 &lt; 2 &amp;amp;": "1 &lt; 2 &amp;amp;",
    "&gt; quoted\nnot": "<blockquote>quoted</blockquote>not",
    "```x = *1*\ny```": "<pre><code>x = *1*\ny</code></pre>",
    "10:30:45": "10:30:45",
    "<javascript:alert(1)|click>": "click",
    "<!date^0^{date_num}|once>": '<time datetime="1970-01-01T00:00:00.000Z">1970-01-01</time>',
    "<!date^0^{nonsense}|once>": '<time datetime="1970-01-01T00:00:00.000Z">once</time>',
}


async def test_mrkdwn(be: Open) -> None:
    ana = await be("ana", "general")
    drawn = """async (sources) => {
        const { mrkdwn } = await import('/static/mrkdwn.js');
        return sources.map((source) => {
            const box = document.createElement('div');
            box.append(mrkdwn(source));
            return box.innerHTML;
        });
    }"""
    shown = await ana.evaluate(drawn, list(MRKDWN))
    assert dict(zip(MRKDWN, shown, strict=True)) == MRKDWN


async def test_what_cannot_be_drawn_is_named_not_dropped(be: Open) -> None:
    ana = await be("ana", "general")
    drawn = """async (blocks) => {
        const { BlockList } = await import('/static/blocks.js');
        const { Form } = await import('/static/form.js');
        const list = new BlockList({ kind: 'message', form: new Form(), act() {} });
        list.update(blocks);
        return list.node.textContent;
    }"""
    blocks = [{"type": "hologram"}, {"type": "actions", "elements": [{"type": "lever", "action_id": "pull"}]}]
    assert await ana.evaluate(drawn, blocks) == "Unknown block: hologramUnknown element: lever"
