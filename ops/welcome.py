"""What the local stack does once it is up: names the editor's token; the first time takes in the demo stories."""

import os
import time
from typing import Any

from ops.demo.load import SOURCES
from ops.home import Home
from ops.web import Answer, Unreachable, ask

_DONE = "demo-loaded"


class Refused(Exception):
    """A service said no; the message is what it said."""


def call(home: Home, service: str, method: str, path: str, body: object = None) -> Any:
    """Ask a service of this home as its operator."""
    token = os.environ.get("NEWSROOM_TOKEN") or home.secret("token")
    answer: Answer = ask(method, home.url(service) + path, body, token=token)
    if not answer.ok:
        raise Refused(f"{service} refused {method} {path}: {answer.trouble}")
    return answer.json() if answer.body else None


def editors_token(home: Home) -> str:
    """An editor's token of this home, issued by publishing the first time and kept."""
    kept = home.folder / "editor-token"
    if not kept.exists():
        issued = call(home, "publishing", "POST", "/v1/tokens", {"name": "local editor", "roles": ["editor"]})
        home.keep("editor-token", issued["token"])
    return kept.read_text().strip()


def take_in_demo(home: Home) -> int:
    """Register the made-up outlets' feeds as trusted sources and fetch each at once; answers how many."""
    known = {source["url"]: source for source in call(home, "ingest", "GET", "/v1/sources?limit=100")["items"]}
    for demo in SOURCES:
        url = f"{home.url('demo')}/{demo.feed}"
        body = {"url": url, "name": demo.name, "outlet": demo.outlet, "language": demo.language, "trust": demo.trust}
        source = known.get(url) or call(home, "ingest", "POST", "/v1/sources", body)
        call(home, "ingest", "POST", f"/v1/sources/{source['id']}/fetch")
    return len(SOURCES)


def main() -> None:
    """Print the editor's token and, the first time, take in the demo. A failure is a sentence, never a stop."""
    home = Home.here()
    try:
        print(f"  Editor  token {editors_token(home)}", flush=True)
        if os.environ.get("NEWSROOM_DEMO", "1") != "0" and not (home.folder / _DONE).exists():
            count = take_in_demo(home)
            home.keep(_DONE, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
            print(f"  Demo    {count} sources of made-up outlets are being fetched.", flush=True)
    except (Refused, Unreachable) as error:
        print(f"  {error}", flush=True)


if __name__ == "__main__":
    main()
