"""Any article, public or not, in the formats others work with: ninjs, JSON, HTML, Markdown."""

from html import escape
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import Query
from fastapi.responses import Response

from services.publishing.api.at_desk import refusing
from services.publishing.domain.content import Content
from services.publishing.domain.markdown import markdown
from services.publishing.domain.publication import Place, published_article
from services.publishing.domain.refusals import not_found
from services.publishing.outlets import ninjs
from services.publishing.settings import Settings
from services.publishing.storage import articles, enrichments
from services.publishing.storage.articles import Article
from shared.events import ArticleEnriched, Correction, PublishedArticle, Role
from shared.runtime import DoorRouter, Reading, allow, part, utc_now

router = DoorRouter(tags=["articles"])
Format = Literal["ninjs", "json", "html", "markdown"]


@router.get(
    "/v1/articles/{article_id}/export",
    dependencies=[allow(Role.CONTRIBUTOR)],
    summary="Export an article",
    response_class=Response,
)
async def export_article(
    article_id: UUID,
    session: Reading,
    settings: Annotated[Settings, part(Settings)],
    format: Annotated[Format, Query()] = "json",  # noqa: A002  # the query's own word
) -> Response:
    """Its newest words as readers would get them if it went out now; a draft's missing facts are empty."""
    with refusing():
        head = await articles.find_article(session, article_id)
        if head is None:
            raise not_found(f"Article {article_id}")
    understood = (await enrichments.understood_of(session, [head.id])).get(head.id)
    body, media_type, ending = _rendered(_shown(head, understood, settings.public_url), format)
    name = {"content-disposition": f'attachment; filename="{head.slug}.{ending}"'}
    return Response(body, media_type=media_type, headers=name)


def _shown(head: Article, understood: ArticleEnriched | None, site: str) -> PublishedArticle:
    now = utc_now()
    place = Place(
        article_id=head.id,
        revision=head.revision,
        slug=head.slug,
        site=site.rstrip("/"),
        first_published_at=head.first_published_at or now,
        updated_at=head.updated_at,
        now=now,
        corrections=[Correction.model_validate(correction) for correction in head.corrections],
    )
    return published_article(Content.model_validate(head.content), place, understood)


def _rendered(article: PublishedArticle, wanted: Format) -> tuple[bytes | str, str, str]:
    match wanted:
        case "ninjs":
            return orjson.dumps(ninjs.render(article)), ninjs.MEDIA_TYPE, "ninjs.json"
        case "html":
            return _html(article), "text/html; charset=utf-8", "html"
        case "markdown":
            return _markdown(article), "text/markdown; charset=utf-8", "md"
        case "json":
            return article.model_dump_json(), "application/json", "json"


def _html(article: PublishedArticle) -> str:
    credit = " · ".join(escape(word) for word in (article.byline, article.outlet, article.wire) if word)
    return (
        f'<!doctype html><html lang="{escape(article.language)}"><meta charset="utf-8">'
        f"<title>{escape(article.headline)}</title><article><h1>{escape(article.headline)}</h1>"
        f"<p>{credit}, <time>{article.published_at.isoformat()}</time></p>{article.body_html}"
        f'<p><a href="{escape(article.source_url)}">{escape(article.source_url)}</a></p></article></html>'
    )


def _markdown(article: PublishedArticle) -> str:
    credit = " · ".join(word for word in (article.byline, article.outlet, article.wire) if word)
    lead = f"**{article.summary}**\n\n" if article.summary else ""
    date = article.published_at.isoformat()
    return f"# {article.headline}\n\n{credit}, {date}\n\n{lead}{markdown(article.body_html)}\n<{article.source_url}>\n"
