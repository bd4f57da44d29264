"""The web server of the made-up outlets: serves ops/demo (feeds, pages, pictures) on 127.0.0.1, so that the demo is
fetched over HTTP like any outlet, with conditional requests and all."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DEMO = Path(__file__).with_name("demo")


class Outlet(SimpleHTTPRequestHandler):
    """Files of one folder; no listings."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".xml": "application/xml; charset=utf-8"}

    def list_directory(self, path: object) -> None:  # noqa: ARG002  # the base class's signature
        """Refuse: an outlet shows no folders."""
        self.send_error(404)

    def log_message(self, *words: object) -> None:
        """Stay quiet."""


def serve(port: int) -> None:
    """Serve until the process is ended."""
    with ThreadingHTTPServer(("127.0.0.1", port), partial(Outlet, directory=str(DEMO))) as server:
        server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
