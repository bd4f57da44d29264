"""Facts of the schema, put into enrichment's own words."""

from services.enrichment.domain.choices import Choices, chosen_tag
from services.enrichment.domain.draft import Draft
from services.enrichment.use_cases.enrich import Heard
from shared.events import ArticleEdited, ArticleIngested


def ingested(article: ArticleIngested) -> Heard:
    """A source's revision."""
    draft = Draft(
        article.article_id, article.headline, article.body_text, article.language, article.outlet or "",
        tuple(article.authors or ([article.byline] if article.byline else [])), article.section,
        tuple(article.keywords), article.published_at,
    )  # fmt: skip
    return Heard(draft, "ingested", article.revision)


def edited(article: ArticleEdited) -> Heard:
    """The desk's revision, with what editors chose."""
    chosen = article.section if article.section_chosen else None
    draft = Draft(
        article.article_id, article.headline, article.body_text, article.language, article.outlet or "",
        (article.byline,) if article.byline else (), article.section, (), article.published_at,
    )  # fmt: skip
    choices = Choices(
        chosen,
        tuple(chosen_tag(t.id, t.name, t.kind) for t in article.tags_chosen),
        frozenset(article.tags_rejected),
        tuple(article.related_pinned),
        frozenset(article.related_hidden),
    )
    return Heard(draft, "edited", article.revision, choices)
