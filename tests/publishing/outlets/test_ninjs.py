"""ninjs and JSON-LD of an article are valid by their schemas and say what the article says."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services.ingest.domain.items import Hints
from services.ingest.sources.ninjs import read_ninjs
from services.publishing.outlets import jsonld, ninjs
from tests.publishing.outlets.builders import AT, ID, a_published_article

DATA = Path(os.environ.get("NEWSROOM_DATA", Path(__file__).parents[4] / "shared" / "data"))
SCHEMA = DATA / "ninjs" / "specification" / "ninjs-schema_3.1.json"


@pytest.fixture(scope="module")
def validator() -> Any:
    if not SCHEMA.exists():
        pytest.skip(f"skipped, no data: {SCHEMA} (set NEWSROOM_DATA)")
    schema = json.loads(SCHEMA.read_text())
    text = json.dumps(schema).replace('{"$ref": "https://geojson.org/schema/GeoJSON.json"}', "{}")
    return jsonschema.Draft202012Validator(json.loads(text), format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"pictures": [], "related": [], "corrections": [], "tags": []},
        {"byline": None, "authors": [], "wire": None, "section": None, "urgency": None},
        {"summary": "A summary.", "language": "vi"},
    ],
    ids=["whole", "bare", "anonymous", "vietnamese"],
)
def test_ninjs_is_valid_by_the_schema(validator: Any, changes: dict[str, Any]) -> None:
    errors = [
        f"{list(e.path)}: {e.message}" for e in validator.iter_errors(ninjs.render(a_published_article(**changes)))
    ]
    assert errors == []


def test_a_canceled_item_is_valid_and_has_the_same_uri(validator: Any) -> None:
    item = ninjs.canceled(ID, 4, AT.isoformat(), "Legal.")
    assert list(validator.iter_errors(item)) == []
    assert item["uri"] == ninjs.render(a_published_article())["uri"]
    assert item["pubStatus"] == "canceled"


def test_ninjs_says_what_the_article_says() -> None:
    item = ninjs.render(a_published_article())
    assert item["headlines"][0]["value"] == a_published_article().headline
    assert item["by"] == "Hoa Vu"
    assert item["infoSources"] == [{"name": "VTC News", "role": "outlet"}, {"name": "Reuters", "role": "wire"}]
    assert item["people"] == [
        {"name": "Hoa Vu", "rel": "author"},
        {"name": "Vladimir Putin", "rel": "about", "literal": "vladimir-putin"},
    ]
    picture = item["associations"][0]
    assert picture["renditions"][0] == {
        "name": "original",
        "href": "https://img.example/g20.jpg",
        "width": 1200,
        "height": 800,
    }
    assert picture["by"] == "Reuters"


def test_json_ld_names_source_and_correction() -> None:
    item = jsonld.render(a_published_article(), "Newsroom", "http://news.example")
    assert item["@type"] == "NewsArticle"
    assert item["isBasedOn"] == a_published_article().source_url
    assert item["sourceOrganization"]["name"] == "VTC News"
    assert item["correction"][0]["text"] == "The summit was in 2019."
    assert item["image"][0]["creditText"] == "Reuters"


def test_json_ld_cannot_leave_its_script_block() -> None:
    text = jsonld.embedded(jsonld.render(a_published_article(headline="</script><script>x"), "N", "http://n"))
    assert "<" not in text
    assert json.loads(text)["headline"] == "</script><script>x"


@pytest.mark.parametrize("changes", [{}, {"language": "vi", "summary": "Tóm tắt."}, {"pictures": [], "tags": []}])
def test_our_own_ingest_takes_it_back_unchanged(changes: dict[str, Any]) -> None:
    # Ingest takes what looks like markup out of headlines; everything else comes back as it went.
    article = a_published_article(headline="Russia reacts “cautiously” after Trump's win & more", **changes)
    harvest = read_ninjs(json.dumps(ninjs.render(article)).encode(), Hints(now=AT + timedelta(days=1)))
    item = harvest.items[0]
    assert item.guid == f"urn:uuid:{article.article_id}"
    assert item.headline == article.headline
    assert item.summary == article.summary
    assert item.body_html == article.body_html
    assert item.language == article.language
    assert (item.outlet, item.wire, item.byline, item.authors) == ("VTC News", "Reuters", "Hoa Vu", ["Hoa Vu"])
    assert item.canonical_url == article.source_url
    assert item.published_at == article.first_published_at
    assert item.section == article.section_name
    assert item.urgency == article.urgency
    assert [(p.url, p.caption, p.credit, p.width, p.height) for p in item.pictures] == [
        (p.url, p.caption, p.credit, p.width, p.height) for p in article.pictures
    ]
    assert {tag.name for tag in article.tags} <= set(item.keywords)


def test_our_own_ingest_takes_a_kill_as_a_withdrawal() -> None:
    killed = json.dumps(ninjs.canceled(ID, 4, AT.isoformat(), "Legal.")).encode()
    item = read_ninjs(killed, Hints(now=AT)).items[0]
    assert item.guid == f"urn:uuid:{ID}"
    assert item.withdrawn == "Legal."
