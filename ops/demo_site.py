"""The web server of the made-up outlets: ops/demo over HTTP on 127.0.0.1, so that the demo is fetched like any outlet.

Feeds lie at `/feeds/…`, pictures at `/demo/pictures/…`, article pages at `/<outlet>/<slug>`. In all of them the house
of the outlets, `https://demo.newsroom.example` and `{{site}}`, becomes the address this server really has. Where a feed
has a later state (`<name>-update.…`), that one is served once the file `demo-updated` stands in the home folder.
"""

import sys
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ops.home import Home

DEMO = Path(__file__).with_name("demo")
UPDATED = "demo-updated"
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
            later = DEMO / "feeds" / f"{Path(name).stem}-update{Path(name).suffix}"
            found = later if updated and later.exists() else DEMO / "feeds" / name
        case ["demo", "pictures", name]:
            found = DEMO / "pictures" / name
        case [outlet, slug]:
            found = DEMO / "pages" / f"{outlet}-{slug}.html"
            found = found if found.exists() else DEMO / "pages" / f"{slug}.html"
        case _:
            return None
    return found if found.is_file() else None


def fetch(path: str, site: str, updated: bool) -> tuple[str, bytes] | None:
    """Content type and body of an address, with the outlets' house renamed to `site`; None when there is nothing."""
    file = find(path, updated)
    if file is None:
        return None
    kind = _KINDS.get(file.suffix, "application/octet-stream")
    body = file.read_bytes()
    if file.suffix in {".xml", ".atom", ".html"}:
        body = body.replace(b"{{site}}", site.encode()).replace(b"https://demo.newsroom.example", site.encode())
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
