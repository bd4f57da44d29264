"""What the local stack does once it is up: names the editor's token; the first time takes in the demo stories."""

import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from ops.demo.load import SOURCES, comments
from ops.demo_site import UPDATED
from ops.home import Home
from ops.web import Answer, Unreachable, ask

_DONE = "demo-loaded"
#: Pages that stand in no feed, and whose they are: they are pushed, as a partner without a feed would.
_PUSHED = {
    "/strait-gazette/strait-gazette-storm-ashore": "The Strait Gazette",
    "/bao-doi-che/bao-doi-che-nhip-cau": "Báo Đồi Chè",
    "/vinh-xanh/valdoria-reacts": "Vịnh Xanh",
}


class Refused(Exception):
    """A service said no; the message is what it said."""


def request(home: Home, service: str, method: str, path: str, body: object = None, **more: Any) -> Answer:
    """Ask a service of this home as its operator."""
    more.setdefault("token", os.environ.get("NEWSROOM_TOKEN") or home.secret("token"))
    return ask(method, home.url(service) + path, body, **more)


def call(home: Home, service: str, method: str, path: str, body: object = None, **more: Any) -> Any:
    """The same, when only success will do."""
    answer = request(home, service, method, path, body, **more)
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


def desk_password(home: Home) -> str:
    """The password of this home's account `editor` at the desk, made the first time and kept."""
    kept = home.folder / "desk-password"
    if not kept.exists():
        password = secrets.token_urlsafe(12)
        account = {"name": "editor", "display_name": "Local editor", "password": password, "roles": ["editor"]}
        call(home, "publishing", "POST", "/v1/users", account)
        home.keep("desk-password", password)
    return kept.read_text().strip()


def readers_token(home: Home, name: str) -> str:
    """A token for one made-up reader, so that each is somebody of their own; good for an hour."""
    ends = datetime.now(UTC) + timedelta(hours=1)
    body = {"name": f"demo reader {name}", "roles": ["reader"], "expires_at": ends.isoformat()}
    token: str = call(home, "publishing", "POST", "/v1/tokens", body)["token"]
    return token


def take_in(home: Home) -> list[str]:
    """Register the made-up outlets' feeds as sources and fetch each at once, and push the pages that stand in none.

    Answers the sources' ids.
    """
    known = {source["url"]: source for source in call(home, "ingest", "GET", "/v1/sources?limit=100")["items"]}
    ids = []
    for demo in SOURCES:
        url = f"{home.url('demo')}/{demo.feed}"
        body = {"url": url, "name": demo.name, "outlet": demo.outlet, "language": demo.language, "trust": demo.trust}
        source = known.get(url) or call(home, "ingest", "POST", "/v1/sources", body)
        call(home, "ingest", "POST", f"/v1/sources/{source['id']}/fetch")
        ids.append(source["id"])
    for path, outlet in _PUSHED.items():
        page = ask("GET", home.url("demo") + path)
        query = urlencode({"source": outlet, "trust": "publish", "url": home.url("demo") + path})
        call(home, "ingest", "POST", f"/v1/items?{query}", content=page.body, headers={"Content-Type": "text/html"})
    return ids


def published(home: Home) -> dict[str, str]:
    """Article ids by the path of the original's address, as the public log has them."""
    page = call(home, "publishing", "GET", "/v1/events?after=0&limit=1000&wait=0", token=None)
    return {urlsplit(event["data"].get("source_url", "")).path: event["subject"] for event in page["items"]}


def comment(home: Home) -> int:
    """Let the demo's readers comment, at the pace publishing allows; answers how many did."""
    wanted = [(urlsplit(entry.guid).path, entry) for entry in comments()]
    articles = wait(lambda: _all_of({path for path, _ in wanted}, published(home)))
    count = 0
    for path, entry in wanted:
        if path not in articles:
            continue
        body = {"author_name": entry.author, "text": entry.text}
        address = f"/v1/public/articles/{articles[path]}/comments"
        token = readers_token(home, entry.author)
        answer = request(home, "publishing", "POST", address, body, token=token)
        while answer.status == 429:  # the demo's readers all write from one address
            time.sleep(10)
            answer = request(home, "publishing", "POST", address, body, token=token)
        count += answer.ok
    return count


def _all_of(paths: set[str], found: dict[str, str]) -> dict[str, str] | None:
    return found if paths <= set(found) else None


def wait(true: Callable[[], dict[str, str] | None], seconds: float = 60) -> dict[str, str]:
    """The first answer that is one, or nothing after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = true()
        if found is not None:
            return found
        time.sleep(0.5)
    return {}


def take_in_demo(home: Home) -> None:
    """All of the demo, once: stories, readers' comments, and the later state of one story."""
    ids = take_in(home)
    print(
        f"  Demo    {len(ids)} feeds of made-up outlets are in; readers comment, and one story will change.", flush=True
    )
    comment(home)
    home.keep(UPDATED, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    call(home, "ingest", "POST", f"/v1/sources/{ids[0]}/fetch")
    home.keep(_DONE, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))


def main() -> None:
    """Print the editor's token and, the first time, take in the demo. A failure is a sentence, never a stop."""
    home = Home.here()
    try:
        print(f"  Editor  token {editors_token(home)}", flush=True)
        print(f"  Desk    sign in as editor, password {desk_password(home)}", flush=True)
        if os.environ.get("NEWSROOM_DEMO", "1") != "0" and not (home.folder / _DONE).exists():
            take_in_demo(home)
    except (Refused, Unreachable) as error:
        print(f"  {error}", flush=True)


if __name__ == "__main__":
    main()
