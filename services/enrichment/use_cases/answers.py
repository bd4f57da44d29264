"""Answers to people: what is related to an article or to any text, what a search finds, what a story holds.

Readers are shown what is published, and of it what was published; editors everything that is not gone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.choices import Choices, with_choices
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.known import KnownArticle
from services.enrichment.domain.relate import Likeness, Related
from services.enrichment.storage import articles, stories
from services.enrichment.storage.stories import StoryRow
from services.enrichment.use_cases.enricher import Enricher
from services.enrichment.use_cases.relating import Entry, Surroundings, lists_of, surroundings


@dataclass(frozen=True, slots=True)
class Card:
    """An article as a list shows it. `slug` and `url` are None for what is not published."""

    article_id: UUID
    headline: str
    outlet: str
    language: str
    section: str | None
    published_at: datetime | None
    state: str
    slug: str | None = None
    url: str | None = None


async def related_to(
    session: AsyncSession, enricher: Enricher, article_id: UUID, everything: bool
) -> tuple[KnownArticle, dict[str, list[Related]], Surroundings] | None:
    """The related lists of a stored article as they are now; None where there is no such article to be seen."""
    known = await articles.by_id(session, article_id)
    if known is None or known.gone or (not everything and known.state != "published"):
        return None
    held = await articles.words_of(session, [known.number])
    if not held:
        return None
    w = held[0]
    standing = (await articles.choices_of(session, [known.number])).get(known.number, {})
    choices = Choices.from_row(standing)
    draft = enricher.read(
        Draft(w.article_id, w.headline, w.body, w.declared, w.outlet, w.authors, w.section, w.keywords, w.published_at)
    )
    entry = Entry(known.number, with_choices(draft, choices), known.section, choices, "ingested", w.revision)
    near = (await surroundings(session, enricher, [entry]))[known.number]
    near = seen(near, everything)
    return known, lists_of(entry, near, known.story_id), near


async def related_to_text(
    session: AsyncSession, enricher: Enricher, draft: Draft, everything: bool
) -> tuple[Draft, dict[str, list[Related]], Surroundings]:
    """What a pasted text is: the draft as read, the related lists and copies of it, stored nowhere."""
    read = enricher.read(draft)
    entry = Entry(0, read, read.guess.slug if read.guess else None, Choices(), "ingested", 0)
    near = seen((await surroundings(session, enricher, [entry]))[0], everything)
    return read, lists_of(entry, near, None), near


def seen(near: Surroundings, everything: bool) -> Surroundings:
    """Only what the asker may see."""

    def may(article: KnownArticle) -> bool:
        return article.state == "published" or (everything and not article.gone)

    found: list[Likeness] = [x for x in near.found if may(x.article)]
    return Surroundings(found, [c for c in near.copies if may(c.article)])


async def cards(session: AsyncSession, known: Sequence[KnownArticle]) -> dict[int, Card]:
    """How these articles are shown: as published where they are, else as the desk has them."""
    numbers = {k.number for k in known}
    shown = await articles.pages(session, numbers)
    own = await articles.headlines(session, numbers - shown.keys())
    made: dict[int, Card] = {}
    for k in known:
        page = shown.get(k.number)
        if page:
            made[k.number] = Card(
                k.article_id, page.headline, page.outlet, page.language, page.section, page.published_at, k.state,
                page.slug, page.url,
            )  # fmt: skip
        elif k.number in own:
            made[k.number] = Card(k.article_id, own[k.number], k.outlet, k.language, k.section, k.published_at, k.state)
    return made


async def story_of(
    session: AsyncSession, story_id: UUID, everything: bool
) -> tuple[StoryRow, list[KnownArticle]] | None:
    """A story with its articles, newest first; a story merged into another answers as that one."""
    story = await stories.by_id(session, story_id)
    if story is None:
        return None
    known = await articles.known_articles(session, await stories.members(session, story.id))
    members = [k for k in known.values() if k.state == "published" or (everything and not k.gone)]
    return (story, sorted(members, key=lambda k: -k.number)) if members else None


def of_lists(lists: Mapping[str, Collection[Related]], near: Surroundings) -> list[KnownArticle]:
    """Every article named in an answer."""
    return [r.article for rs in lists.values() for r in rs] + [c.article for c in near.copies]
