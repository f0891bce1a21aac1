"""What a reader sees, in a real browser: nothing is wider than a phone, the dark is dark, the manual's picture is ours.

With PARLEY_PICTURES set to a folder, the pictures are kept there; `compare.png` is the manual's.
"""

import os
import struct
import sys
from asyncio import create_subprocess_exec, subprocess, wait_for
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.alerts.forms import RenderContext
from scheduler.alerts.render import render_alert
from scheduler.cli import app
from storage.database import Database
from storage.types import Outlet
from tests.support import histories
from tests.support.browser import HOW_TO_INSTALL, Browser, browser, browser_path
from tests.support.owed import DRONES, article, owed

ROOT = Path(__file__).parents[2]
WAIT_S = 60
PHONE, DESK = 360, 1200
CONTEXT = RenderContext(timezone="Europe/Kyiv", topic_titles={"talks": "Russia-Ukraine talks"})
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle" * 3
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LIGHTNESS = """(where, what) => {
  const parts = getComputedStyle(document.querySelector(where))[what].match(/[\\d.]+/g);
  return parts.slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
}"""
pytestmark = pytest.mark.skipif(browser_path() is None, reason=HOW_TO_INSTALL)


@pytest.fixture
async def viewer(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[tuple[str, int]]:
    """`parley serve` on the newsroom's history: its address, and the article that is shown."""
    with sqlite_database.transaction() as tx:
        written = histories.newsroom(tx)
    sqlite_database.close()
    settings = tmp_path / "parley.toml"
    settings.write_text('timezone = "Europe/Kyiv"\ndatabase = "parley.db"\n', encoding="utf-8")
    process = await create_subprocess_exec(
        sys.executable,
        *("-m", "scheduler.cli.app", "-c", str(settings), "serve", "--port", "0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        said = (await wait_for(process.stdout.readline(), WAIT_S)).decode()
        assert said.startswith("The viewer is at ")
        yield said.split()[4].rstrip("/"), written["en"].article_id
    finally:
        process.terminate()
        await wait_for(process.communicate(), WAIT_S)


async def keep(page: Browser, name: str, *, whole: bool = True) -> bytes:
    """Take a picture; keep it where pictures are wanted."""
    picture = await page.picture(whole=whole)
    if folder := os.environ.get("PARLEY_PICTURES"):
        (Path(folder) / f"{name}.png").write_bytes(picture)
    return picture


def size_of(picture: bytes) -> tuple[int, int]:
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", picture[16:24])


async def test_no_page_of_the_viewer_is_wider_than_a_phone(viewer: tuple[str, int]) -> None:
    address, article_id = viewer
    compare = f"/articles/{article_id}/compare?from=1&to=2"
    pages = ["/", f"/articles/{article_id}", "/sources", "/search?q=gencatan", "/help"]
    pages += ["/help/configuration", "/nowhere", *(f"/articles/{n}/compare" for n in range(1, 7))]
    async with browser() as page:
        for place in (compare, *pages):
            await page.open(address + place, width=PHONE)
            assert await page.measure(SIDEWAYS) == 0, place
        await page.open(address + compare, width=PHONE)
        assert size_of(await keep(page, "compare-phone"))[0] == PHONE
        assert await page.measure("document.querySelectorAll('ins, del').length") >= 2


async def test_the_comparison_is_the_picture_of_the_manual(viewer: tuple[str, int]) -> None:
    address, article_id = viewer
    shown = ROOT / "scheduler" / "manual" / "pictures" / "compare.png"
    async with browser() as page:
        await page.open(
            f"{address}/articles/{article_id}/compare?from=1&to=2", width=DESK, height=640
        )
        assert await page.measure(SIDEWAYS) == 0
        picture = await keep(page, "compare", whole=False)
    assert size_of(picture) == size_of(shown.read_bytes())
    assert max(len(picture), shown.stat().st_size) <= 150_000


async def test_in_the_dark_light_words_stand_on_a_dark_page(viewer: tuple[str, int]) -> None:
    address, _ = viewer
    seen: dict[bool, float] = {}
    async with browser() as page:
        for dark in (False, True):
            await page.open(f"{address}/", width=DESK, dark=dark)
            ground = await page.measure(f"({LIGHTNESS})('html', 'backgroundColor')")
            ink = await page.measure(f"({LIGHTNESS})('h1', 'color')")
            seen[dark] = ground - ink  # of 255
            await keep(page, f"changes-{'dark' if dark else 'light'}")
    assert seen[False] > 150
    assert seen[True] < -150


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_a_mail_fits_the_screen_whatever_stands_in_it(tmp_path: Path, width: int) -> None:
    long_names = article(
        title=f"Перемовини {LONG_WORD}",
        url=f"https://paper.example/{'a' * 300}",
        outlet=Outlet(name="Lapak Asik", language="id", country="ID", control="private"),
    )
    hard = replace(DRONES, after=f"{DRONES.after} {LONG_WORD}")
    async with browser() as page:
        for name, change in (("mail", owed()), ("hard", owed(article=long_names, details=(hard,)))):
            path = tmp_path / f"{name}.html"
            path.write_text(render_alert(change, context=CONTEXT).html, encoding="utf-8")
            await page.open(path.as_uri(), width=width)
            assert await page.measure(SIDEWAYS) == 0
            assert size_of(await keep(page, f"{name}-{width}"))[0] == width
            assert "{+49+}" in await page.measure("document.body.innerText")


async def test_a_page_that_was_tried_fits_a_phone_and_a_desk_by_day_and_by_night(
    tmp_path: Path,
) -> None:
    saved, drawn = tmp_path / "saved.html", tmp_path / "drawn.html"
    rows = "".join(f"<p>{LONG_WORD} was said in {n} halls of the palace.</p>" for n in range(4))
    menu = "".join(f"<a href=/{n}>Section{n}</a>" for n in range(90))
    saved.write_text(
        f"<html lang=de><title>{LONG_WORD}</title><body><nav>{menu}</nav><h1>{LONG_WORD}</h1>"
        f"<article>{rows}<div class=related><a href=/a>{LONG_WORD}</a></div></article></html>",
        encoding="utf-8",
    )
    settings = tmp_path / "parley.toml"
    settings.write_text("", encoding="utf-8")
    assert app.run(["-c", str(settings), "try", str(saved), "--html", str(drawn)]) == 0
    async with browser() as page:
        for width, dark in ((PHONE, False), (PHONE, True), (DESK, False), (DESK, True)):
            await page.open(drawn.as_uri(), width=width, dark=dark)
            assert await page.measure(SIDEWAYS) == 0
            ground = await page.measure(f"({LIGHTNESS})('html', 'backgroundColor')")
            ink = await page.measure(f"({LIGHTNESS})('h1', 'color')")
            assert (ink - ground if dark else ground - ink) > 150
            await keep(page, f"tried-{width}-{'dark' if dark else 'light'}")
        hidden = "document.getElementById('show-gone').click() || getComputedStyle(document.querySelector('.row.gone')).display"
        assert await page.measure(hidden) == "none"
