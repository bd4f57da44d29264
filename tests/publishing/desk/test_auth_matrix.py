"""Every role at every door, as one table says: what is missing from the table fails here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import yaml
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.routing import Route

from services.publishing.app import build
from services.publishing.domain.content import Content
from services.publishing.domain.workflow import WORKFLOW
from services.publishing.settings import Settings
from services.publishing.storage import articles, outgoing, revisions
from services.publishing.storage.articles import Article
from services.publishing.storage.outgoing import Due
from services.publishing.storage.revisions import Revision
from shared.runtime import Database
from shared.runtime.doors import every_route
from tests.builders import serving

TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "auth_matrix.yaml").read_text())
ROLES = ["anonymous", "reader", "contributor", "editor", "chief", "moderator", "operator"]
STATES = [
    *(
        "draft",
        "in_review",
        "ready",
        "scheduled",
        "published",
        "corrected",
        "updated",
        "unpublished",
        "killed",
        "spiked",
    )
]
_LIVE = {"published", "corrected", "updated"}
_NOW = datetime(2026, 11, 23, tzinfo=UTC)
_LADDER = {"contributor": 1, "editor": 2, "chief": 3}


def asks(app: FastAPI) -> Iterator[str]:
    """Every "METHOD path" the service answers."""
    for route in every_route(app.routes):
        if isinstance(route, Route):
            yield from (f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"})


@asynccontextmanager
async def house(
    url: str, redis_url: str
) -> AsyncIterator[tuple[FastAPI, httpx2.AsyncClient, dict[str, dict[str, str]]]]:
    """The service, and for every role the headers that carry its token."""
    app = build(Settings(database_url=url, redis_url=redis_url, token=SecretStr("nwr_boot_strap")))
    async with serving(app) as client:
        headers: dict[str, dict[str, str]] = {"anonymous": {}}
        for role in ROLES[1:]:
            made = await client.post(
                "/v1/tokens", json={"name": role, "roles": [role]}, headers={"authorization": "Bearer nwr_boot_strap"}
            )
            assert made.status_code == 201, made.text
            headers[role] = {"authorization": f"Bearer {made.json()['token']}"}
        for role in ROLES[1:]:
            await _known(client, headers[role])
        yield app, client, headers


async def _known(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    """Tokens travel as facts: wait until this one is heard."""
    for _ in range(200):
        if (await client.get("/v1/me", headers=headers)).status_code != 401:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("a token was not heard of in ten seconds")


async def test_every_role_meets_the_table_at_every_door(
    new_database: Callable[[str], Awaitable[str]], redis_url: str
) -> None:
    async with house(await new_database("publishing"), redis_url) as (app, client, headers):
        asked = set(asks(app))
        assert asked - TABLE["routes"].keys() - _operators(asked) == set(), "doors the table does not know"
        assert TABLE["routes"].keys() - asked == set(), "the table names doors that are not there"
        wrong = []
        for door in sorted(TABLE["routes"]):
            allowed = TABLE["groups"][TABLE["routes"][door]]
            for role in ROLES:
                if role in allowed and door in TABLE["endless"]:
                    continue
                answer = await _knock(client, door, headers[role])
                if not _as_expected(answer.status_code, role, role in allowed, door):
                    wrong.append((door, role, answer.status_code, answer.text[:200]))
        assert wrong == []


def _operators(asked: set[str]) -> set[str]:
    """The doors the machinery adds to every service for its operators are its own tests' matter."""
    return {door for door in asked if " /v1/ops/" in door or door.split()[1] in {"/redoc", "/docs/oauth2-redirect"}}


async def _knock(client: httpx2.AsyncClient, door: str, headers: dict[str, str]) -> httpx2.Response:
    method, path = door.split()
    filled = path
    while "{" in filled:
        start, rest = filled.split("{", 1)
        name, end = rest.split("}", 1)
        value = {"number": "1", "verb": "submit", "slug": "x", "name": "x", "kind": "tags", "extension": "rss"}
        filled = start + value.get(name, str(uuid4())) + end
    query = "?wait=0" if path == "/v1/events" else ""
    body: dict[str, str] | None = {} if method in {"POST", "PUT", "PATCH"} else None
    async with asyncio.timeout(30):  # a stream without an end belongs to `endless` in the table
        return await client.request(method, filled + query, json=body, headers=headers)


def _as_expected(status: int, role: str, allowed: bool, door: str) -> bool:
    if status >= 500:
        return False
    if not allowed:
        led_to_the_door = 303 if door.split()[1].startswith("/desk") else 401
        return status == (led_to_the_door if role == "anonymous" else 403)
    forms = ("POST /articles/", "POST /desk/session")
    return status not in {401, 403} or (door.startswith(forms) and status == 403)  # a form from elsewhere


async def test_other_methods_and_spellings_open_nothing(
    new_database: Callable[[str], Awaitable[str]], redis_url: str
) -> None:
    async with house(await new_database("publishing"), redis_url) as (app, client, _):
        known = set(asks(app))
        opened = []
        for path in sorted({door.split()[1] for door in known}):
            guarded = TABLE["routes"].get(f"GET {path}") != "anyone"
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
                if f"{method} {path}" not in known:
                    answer = await _knock(client, f"{method} {path}", {})
                    opened += [(method, path, answer.status_code)] if answer.status_code < 400 and guarded else []
            for variant in (
                f"{path}/",
                f"/{path}",
                path.upper(),
                path.replace("/v1", "/v1/."),
                f"{path}%00",
                f"{path};x",
            ):
                if guarded and variant != path and path.startswith("/v1"):
                    answer = await _knock(client, f"GET {variant}", {})
                    opened += [("GET", variant, answer.status_code)] if answer.status_code < 300 else []
        assert opened == []


