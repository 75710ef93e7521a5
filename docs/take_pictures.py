"""Take the README's pictures from a running demo: python docs/take_pictures.py http://127.0.0.1:8150

It gives kudos there, as a person would; start the demo anew before taking them again.
"""

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from slackapp.sandbox import story

PICTURES = Path(__file__).with_name("pictures")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDE, PHONE = (1100, 900), (390, 844)


async def open_page(browser: Browser, address: str, size: tuple[int, int] = WIDE) -> Page:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.set_default_timeout(15_000)
    await page.goto(address)
    return page


async def open_home(browser: Browser, address: str, who: str) -> Page:
    page = await open_page(browser, f"{address}/?as={story.ID[who]}")
    await page.get_by_role("navigation").get_by_text("Mutual").click()
    await page.locator("main[data-surface=home]").get_by_text("Your give and take").wait_for()
    return page


async def take(page: Page, name: str, *, of: str = "body") -> None:
    await page.mouse.move(0, 0)
    await page.wait_for_timeout(1_000)  # until nothing moves
    path = PICTURES / f"{name}.png"
    await page.locator(of).last.screenshot(path=path)
    print(f"{path.name}: {path.stat().st_size // 1000} kB")


async def pictures(browser: Browser, address: str) -> None:
    home = await open_home(browser, address, "lars")
    await take(home, "home")
    await take(await open_page(browser, home.url, PHONE), "phone")

    found = await open_home(browser, address, "tomas")
    await found.get_by_role("button", name="Why am I seeing this?").first.click()
    await found.get_by_role("dialog").get_by_text("It has been so since").wait_for()
    await take(found, "why", of="dialog")
    await found.keyboard.press("Escape")

    harbour = next(place.id for place in story.PLACES if place.name == "team-harbour")
    channel = await open_page(browser, f"{address}/?as={story.ID['ben']}&channel={harbour}")
    composer = channel.get_by_role("textbox", name="Message #team-harbour")
    await composer.fill("/kudos @ana thank you for staying with the release until it was calm")
    await composer.press("Enter")
    await channel.locator(".message", has_text="Only visible to you").wait_for()
    await channel.locator(".message", has_text="thanked").last.wait_for()
    await take(channel, "kudos")

    managers = await open_home(browser, address, "mia")
    team = managers.locator(".block", has_text="Harbour").get_by_role("button", name="Open")
    await team.first.click()
    await managers.get_by_role("dialog").get_by_text("Does giving come back?").wait_for()
    await take(managers, "team")


async def main(address: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            await pictures(browser, address)
        finally:
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8150"))
