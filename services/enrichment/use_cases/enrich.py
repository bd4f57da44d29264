"""Enriching: read what was heard, keep it in the index, compare it with what is there, and say what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.choices import Choices, with_choices
from services.enrichment.domain.draft import Draft, TagFound
from services.enrichment.domain.duplicates import lower_halves
from services.enrichment.domain.search import search_vector
from services.enrichment.steps.section import section_words
from services.enrichment.storage import articles, choices, index, prints, rereading, vocabulary
from services.enrichment.storage.articles import Standing
from services.enrichment.use_cases.candidates import Listings
from services.enrichment.use_cases.enricher import Enricher
from services.enrichment.use_cases.relating import Entry, relate_entries
from services.enrichment.use_cases.telling import fixed_answer
from shared.events import ArticleEnriched

_NEIGHBOURS = 3
_AFTER_A_BURST = timedelta(seconds=10)  # so that the articles of one burst are one reading


@dataclass(frozen=True, slots=True)
class Heard:
    """One revision of an article as a door heard it. `choices` is None where the fact says nothing of them."""

    draft: Draft
    of: Literal["ingested", "edited"]
    revision: int
    choices: Choices | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    heard: Heard
    draft: Draft
    choices: Choices
    before: Standing | None = None

    @property
    def section(self) -> str | None:
        if self.choices.section:
            return self.choices.section
        return self.draft.guess.slug if self.draft.guess else None


async def enrich(
    session: AsyncSession, enricher: Enricher, heard: Sequence[Heard], now: datetime
) -> list[ArticleEnriched]:
    """Enrich revisions in the order they were heard; older and repeated ones, and killed articles, are passed over."""
    newest = {h.draft.article_id: h for h in sorted(heard, key=lambda h: h.revision)}
    before = await articles.standing(session, newest.keys())
    fresh = [h for h in newest.values() if _is_news(h, before.get(h.draft.article_id))]
    if enricher.fixed:
        rows = [{"article_id": h.draft.article_id} | _revision_row(h, enricher) for h in fresh]
        await articles.enter(session, rows)
        return [fixed_answer(h.draft, h.of, h.revision, now) for h in fresh]
    facts = await _enrich(session, enricher, fresh, before, now)
    await _outdate_neighbours(session, [f for f in facts if f.article_id not in before], now)
    return facts


async def _outdate_neighbours(session: AsyncSession, new: Sequence[ArticleEnriched], now: datetime) -> None:
    """Note the nearest older articles: their lists do not name yet what has just come."""
    came = {f.article_id for f in new}
    nearest = {r.article_id for f in new for r in f.related[:_NEIGHBOURS]} - came
    numbers = await articles.numbers_of(session, nearest)
    await rereading.outdate(session, sorted(numbers.values()), now + _AFTER_A_BURST)


async def enrich_again(
    session: AsyncSession, enricher: Enricher, heard: Sequence[Heard], now: datetime
) -> list[ArticleEnriched]:
    """Enrich revisions that were enriched before: by another version, or with another vocabulary."""
    before = await articles.standing(session, {h.draft.article_id for h in heard})
    return await _enrich(session, enricher, heard, before, now)


async def _enrich(
    session: AsyncSession, enricher: Enricher, heard: Sequence[Heard], before: Mapping[UUID, Standing], now: datetime
) -> list[ArticleEnriched]:
    read = [_read(h, before.get(h.draft.article_id), enricher) for h in heard]
    numbers = await articles.numbered(session, [r.draft.article_id for r in read])
    await _keep(session, read, numbers, enricher, now)
    entries = [
        Entry(
            numbers[r.draft.article_id],
            r.draft,
            r.section,
            r.choices,
            r.heard.of,
            r.heard.revision,
            r.before.story_id if r.before else None,
            r.before.state if r.before else "draft",
            _article_row(r, enricher),
        )
        for r in read
    ]
    return await relate_entries(session, enricher, entries, now)


def _is_news(heard: Heard, before: Standing | None) -> bool:
    if before is None:
        return True
    last = before.ingested if heard.of == "ingested" else before.edited
    return heard.revision > last and before.state != "killed"


def _read(heard: Heard, before: Standing | None, enricher: Enricher) -> _Read:
    stored = Choices.from_row(before.choices if before else {})
    chosen = heard.choices if heard.choices is not None else stored
    return _Read(heard, with_choices(enricher.read(heard.draft), chosen), chosen, before)


def _revision_row(heard: Heard, enricher: Enricher) -> dict[str, Any]:
    revision = "ingested" if heard.of == "ingested" else "edited"
    return {revision: heard.revision, "read_from": heard.of, "enricher": enricher.version}


async def _keep(
    session: AsyncSession, read: Sequence[_Read], numbers: Mapping[UUID, int], enricher: Enricher, now: datetime
) -> None:
    """Write words, postings, fingerprints and proposed tags."""
    await articles.keep_texts(session, [_text_row(numbers[r.draft.article_id], r) for r in read])
    most = enricher.settings.terms_asked
    await index.add_postings(session, {numbers[r.draft.article_id]: _new_keys(r, most) for r in read})
    await prints.add_prints(session, {numbers[r.draft.article_id]: _new_prints(r) for r in read})
    await vocabulary.propose(session, [t for r in read for t in _new_tags(r)], now)
    for r in read:
        if r.heard.choices and r.heard.choices.section:
            words = sorted(set(section_words(r.draft)))
            await choices.record(session, r.draft.article_id, r.heard.revision, r.heard.choices.section, words, now)


def _new_keys(read: _Read, most: int) -> list[int]:
    """The keys to list the article under; none under which an earlier revision already is."""
    draft, was = read.draft, read.before
    keys = [*draft.features.rarest(most), *Listings.of(draft.authors, read.section, (t.slug for t in draft.tags))]
    held = {*was.features.rarest(most), *Listings.of(was.authors, was.section, was.tags)} if was else set()
    return [k for k in dict.fromkeys(keys) if k not in held]


def _new_prints(read: _Read) -> Sequence[int]:
    """The fingerprints to list the article under, in the same way."""
    return prints.not_held(read.draft.fingerprints, read.before.sample if read.before else b"")


def _new_tags(read: _Read) -> list[TagFound]:
    """Tags the article did not have before: each is one more use."""
    had = set(read.before.tags) if read.before else set()
    return [t for t in read.draft.tags if t.slug not in had]


def _article_row(read: _Read, enricher: Enricher) -> dict[str, Any]:
    draft = read.draft
    return _revision_row(read.heard, enricher) | {
        "language": draft.language,
        "outlet": draft.outlet,
        "authors": list(draft.authors[:5]),
        "section": read.section,
        "tags": "\n".join(t.slug for t in draft.tags),
        "published_at": draft.published_at,
        "features": draft.features.packed,
        "sample": lower_halves(draft.fingerprints),
        "choices": read.choices.to_row(),
    }


def _text_row(number: int, read: _Read) -> dict[str, Any]:
    heard, draft = read.heard.draft, read.draft
    return {
        "number": number,
        "headline": draft.headline,
        "body": draft.body,
        "declared": heard.declared,
        "source_section": heard.section,
        "keywords": list(heard.keywords),
        "words": search_vector(draft.headline, draft.body),
    }
