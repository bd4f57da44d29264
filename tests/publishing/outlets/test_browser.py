"""The site in a real browser: it draws without scripts, on a phone without scrolling sideways, in light and dark."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest

from services.publishing.app import build
from shared.runtime import Database
from tests.publishing.outlets.builders import a_published_article, another, publish
from tests.publishing.outlets.conftest import SettingsFor
from tests.served import on_loopback

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="skipped, no Chromium: install it to see the site in a browser"
)
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr"),
)


async def _open(folder: Path, url: str, *flags: str) -> tuple[str, str]:
    """The page as the browser has it after loading, and what it complained about."""
    assert CHROMIUM is not None
    words = [*_FLAGS, f"--user-data-dir={folder}", *flags, "--dump-dom", url]
    browser = await asyncio.create_subprocess_exec(
        CHROMIUM, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    page, said = await asyncio.wait_for(browser.communicate(), 60)
    return page.decode(), said.decode()


async def test_the_pages_draw_and_the_policy_holds(settings_for: SettingsFor, tmp_path: Path) -> None:
    settings = await settings_for()
    async with on_loopback(build(settings)) as address:
        database = Database(settings, "publishing")
        article = a_published_article(body_html="<p>Words.</p>", pictures=[])
        await publish(database, article, another(1, pictures=[]))
        await database.close()
        for number, path in enumerate(("/", f"/articles/{article.slug}", "/sections/political-system", "/docs/events")):
            page, said = await _open(tmp_path / str(number), address + path, "--window-size=390,800")
            assert "</footer>" in page
            violations = [line for line in said.splitlines() if "Content Security Policy" in line]
            assert violations == [], path


async def test_the_data_block_is_read_whole(settings_for: SettingsFor, tmp_path: Path) -> None:
    settings = await settings_for()
    async with on_loopback(build(settings)) as address:
        database = Database(settings, "publishing")
        article = a_published_article(headline="</script> & <b>", pictures=[])
        await publish(database, article)
        await database.close()
        page, _ = await _open(tmp_path / "profile", f"{address}/articles/{article.slug}")
        block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
        assert block is not None
        assert json.loads(block.group(1))["headline"] == article.headline