@asynccontextmanager
async def desk(url: str, redis_url: str) -> AsyncIterator[Any]:
    """A client, the headers and ids of each role, and the database to put articles into."""
    async with house(url, redis_url) as (_, client, headers):
        database = Database(Settings(database_url=url, redis_url=redis_url), "publishing")
        ids = {role: (await client.get("/v1/me", headers=headers[role])).json()["id"] for role in _LADDER}
        yield client, headers, database, ids
        await database.close()


async def test_every_verb_in_every_state_for_every_role_of_the_desk(
    new_database: Callable[[str], Awaitable[str]], redis_url: str
) -> None:
    async with desk(await new_database("publishing"), redis_url) as place:
        await _every_verb_in_every_state_for_every_role_of_the_desk(*place)


async def _every_verb_in_every_state_for_every_role_of_the_desk(
    client: Any, headers: Any, database: Database, ids: dict[str, str]
) -> None:
    cases = [(verb, state, role) for verb in TABLE["verbs"] for state in STATES for role in _LADDER]
    assert TABLE["verbs"].keys() == WORKFLOW.keys()
    made = await _made(database, [(state, ids[role]) for _, state, role in cases])
    order = {"note": "because", "correction": {"note": "x"}, "at": "2099-01-01T00:00:00Z", "undo_seconds": 0}
    wrong = []
    for (verb, state, role), article_id in zip(cases, made, strict=True):
        row = TABLE["verbs"][verb]
        answer = await client.post(f"/v1/articles/{article_id}/{verb}", json=order, headers=headers[role])
        expected = 403 if _LADDER[role] < _LADDER[row["role"]] else 200 if state in row["from"] else 409
        if role == "contributor" and verb == "submit" and state != "draft":
            expected = 403  # no longer theirs to change
        if answer.status_code != expected:
            wrong.append((verb, state, role, expected, answer.status_code, answer.text[:150]))
    assert wrong == []


async def test_who_may_change_whose_words_in_which_state(
    new_database: Callable[[str], Awaitable[str]], redis_url: str
) -> None:
    async with desk(await new_database("publishing"), redis_url) as place:
        await _who_may_change_whose_words_in_which_state(*place)


async def _who_may_change_whose_words_in_which_state(
    client: Any, headers: Any, database: Database, ids: dict[str, str]
) -> None:
    cases = [(role, whose, state) for role in _LADDER for whose in ("own", "others") for state in STATES]
    owners = [(state, ids[role] if whose == "own" else "token:somebody-else") for role, whose, state in cases]
    made = await _made(database, owners)
    wrong = []
    for (role, whose, state), article_id in zip(cases, made, strict=True):
        sent = {**headers[role], "if-match": '"1"'}
        answer = await client.patch(f"/v1/articles/{article_id}", json={"headline": "Changed"}, headers=sent)
        allowed = state in TABLE["saves"][role][whose]
        expected = 200 if allowed else 403 if role == "contributor" else 409
        if answer.status_code != expected:
            wrong.append((role, whose, state, expected, answer.status_code, answer.text[:150]))
    assert wrong == []


async def _made(database: Database, wanted: list[tuple[str, str]]) -> list[str]:
    """Articles that lack nothing, each in a state and somebody's."""
    content = Content(
        headline="Bridge",
        body_html="<p>b</p>",
        outlet="VTC",
        credit="Hoa",
        source_url="https://vtc.example",
        language="en",
    )
    heads, saves, dues = [], [], []
    for state, owner in wanted:
        one = uuid4()
        live = state in _LIVE
        head = Article(
            id=one,
            slug=str(one),
            headline="",
            language="",
            state=state,
            state_before="draft" if state == "spiked" else None,
            public_revision=1 if live else None,
            public_words=1 if live else None,
            first_published_at=_NOW if live else None,
            created_by=owner,
            created_at=_NOW,
            updated_at=_NOW,
        )
        articles.set_content(head, content)
        heads.append(head)
        saves.append(_first(head, owner))
        dues += [_waiting(head)] if state == "scheduled" else []
    async with database.transaction() as tx:
        await articles.add_articles(tx.session, heads)
        await revisions.add_revisions(tx.session, saves)
        await outgoing.put_due(tx.session, dues)
    return [str(head.id) for head in heads]


def _first(head: Article, owner: str) -> Revision:
    return Revision(
        article_id=head.id,
        number=1,
        words_of=1,
        act="create",
        state=head.state,
        by_id=owner,
        by_name=owner,
        content=head.content,
        made_at=_NOW,
    )


def _waiting(head: Article) -> Due:
    return Due(
        article_id=head.id,
        due_at=_NOW + timedelta(days=40_000),
        revision=1,
        verb="publish",
        waits_for="schedule",
        by_id="x",
        by_name="x",
        back_to="ready",
    )
