"""The events of the public log, described from their own classes, with an example of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from shared.events import (
    ArticleCorrected,
    ArticleKilled,
    ArticlePublished,
    ArticleUnpublished,
    ArticleUpdated,
    CommentRemoved,
    CommentShown,
    Correction,
    Picture,
    Publication,
    PublishedArticle,
    RelatedLink,
    Tag,
)

_AT = datetime(2024, 11, 6, 9, 5, tzinfo=UTC)
_ID = UUID("018f3a52-7c1e-7d5a-9b7e-2f1d5c0a6b01")
_WORDS = "#/components/schemas/"
_COMMENT = UUID("018f3a52-7c1e-7d5a-9b7e-2f1d5c0a6b09")


@dataclass(frozen=True)
class Described:
    """One event type: what it says, an example of its envelope, and its fields as (name, type, required, about).

    `words` are the schemas that `schema` refers to, by name.
    """

    type: str
    about: str
    example: dict[str, Any]
    schema: dict[str, Any]
    words: dict[str, Any]
    fields: list[tuple[str, str, bool, str]]


@cache
def described() -> list[Described]:
    """Every type of the log, the article's life first."""
    return [_describe(position, fact) for position, fact in enumerate(_examples(), 1)]


def _describe(position: int, fact: Publication) -> Described:
    kind = type(fact)
    schema = kind.model_json_schema(mode="serialization", ref_template=_WORDS + "{model}")
    words = schema.pop("$defs", {})
    required = set(kind.model_json_schema().get("required", ()))
    fields = [
        (name, _kind(part), name in required, part.get("description", ""))
        for name, part in schema["properties"].items()
    ]
    about = " ".join((kind.__doc__ or "").split()).removesuffix(" Told by publishing.")
    example = {
        "position": position,
        "specversion": "1.0",
        "id": str(UUID(int=_ID.int + position)),
        "source": "/newsroom/publishing",
        "type": kind.type_name(),
        "subject": fact.subject,
        "time": (_AT + timedelta(minutes=position)).isoformat(),
        "datacontenttype": "application/json",
        "correlationid": "0192f0c1-5a3e-7b11-8a55-0d3f6a2b9c10",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "data": fact.model_dump(mode="json", exclude_none=True),
    }
    return Described(kind.type_name(), about, example, schema, words, fields)


def _kind(part: dict[str, Any]) -> str:
    if "$ref" in part:
        return str(part["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in part:
        return " or ".join(_kind(option) for option in part["anyOf"])
    if "enum" in part:
        return " | ".join(str(value) for value in part["enum"])
    if part.get("type") == "array":
        return f"list of {_kind(part.get('items', {}))}"
    return str(part.get("format") or part.get("type") or "any")


def _examples() -> Iterator[Publication]:
    article = _article()
    later = {"revision": 2, "previous_revision": 1, "updated_at": _AT + timedelta(hours=2)}
    note = Correction(at=_AT + timedelta(hours=2), note="The viaduct has 476 spans, not 467.", old="467", new="476")
    yield ArticlePublished.model_validate(article)
    yield ArticleCorrected.model_validate({**article, **later, "changed": ["body_html"], "corrections": [note]})
    yield ArticleUpdated.model_validate({**article, **later, "changed": ["headline", "body_html"]})
    gone = {"article_id": _ID, "revision": 3, "slug": article["slug"]}
    off = _AT + timedelta(hours=3)
    yield ArticleUnpublished.model_validate({**gone, "reason": "Under review.", "unpublished_at": off})
    yield ArticleKilled.model_validate({**gone, "reason": "The person named was another.", "killed_at": off})
    said = {"comment_id": _COMMENT, "article_id": _ID, "revision": 1}
    when = {"submitted_at": _AT + timedelta(hours=1), "shown_at": _AT + timedelta(hours=1, minutes=2)}
    words = {"author_name": "Lan", "text": "Cảm ơn tòa soạn về tấm bản đồ."}
    yield CommentShown.model_validate({**said, **when, **words})
    yield CommentRemoved.model_validate({**said, "reason": "Its author took it back.", "removed_at": off})


def _article() -> dict[str, Any]:
    slug = "first-span-of-the-lagoon-viaduct-is-in-place-5c0a6b01"
    related = RelatedLink(
        article_id=UUID(int=_ID.int + 7),
        score=0.82,
        reasons=["the same story"],
        slug="coastal-railway-has-its-money-5c0a6b08",
        headline="The coastal railway has its money",
    )
    article = PublishedArticle(
        article_id=_ID,
        revision=1,
        slug=slug,
        url=f"https://news.example/articles/{slug}",
        headline="First span of the lagoon viaduct is in place",
        body_html="<p>According to Meridian Wire, the first span was set at low tide.</p>",
        language="en",
        outlet="The Lagoon Post",
        wire="Meridian Wire",
        byline="Tomas Hale",
        authors=["Tomas Hale"],
        source_url="https://lagoonpost.example/first-span",
        published_at=_AT,
        first_published_at=_AT,
        updated_at=_AT,
        section="society",
        section_name="Society",
        tags=[Tag(id="lagoon-viaduct", name="Lagoon viaduct", kind="place", reason="named in the headline")],
        pictures=[
            Picture(url="https://news.example/viaduct.jpg", caption="The span at low tide.", credit="Lagoon Post")
        ],
        related=[related],
    )
    return article.model_dump()
