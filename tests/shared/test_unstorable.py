"""A value that no database can hold is the asker's to repair, not a fault of the house."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import pytest
from fastapi import Query
from sqlalchemy import text

from shared.events.access import Role
from shared.runtime import DoorRouter, Reading, Service, ServiceSettings, allow
from tests.builders import serving


@pytest.mark.parametrize("path", ["/v1/echo?text=%00", "/v1/echo?number=71539175932482998501376"])
async def test_what_cannot_be_stored_is_refused_as_invalid(
    path: str, new_database: Callable[[str], Awaitable[str]], redis_url: str
) -> None:
    router = DoorRouter()

    @router.get("/v1/echo", dependencies=[allow(Role.PUBLIC)])
    async def echo(session: Reading, text_: Annotated[str, Query(alias="text")] = "", number: int = 0) -> str:
        query = text("SELECT CAST(:text AS text) || CAST(:number AS bigint)")
        return str((await session.execute(query, {"text": text_, "number": number})).scalar())

    service = Service("publishing", ServiceSettings(database_url=await new_database("publishing"), redis_url=redis_url))
    async with serving(service.join(routers=[router])) as client:
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
        assert (await client.get("/v1/echo?text=a&number=1")).json() == "a1"
