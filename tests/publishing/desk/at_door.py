"""A house whose doors a test knocks at as several people: what they send and get, and nothing of what lies behind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from pydantic import SecretStr

from services.publishing.app import build
from services.publishing.settings import Settings
from tests.builders import serving

NewDatabase = Callable[[str], Awaitable[str]]
STORY: dict[str, Any] = {
    "headline": "Bridge opens",
    "body_html": "<p>It is 3.2 km long. Thousands came.</p>",
    "outlet": "The Lagoon Post",
    "credit": "Mai Tran",
    "source_url": "https://outlet.example/bridge",
    "language": "en",
}


@dataclass
class Person:
    """Somebody with a token."""

    client: httpx2.AsyncClient
    token: str

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """One request that must be answered so; its JSON, or its text where it is none."""
        answer = await self.answer(method, path, body, **headers)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content and "json" in answer.headers["content-type"] else answer.text

    async def answer(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """One request, whatever comes of it."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["authorization"] = f"Bearer {self.token}"
        return await self.client.request(method, path, json=body, headers=sent)

    async def write(self, **fields: Any) -> dict[str, Any]:
        """A new draft that lacks nothing."""
        made: dict[str, Any] = await self.ask("POST", "/v1/articles", {**STORY, **fields}, 201)
        return made

    async def save(self, seen: dict[str, Any], status: int = 200, merge: bool = False, **fields: Any) -> dict[str, Any]:
        """Change what was seen."""
        path = f"/v1/articles/{seen['id']}?merge={str(merge).lower()}"
        saved: dict[str, Any] = await self.ask("PATCH", path, fields, status, if_match=seen["etag"])
        return saved

    async def do(self, verb: str, article: dict[str, Any], status: int = 200, **order: Any) -> dict[str, Any]:
        """A verb."""
        done: dict[str, Any] = await self.ask("POST", f"/v1/articles/{article['id']}/{verb}", order, status)
        return done


@dataclass
class AtDoor:
    """The house: `chief` holds every role; `hire` brings somebody else."""

    client: httpx2.AsyncClient
    chief: Person

    async def hire(self, name: str, *roles: str) -> Person:
        """Somebody with these roles, whose token is known already."""
        made = await self.chief.ask("POST", "/v1/tokens", {"name": name, "roles": list(roles)}, 201)
        person = Person(self.client, made["token"])
        await until_known(person)
        return person


@asynccontextmanager
async def at_door(new_database: NewDatabase, redis_url: str, **settings: Any) -> AsyncIterator[AtDoor]:
    """A house that runs."""
    url = await new_database("publishing")
    house = Settings(database_url=url, redis_url=redis_url, token=SecretStr("nwr_boot_strap"), **settings)
    async with serving(build(house)) as client:
        yield AtDoor(client, Person(client, "nwr_boot_strap"))


async def until(person: Person, path: str, status: int, ready: Callable[[Any], bool] = lambda _: True) -> Any:
    """Ask until the answer is so. Raises TimeoutError after ten seconds."""
    async with asyncio.timeout(10):
        while True:
            answer = await person.answer("GET", path)
            if answer.status_code == status and ready(answer.json()):
                return answer.json()
            await asyncio.sleep(0.05)


async def until_known(person: Person) -> None:
    """Wait until a token just made is known. Raises TimeoutError after ten seconds."""
    async with asyncio.timeout(10):
        while True:
            if (await person.answer("GET", "/v1/me")).status_code != 401:  # 403 where it is no reader's
                return
            await asyncio.sleep(0.05)
