"""The demo content: feeds, article pages, pictures and comments, with the site's address put in where they are used."""

import json
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
PICTURES = HERE / "pictures"
PLACEHOLDER = "{{site}}"


class DemoSource(NamedTuple):
    """One of the demo's outlets, as an operator would enter it. `feed` is a name for `rendered`."""

    name: str
    outlet: str
    feed: str
    language: str
    trust: str


SOURCES = (
    DemoSource("The Lagoon Post", "The Lagoon Post", "feeds/lagoon-post.xml", "en", "publish"),
    DemoSource("Báo Cửa Nhạn", "Báo Cửa Nhạn", "feeds/bao-cua-nhan.xml", "vi", "publish"),
    DemoSource("Delta & Coast Business", "Delta & Coast Business", "feeds/delta-coast.atom", "en", "review"),
)
#: The same guid as in the first feed with another body: ingest it later to see a revision.
UPDATES = ("feeds/lagoon-post-update.xml",)
PAGES = tuple(sorted(f"pages/{page.name}" for page in (HERE / "pages").glob("*.html")))


class DemoComment(NamedTuple):
    """A reader's comment on the story with this guid; `expect` is what a moderator would decide."""

    guid: str
    author: str
    text: str
    language: str
    expect: str


def rendered(name: str, site: str) -> bytes:
    """Return the feed or page `name` ("feeds/…", "pages/…") as UTF-8 with `site` (e.g. "http://127.0.0.1:8000") put in.

    Raises FileNotFoundError, naming what there is, when the demo has no such file.
    """
    path = (HERE / name).resolve()
    if path.parent.parent != HERE or not path.is_file():
        known = ", ".join([*(source.feed for source in SOURCES), *UPDATES, *PAGES])
        raise FileNotFoundError(f"the demo has no file {name!r}; it has: {known}")
    return path.read_text(encoding="utf-8").replace(PLACEHOLDER, site.rstrip("/")).encode()


def comments() -> list[DemoComment]:
    """Return the demo's reader comments in the order they were written."""
    return [DemoComment(**entry) for entry in json.loads((HERE / "comments.json").read_text(encoding="utf-8"))]
