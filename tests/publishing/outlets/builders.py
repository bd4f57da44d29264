"""Published articles for tests of the outlets."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.events import Correction, Picture, PublishedArticle, RelatedLink, Tag

ID = UUID("018f3a52-7c1e-7d5a-9b7e-2f1d5c0a6b01")
AT = datetime(2024, 11, 6, 9, 5, tzinfo=UTC)


def a_published_article(**changes: Any) -> PublishedArticle:
    """The reference story, whole: wire credit, byline, captioned picture, tags, related story, a correction."""
    facts: dict[str, Any] = {
        "article_id": ID,
        "revision": 3,
        "slug": "russia-reacts-cautiously-5c0a6b01",
        "url": "http://news.example/articles/russia-reacts-cautiously-5c0a6b01",
        "headline": "Russia reacts “cautiously” after Trump's win & more <soon>",
        "body_html": "<p>According to Reuters, the Kremlin said <b>nothing</b> &amp; waited.</p><p>Ninh Thuận đợi.</p>",
        "language": "en",
        "outlet": "VTC News",
        "wire": "Reuters",
        "byline": "Hoa Vu",
        "authors": ["Hoa Vu"],
        "source_url": "https://vtcnews.example/nga-ar905977.html?a=1&b=2",
        "published_at": AT,
        "first_published_at": AT,
        "updated_at": AT + timedelta(hours=2),
        "section": "political-system",
        "section_name": "Political System",
        "tags": [
            Tag(id="kremlin", name="Kremlin", kind="organisation"),
            Tag(id="vladimir-putin", name="Vladimir Putin", kind="person"),
            Tag(id="osaka", name="Osaka", kind="place"),
            Tag(id="elections", name="Elections"),
        ],
        "pictures": [
            Picture(
                url="https://img.example/g20.jpg",
                caption="Mr Trump met Mr Putin in Osaka in 2019.",
                credit="Reuters",
                alt="Two men shake hands",
                width=1200,
                height=800,
            )
        ],
        "related": [
            RelatedLink(
                article_id=UUID("018f3a52-7c1e-7d5a-9b7e-2f1d5c0a6b02"),
                score=0.8,
                reasons=["same story"],
                slug="zelensky-congratulates-5c0a6b02",
                headline="Zelensky congratulates Trump",
            )
        ],
        "corrections": [Correction(at=AT + timedelta(hours=2), note="The summit was in 2019.", old="2018", new="2019")],
        "urgency": 4,
    }
    return PublishedArticle.model_validate({**facts, **changes})
