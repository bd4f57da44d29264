"""Does a receiver take what it should and refuse what it must? Each case is one request and what it must answer."""

import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

import httpx2

from newsroom_client.webhooks import sign


@dataclass(frozen=True)
class Case:
    """One request: `taken` is whether a right receiver answers it with 2xx; `why` is the rule."""

    name: str
    why: str
    taken: bool
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Finding:
    """What a receiver did with a case."""

    case: Case
    passed: bool
    answer: str
    seconds: float


def an_event(type_name: str = "newsroom.article.published.v1", **more: object) -> bytes:
    """A made-up event as the log would tell it."""
    article = str(uuid.uuid4())
    data = {
        "article_id": article,
        "revision": 1,
        "headline": "A made-up story – để thử",
        "body_html": "<p>Nothing.</p>",
    }
    event = {
        "position": 1,
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/newsroom/publishing",
        "type": type_name,
        "subject": article,
        "time": "2024-11-06T09:05:00Z",
        "datacontenttype": "application/json",
        "data": {**data, **more},
    }
    return json.dumps(event, ensure_ascii=False).encode()


def a_test() -> bytes:
    """What `POST /v1/subscriptions/{id}/test` sends: an event without a position, for it tells nothing."""
    event = {name: value for name, value in json.loads(an_event()).items() if name != "position"}
    tells = {"type": "newsroom.subscription.test.v1", "data": {"message": "This is a test; nothing was published."}}
    return json.dumps(event | tells).encode()


def cases(secret: str, now: int | None = None) -> list[Case]:
    """Every case, for a receiver that knows `secret`."""
    at = int(time.time()) if now is None else now
    body, other = an_event(), "whsec_" + "A" * 43 + "="

    def signed(content: bytes, when: int = at, by: str = secret, message: str | None = None) -> dict[str, str]:
        key = message or f"msg_{uuid.uuid4().hex}"
        return {"webhook-id": key, "webhook-timestamp": str(when), "webhook-signature": sign(content, key, when, by)}

    good, wrong = signed(body), signed(body, by=other)
    both = {**good, "webhook-signature": f"{signed(body, by=other, message=good['webhook-id'])['webhook-signature']} "}
    both["webhook-signature"] += good["webhook-signature"]
    later = {**good, "webhook-signature": f"v9,aaaa {good['webhook-signature']}"}
    moved = {**good, "webhook-id": "msg_another"}
    shifted = {**good, "webhook-timestamp": str(at + 1)}
    return [
        Case("a signed event", "the plain case", True, body, good),
        Case("the same event again", "deliveries come at least once", True, body, good),
        Case("two signatures, the second fits", "secrets are rotated without a pause", True, body, both),
        Case("a signature version from the future", "unknown versions are skipped", True, body, later),
        Case("sent 290 s ago", "within five minutes", True, body, signed(body, at - 290)),
        Case("sent 290 s ahead", "within five minutes", True, body, signed(body, at + 290)),
        *_tolerated(signed),
        Case("a changed body", "the signature covers the body", False, body.replace(b"made-up", b"made-xx"), good),
        Case("another id", "the signature covers the id", False, body, moved),
        Case("another timestamp", "the signature covers the time", False, body, shifted),
        Case("another secret", "only who knows the secret may send", False, body, wrong),
        Case("sent 310 s ago", "an old message may be a replay", False, body, signed(body, at - 310)),
        Case("sent 310 s ahead", "so may one from the future", False, body, signed(body, at + 310)),
        Case("no signature", "nothing unsigned is taken", False, body, _without(good, "webhook-signature")),
        Case("no timestamp", "nothing undated is taken", False, body, _without(good, "webhook-timestamp")),
        Case("no id", "nothing without an id is taken", False, body, _without(good, "webhook-id")),
        Case("an empty signature", "nothing unsigned is taken", False, body, {**good, "webhook-signature": "v1,"}),
        Case("a timestamp that is no number", "nothing undated", False, body, {**good, "webhook-timestamp": "now"}),
    ]


def _tolerated(signed: Callable[[bytes], dict[str, str]]) -> list[Case]:
    found = []
    for name, why, body in (
        ("a type from the future", "unknown types are skipped", an_event("newsroom.article.sung.v1")),
        ("a field from the future", "unknown fields are skipped", an_event(mood="calm")),
        ("a test of the subscription", "it stands nowhere in the log", a_test()),
        ("a killed story", "a kill must be obeyed", an_event("newsroom.article.killed.v1", reason="Legal.", slug="x")),
        ("a story of 1 MB", "long stories exist", an_event(body_html="<p>" + "a" * 1_000_000 + "</p>")),
    ):
        found.append(Case(name, why, True, body, signed(body)))
    return found


async def check(url: str, secret: str, *, seconds: float = 15.0) -> AsyncIterator[Finding]:
    """Send every case to a receiver, one after the other, and judge its answers."""
    async with httpx2.AsyncClient(timeout=seconds, follow_redirects=False) as client:
        for case in cases(secret):
            began = time.monotonic()
            headers = {"content-type": "application/cloudevents+json", **case.headers}
            try:
                answer = await client.post(url, content=case.body, headers=headers)
            except httpx2.HTTPError as error:
                text = f"no answer: {type(error).__name__} {error}"
                yield Finding(case, False, text, time.monotonic() - began)
                continue
            taken = 200 <= answer.status_code < 300
            right = taken if case.taken else 400 <= answer.status_code < 500
            yield Finding(case, right, str(answer.status_code), time.monotonic() - began)


def _without(headers: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}
