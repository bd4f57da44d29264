"""The people's doors: committed before answered, one effect per key, HEAD as GET, nobody unnamed."""

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic_settings import SettingsConfigDict
from sqlalchemy import text

from shared.events import Role
from shared.runtime import DoorRouter, Problem, Service, ServiceSettings, Tx, Who, allow
from tests.builders import serving
from tests.conftest import NewDatabase

router = DoorRouter()


class Settings(ServiceSettings):
    """Settings of a service that only has doors."""

    model_config = SettingsConfigDict(env_prefix="INGEST_", extra="ignore", validate_by_name=True)


@router.post("/v1/notes", status_code=201, dependencies=[allow(Role.EDITOR)])
async def keep_note(body: dict[str, Any], tx: Tx, who: Who) -> dict[str, str]:
    await tx.session.execute(
        text("INSERT INTO idempotency_keys (key, fingerprint) VALUES (:key, 'note')"), {"key": body["note"]}
    )
    if body.get("fail"):
        raise Problem(409, "not-now", "Not now.", detail="note: try tomorrow.")
    return {"kept_by": who.name}


@router.get("/v1/notes", dependencies=[allow(Role.PUBLIC)])
async def count_notes(tx: Tx) -> dict[str, int]:
    found = await tx.session.execute(text("SELECT count(*) FROM idempotency_keys WHERE fingerprint = 'note'"))
    return {"notes": found.scalar_one()}


@pytest.fixture
async def app(new_database: NewDatabase, redis_url: str) -> FastAPI:
    settings = Settings(database_url=await new_database("ingest"), redis_url=redis_url, token="boot")  # type: ignore[arg-type]  # pydantic reads text
    return Service("ingest", settings).join(routers=[router])


BOOT = {"Authorization": "Bearer boot"}


async def test_what_a_2xx_answers_is_committed_and_what_fails_leaves_nothing(app: FastAPI) -> None:
    async with serving(app) as client:
        assert (await client.post("/v1/notes", json={"note": "one"}, headers=BOOT)).status_code == 201
        failed = await client.post("/v1/notes", json={"note": "two", "fail": True}, headers=BOOT)
        assert failed.status_code == 409
        assert failed.headers["content-type"] == "application/problem+json"
        assert failed.json() == {
            "type": "/problems/not-now",
            "title": "Not now.",
            "status": 409,
            "detail": "note: try tomorrow.",
        }
        assert (await client.get("/v1/notes")).json() == {"notes": 1}


async def test_the_same_key_has_one_effect_and_gets_the_same_answer(app: FastAPI) -> None:
    async with serving(app) as client:
        headers = {**BOOT, "Idempotency-Key": "k-1"}
        first, second = [await client.post("/v1/notes", headers=headers, json={"note": "once"}) for _ in range(2)]
        assert (second.status_code, second.json()) == (first.status_code, first.json())
        assert second.headers["idempotency-replayed"] == "true"
        assert (await client.get("/v1/notes")).json() == {"notes": 1}
        other = await client.post("/v1/notes", headers=headers, json={"note": "other"})
        assert other.status_code == 422
        assert other.json()["type"] == "/problems/idempotency-key-reused"


async def test_a_failed_request_does_not_use_up_its_key(app: FastAPI) -> None:
    async with serving(app) as client:
        headers = {**BOOT, "Idempotency-Key": "k-2"}
        body = {"note": "late", "fail": True}
        assert (await client.post("/v1/notes", headers=headers, json=body)).status_code == 409
        assert (await client.post("/v1/notes", headers=headers, json={"note": "late"})).status_code == 201


async def test_strangers_are_asked_who_they_are_and_a_bad_token_is_refused(app: FastAPI) -> None:
    async with serving(app) as client:
        stranger = await client.post("/v1/notes", json={"note": "x"})
        assert stranger.status_code == 401
        assert stranger.headers["www-authenticate"] == "Bearer"
        for token in ("nwr_none_such", "boot2", "nwr_", ""):
            refused = await client.post("/v1/notes", json={"note": "x"}, headers={"Authorization": f"Bearer {token}"})
            assert refused.status_code == 401, token


async def test_head_answers_as_get_without_its_body(app: FastAPI) -> None:
    async with serving(app) as client:
        got, headed = await client.get("/v1/notes"), await client.head("/v1/notes")
        assert headed.status_code == 200
        assert headed.content == b""
        assert headed.headers["content-length"] == got.headers["content-length"]


async def test_a_request_has_one_id_in_its_answer_its_log_and_its_facts(
    app: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with serving(app), httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        made = (await client.get("/v1/notes")).headers["x-correlation-id"]
        assert made != (await client.get("/v1/notes")).headers["x-correlation-id"]
        given = await client.get("/v1/notes", headers={"X-Correlation-Id": "order-17"})
        assert given.headers["x-correlation-id"] == "order-17"
        capsys.readouterr()
        broken = await client.post("/v1/notes", json={}, headers={**BOOT, "X-Correlation-Id": "order-18"})
    assert (broken.status_code, broken.json()["correlation_id"]) == (500, "order-18")
    assert broken.headers["x-correlation-id"] == "order-18"
    [line] = [line for line in capsys.readouterr().out.splitlines() if "a door failed" in line]
    assert "correlation_id=order-18" in line


async def test_a_route_that_names_nobody_keeps_the_service_from_starting(app: FastAPI) -> None:
    open_router = DoorRouter()

    @open_router.get("/v1/secrets")
    async def tell() -> str:
        return "all"

    settings = Settings(database_url="postgresql://x/y", redis_url="redis://127.0.0.1:1")
    with pytest.raises(TypeError, match=r"GET /v1/secrets"):
        Service("ingest", settings).join(routers=[open_router])
