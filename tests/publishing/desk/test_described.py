"""What the OpenAPI says an answer is, it is: documents beside our JSON too, and that you have one already."""

from tests.conftest import NewDatabase
from tests.publishing.desk.at_door import at_door

DOCUMENTS = [
    *((f"/feeds/all.{ending}", "/feeds/all.{extension}") for ending in ("rss", "atom", "json")),
    *((path, path) for path in ("/feeds/all.opml", "/sitemap-news.xml", "/docs/asyncapi.json")),
    ("/v1/public/articles/{slug}", "/v1/public/articles/{slug}"),
    ("/v1/public/articles/{slug}?format=ninjs", "/v1/public/articles/{slug}"),
    ("/v1/public/articles/{slug}?format=jsonld", "/v1/public/articles/{slug}"),
]


async def test_documents_are_of_a_described_type(new_database: NewDatabase, redis_url: str) -> None:
    async with at_door(new_database, redis_url) as house:
        article = await house.chief.write()
        done = await house.chief.do("publish", article, undo_seconds=0)
        described = (await house.client.get("/openapi.json")).json()["paths"]
        for path, door in DOCUMENTS:
            asked, responses = path.replace("{slug}", done["slug"]), described[door]["get"]["responses"]
            answer = await house.client.get(asked)
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"].partition(";")[0] in responses["200"]["content"], asked
            again = await house.client.get(asked, headers={"if-none-match": answer.headers["etag"]})
            assert (again.status_code, "304" in responses) == (304, True), asked
