"""Sends one address or one file to ingest, and reads what became of it."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ops.cli import house
from ops.web import Answer, Unreachable, ask

_NINJS, _NEWSML = "application/vnd.iptc.ninjs+json", "application/vnd.iptc.g2.newsitem+xml"
TYPES = {
    ".atom": "application/atom+xml",
    ".htm": "text/html",
    ".html": "text/html",
    ".json": "application/json",
    ".rss": "application/rss+xml",
    ".xml": "application/xml",
}
#: What a preview says and a push takes.
_PASSED_ON = (
    "headline", "summary", "body_html", "outlet", "wire", "byline", "published_at", "language", "section", "tags",
    "pictures", "videos", "embargoed_until",
)  # fmt: skip


@dataclass(frozen=True)
class How:
    """How things are sent: the source they belong to, and whether they may be published unseen."""

    source: str = ""
    publish: bool = False

    def query(self, **more: str) -> str:
        """The same as the query of `POST /v1/items`."""
        asked = {"source": self.source, "trust": "publish" if self.publish else "", **more}
        given = {name: value for name, value in asked.items() if value}
        return f"?{urlencode(given)}" if given else ""


@dataclass(frozen=True)
class Result:
    """What became of one address or file: outcomes of the stories in it, and what could not be read."""

    what: str
    outcomes: dict[str, int] = field(default_factory=dict)
    articles: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def send(thing: str, how: How) -> Result:
    """Send one thing; every failure is a sentence in the result, never an exception."""
    try:
        if thing.startswith(("http://", "https://")):
            return _send_address(thing, how)
        return _read(thing, _send_file(Path(thing), how))
    except OSError as error:
        return Result(thing, errors=[f"{error.strerror or error}."])
    except Unreachable as error:
        return Result(thing, errors=[f"{error} Is Newsroom running?"])


def _post(path: str, body: object = None, **more: Any) -> Answer:
    return ask("POST", house.address("ingest") + path, body, token=house.token(), timeout=120, **more)


def _send_file(path: Path, how: How) -> Answer:
    content = path.read_bytes()
    return _post(f"/v1/items{how.query()}", content=content, headers={"Content-Type": kind_of(path, content)})


def kind_of(path: Path, content: bytes) -> str:
    """The media type of a file, by its ending; JSON and XML are told apart by what they begin with."""
    kind = TYPES.get(path.suffix.lower(), "text/html")
    start = content[:4096]
    if kind == "application/json":
        if b'"uri"' in start and b'"items"' not in start:
            return _NINJS
        return "application/feed+json" if b"jsonfeed.org" in start else kind
    if kind == "application/xml" and b"newsItem" in start:
        return _NEWSML
    return kind


def _send_address(url: str, how: How) -> Result:
    """An article page is read as ingest reads it and pushed; what is no article becomes a source, as a feed."""
    seen = _post("/v1/preview", {"url": url})
    if seen.ok:
        page = seen.json()
        item = {name: page[name] for name in _PASSED_ON if page.get(name)}
        own = page["canonical_url"] or page["source_url"] or url
        return _read(url, _post(f"/v1/items{how.query()}", {**item, "guid": own, "url": own}))
    added = _post("/v1/sources", {"url": url, "trust": "publish" if how.publish else "review"})
    if not added.ok:
        return Result(url, errors=[seen.trouble if added.status != 409 else added.trouble])
    source = added.json()["id"]
    report = _post(f"/v1/sources/{source}/fetch")
    if report.ok and report.json()["outcome"] != "failed":
        return _read(url, report)
    ask("DELETE", f"{house.address('ingest')}/v1/sources/{source}", token=house.token())
    return Result(url, errors=[seen.trouble])


def _read(thing: str, answer: Answer) -> Result:
    if not answer.ok:
        return Result(thing, errors=[answer.trouble])
    found = answer.json()
    items = found.get("items", [found])
    outcomes = Counter(item["outcome"] for item in items)
    troubles = [trouble["detail"] for trouble in found.get("errors", [])]
    return Result(thing, dict(outcomes), [item["article_id"] for item in items if item.get("article_id")], troubles)
