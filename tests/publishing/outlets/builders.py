"""Published articles for tests of the outlets."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.publishing.storage import public
from shared.events import (
    ArticleKilled,
    ArticlePublication,
    ArticlePublished,
    Correction,
    Picture,
    PublishedArticle,
    RelatedLink,
    Tag,
)
from shared.runtime import Database, utc_now

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


async def publish(
    database: Database, *articles: PublishedArticle, fact: type[ArticlePublication] = ArticlePublished
) -> None:
    """Make articles public and tell it, in one transaction, as the desk does when it lets them out."""
    now = utc_now()
    async with database.transaction() as tx:
        for start in range(0, len(articles), 200):
            await public.put_public(tx.session, [public_row(one, now) for one in articles[start : start + 200]])
        tx.tell(*(fact.model_validate(article.model_dump()) for article in articles))


def public_row(article: PublishedArticle, now: datetime) -> public.PublicArticle:
    """The row in which an article is public."""
    return public.PublicArticle(
        article_id=article.article_id,
        slug=article.slug,
        revision=article.revision,
        language=article.language,
        outlet=article.outlet,
        section=article.section,
        first_published_at=article.first_published_at,
        updated_at=article.updated_at,
        seen_at=now,
        article=article.model_copy(update={"related": []}).model_dump(mode="json"),
        related=[link.model_dump(mode="json") for link in article.related],
    )


async def kill(database: Database, article: PublishedArticle) -> None:
    """Take an article down and tell it."""
    now = utc_now()
    async with database.transaction() as tx:
        await public.take_down(
            tx.session, article.article_id, gone="kill", reason="Legal.", at=now, revision=article.revision + 1
        )
        tx.tell(
            ArticleKilled(
                article_id=article.article_id,
                revision=article.revision + 1,
                slug=article.slug,
                reason="Legal.",
                killed_at=now,
            )
        )


def another(number: int, **changes: Any) -> PublishedArticle:
    """An article like the reference, with an identity of its own."""
    key = UUID(int=(0x018F3A527C1E7D5A9B7E << 48) + number)
    facts = {
        "article_id": key,
        "slug": f"story-{number}",
        "url": f"http://testserver/articles/story-{number}",
        "headline": f"Story {number}",
        "first_published_at": AT + timedelta(minutes=number),
    }
    return a_published_article(**{**facts, **changes})
