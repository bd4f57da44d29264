"""The web server of the made-up outlets: ops/demo over HTTP on 127.0.0.1, so that the demo is fetched like any outlet.

Feeds lie at `/feeds/…`, pictures at `/demo/pictures/…`, article pages at `/<outlet>/<slug>`. In all of them the house
of the outlets, `https://demo.newsroom.example` and `{{site}}`, becomes the address this server really has. Where a feed
has a later state (`<name>-update.…`), that one is served once the file `demo-updated` stands in the home folder.
"""

import sys
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from ops.demo.load import HERE, PLACEHOLDER, SOURCES
from ops.home import Home

UPDATED = "demo-updated"
_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_KINDS = {
    ".xml": "application/rss+xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
    ".png": "image/png",
}


def find(path: str, updated: bool) -> Path | None:
    """The file behind an address, or None. Only plain names are looked up, so nothing outside the folder is reached."""
    words = [word for word in unquote(path).split("/") if word]
    if not 2 <= len(words) <= 3 or any(word.startswith(".") or "\\" in word for word in words):
        return None
    match words:
        case ["feeds", name]:
            later = HERE / "feeds" / f"{Path(name).stem}-update{Path(name).suffix}"
            found = later if updated and later.exists() else HERE / "feeds" / name
        case ["demo", "pictures", name]:
            found = HERE / "pictures" / name
        case [outlet, slug]:
            found = HERE / "pages" / f"{outlet}-{slug}.html"
            found = found if found.exists() else HERE / "pages" / f"{slug}.html"
        case _:
            return None
    return found if found.is_file() else None


def page_from_feed(path: str) -> bytes | None:
    """A plain page for a story that stands whole in its feed, so that the link to the original leads somewhere."""
    for feed in (source.feed for source in SOURCES):
        for entry in ET.parse(HERE / feed).iter():  # noqa: S314  # our own files
            if entry.tag not in {"item", f"{_ATOM}entry"}:
                continue
            atom = entry.find(f"{_ATOM}link")
            link = entry.findtext("link") if atom is None else atom.get("href")
            if link and urlsplit(link).path == path:
                return _page(entry)
    return None


def _page(entry: ET.Element) -> bytes:
    title = escape(entry.findtext("title") or entry.findtext(f"{_ATOM}title") or "")
    body = entry.findtext(_CONTENT) or f"<p>{escape(entry.findtext(f'{_ATOM}summary') or '')}</p>"
    return (
        f"<!doctype html><meta charset=utf-8><title>{title}</title><article><h1>{title}</h1>{body}</article>".encode()
    )


def fetch(path: str, site: str, updated: bool) -> tuple[str, bytes] | None:
    """Content type and body of an address, with the outlets' house renamed to `site`; None when there is nothing."""
    file = find(path, updated)
    if file is not None:
        kind, body = _KINDS.get(file.suffix, "application/octet-stream"), file.read_bytes()
    else:
        made = page_from_feed(path)
        if made is None:
            return None
        kind, body = _KINDS[".html"], made
    if kind.endswith("utf-8"):
        body = body.replace(PLACEHOLDER.encode(), site.encode()).replace(
            b"https://demo.newsroom.example", site.encode()
        )
    return kind, body


class Outlet(BaseHTTPRequestHandler):
    """GET only, with an ETag."""

    home: Home

    def do_GET(self) -> None:
        """Answer with a file, 304, or 404."""
        found = fetch(urlsplit(self.path).path, self.home.url("demo"), (self.home.folder / UPDATED).exists())
        if found is None:
            self.send_error(404)
            return
        kind, body = found
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        same = self.headers.get("If-None-Match") == tag
        self.send_response(304 if same else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", "0" if same else str(len(body)))
        self.end_headers()
        if not same:
            self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Stay quiet."""


def serve(port: int) -> None:
    """Serve until the process is ended."""
    Outlet.home = Home.here()
    with ThreadingHTTPServer(("127.0.0.1", port), Outlet) as server:
        server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
