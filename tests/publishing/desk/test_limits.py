"""One caller may ask only so often; what is left is told with every answer, and guessing at tokens ends soon."""

from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from services.publishing.app import build
from services.publishing.settings import Settings
from tests.builders import serving

NewDatabase = Callable[[str], Awaitable[str]]
RIGHT = {"authorization": "Bearer nwr_test"}


async def test_one_request_too_many_is_refused_with_the_moment_to_come_back(
    new_database: NewDatabase, redis_url: str
) -> None:
    house = Settings(
        database_url=await new_database("publishing"),
        redis_url=redis_url,
        token=SecretStr("nwr_test"),
        requests_per_minute=5,
    )
    async with serving(build(house)) as client:
        left = []
        for _ in range(5):
            answer = await client.get("/v1/me", headers=RIGHT)
            assert answer.status_code == 200
            assert answer.headers["ratelimit-policy"] == '"all";q=5;w=60'
            left.append(answer.headers["ratelimit"].partition(";t=")[0])
        assert left == [f'"all";r={n}' for n in (4, 3, 2, 1, 0)]
        refused = await client.get("/v1/me", headers=RIGHT)
        assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests")
        assert 1 <= int(refused.headers["retry-after"]) <= 61
        assert refused.headers["ratelimit"].startswith('"all";r=0;t=')
        assert (await client.get("/v1/public/articles")).status_code == 200, "another caller"
        assert (await client.get("/healthz")).status_code == 200, "checks are not counted"
        assert "ratelimit" not in (await client.get("/")).headers, "nor are pages"


async def test_guessing_at_tokens_ends_but_harms_no_one_else(new_database: NewDatabase, redis_url: str) -> None:
    house = Settings(
        database_url=await new_database("publishing"),
        redis_url=redis_url,
        token=SecretStr("nwr_test"),
        wrong_tokens_per_minute=3,
    )
    async with serving(build(house)) as client:
        assert (await client.get("/v1/me", headers=RIGHT)).status_code == 200
        guessed = [
            (await client.get("/v1/me", headers={"authorization": f"Bearer nwr_{n}_x"})).status_code for n in range(5)
        ]
        assert guessed == [401, 401, 401, 429, 429]
        assert (await client.get("/v1/me", headers=RIGHT)).status_code == 200, "a token that was right stays so"
        assert (await client.get("/v1/public/articles")).status_code == 200, "who shows none is not guessing"
