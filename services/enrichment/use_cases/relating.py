"""Relating: for each article just kept, find its candidates, copies, story and related lists, and tell them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.choices import Choices
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.duplicates import Overlap, Runs, kind_of, lower_halves, overlap, share_enough
from services.enrichment.domain.known import KnownArticle
from services.enrichment.domain.relate import SHARED, Asking, Likeness, Related, four_lists, likenesses
from services.enrichment.domain.stories import threshold
from services.enrichment.domain.text import words
from services.enrichment.storage import articles, prints
from services.enrichment.use_cases.candidates import Listings, asked_terms, best_candidates, newest_lists
from services.enrichment.use_cases.enricher import Enricher
from services.enrichment.use_cases.storying import Shelf
from services.enrichment.use_cases.telling import told
from shared.events import ArticleEnriched

_TOLD = 0.6  # from here on a tag is what the article tells of, and its kind counts


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as it stands in the index, with what was read in it."""

    number: int
    draft: Draft
    section: str | None
    choices: Choices
    of: Literal["ingested", "edited"]
    revision: int
    story_id: UUID | None = None
    state: str = "draft"
    row: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> KnownArticle:
        """The same as others meet it: its row is written when its story is known."""
        draft = self.draft
        return KnownArticle(
            self.number, draft.article_id, self.state, draft.language, draft.outlet, draft.authors[:5], self.section,
            frozenset(t.slug for t in draft.tags), self.story_id, draft.published_at, draft.features,
        )  # fmt: skip

    def asking(self, story_id: UUID | None = None) -> Asking:
        """The question for its related articles."""
        draft = self.draft
        tags = sorted(draft.tags, key=lambda t: -SHARED.get(t.kind, 0.0))  # the most telling kinds first, then by score
        return Asking(
            draft.features, draft.readable, self.number, draft.language, draft.outlet, draft.authors, self.section,
            {t.slug: t.name for t in tags}, {t.slug: t.kind for t in tags if t.score >= _TOLD}, story_id,
            draft.published_at, tuple(n.text for n in draft.names if " " in n.text),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copy:
    """A stored article that shares text with the asking one."""

    article: KnownArticle
    shared: Overlap


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the index holds around one entry."""

    found: list[Likeness]
    copies: list[Copy]

    @property
    def copied(self) -> frozenset[int]:
        """Numbers of articles that are near-duplicates and so belong on no related list."""
        return frozenset(c.article.number for c in self.copies if kind_of(c.shared) in ("same", "update", "excerpt"))


async def relate_entries(
    session: AsyncSession, enricher: Enricher, entries: Sequence[Entry], now: datetime
) -> list[ArticleEnriched]:
    """The facts about these entries, in their order; stories are joined one after another."""
    facts: list[ArticleEnriched] = []
    come = {e.number: e for e in entries}
    for some in _groups(entries, enricher.settings.together):
        around = await surroundings(session, enricher, some, come)
        shelf = await Shelf.around(session, _stories_around(some, around), now)
        for entry in sorted(some, key=lambda e: e.number):
            near = _with_stories(around[entry.number], shelf)
            story = shelf.place(entry.number, entry.draft, near.found, entry.story_id)
            lists = lists_of(entry, near, story.id if story.size > 1 else None)
            facts.append(told(entry, enricher.version, near, story, lists, now))
        rows = {e.number: {**e.row, "story_id": shelf.story_of(e.number, e.story_id)} for e in some}
        await articles.keep_articles(session, rows)
        await shelf.keep(session)
    return facts


def _stories_around(entries: Sequence[Entry], around: Mapping[int, Surroundings]) -> set[UUID]:
    """Every story an article of these could be in: one of its articles must be as alike as all of them together."""
    near = {
        x.article.story_id for e in entries for x in around[e.number].found if x.alike >= threshold(e.draft.language)
    }
    return {s for s in near | {e.story_id for e in entries} if s is not None}


def lists_of(entry: Entry, near: Surroundings, story_id: UUID | None) -> dict[str, list[Related]]:
    """The related lists of an entry."""
    return four_lists(entry.asking(story_id), near.found, near.copied, entry.choices.pinned, entry.choices.hidden)


async def surroundings(
    session: AsyncSession, enricher: Enricher, entries: Sequence[Entry], come: Mapping[int, Entry] | None = None
) -> dict[int, Surroundings]:
    """Likenesses and copies for each entry, in a few questions to the database for all of them.

    `come` are those whose rows are not written yet.
    """
    come = come or {}
    settings = enricher.settings
    terms = {e.number: asked_terms(e.draft, settings) for e in entries}
    listings = {e.number: Listings.of(e.draft.authors, e.section, (t.slug for t in e.draft.tags)) for e in entries}
    lists = await newest_lists(session, [*terms.values(), *listings.values()], settings)
    sharing = await prints.sharing_text(session, {e.number: e.draft.fingerprints for e in entries})
    chosen = {
        e.number: best_candidates(e.number, terms[e.number], lists, settings.candidates, listings[e.number])
        for e in entries
    }
    pins = await articles.numbers_of(session, {p for e in entries for p in e.choices.pinned})
    suspects = {n for numbers in sharing.values() for n in numbers}
    wanted = {n for numbers in chosen.values() for n in numbers} | suspects | set(pins.values())
    known = await articles.known_articles(session, wanted - come.keys())
    known |= {n: come[n].known for n in wanted & come.keys()}
    alike = await _enough_shared(session, entries, sharing, come)
    bodies = await articles.bodies(session, {n for numbers in alike.values() for n in numbers})
    answer: dict[int, Surroundings] = {}
    for e in entries:
        others = [*chosen[e.number], *(pins[p] for p in e.choices.pinned if p in pins), *sharing.get(e.number, ())]
        found = likenesses(e.asking(), [known[n] for n in dict.fromkeys(others) if n in known])
        answer[e.number] = Surroundings(found, _copies(e, alike.get(e.number, ()), known, bodies))
    return answer


async def _enough_shared(
    session: AsyncSession, entries: Sequence[Entry], sharing: Mapping[int, Sequence[int]], come: Mapping[int, Entry]
) -> dict[int, list[int]]:
    """Of those that share a fingerprint the ones that share enough."""
    if not sharing:
        return {}
    suspects = {n for numbers in sharing.values() for n in numbers}
    samples = await prints.samples(session, suspects - come.keys())
    samples |= {n: lower_halves(come[n].draft.fingerprints) for n in suspects & come.keys()}
    mine = {e.number: e.draft.fingerprints for e in entries}
    return {
        asker: [n for n in numbers if n in samples and share_enough(mine[asker], samples[n])]
        for asker, numbers in sharing.items()
    }


def _copies(
    entry: Entry, sharing: Sequence[int], known: Mapping[int, KnownArticle], bodies: Mapping[int, str]
) -> list[Copy]:
    """Those that share enough fingerprints, laid side by side with this text."""
    if not sharing:
        return []
    copies, told = [], entry.draft.numbered
    mine = Runs.of(told.body_sums())
    for number in sharing:
        if number in known and not known[number].gone:
            shared = overlap(mine, Runs.of(told.words.sums(words(bodies.get(number, "")))))
            if kind_of(shared):
                copies.append(Copy(known[number], shared))
    return sorted(copies, key=lambda c: -c.shared.share)


def _with_stories(near: Surroundings, shelf: Shelf) -> Surroundings:
    """The same, knowing the stories that articles read together with this one were put into a moment ago."""
    found = [
        x if (story := shelf.story_of(x.article.number, x.article.story_id)) == x.article.story_id
        else x._replace(article=x.article._replace(story_id=story))
        for x in near.found
    ]  # fmt: skip
    return Surroundings(found, near.copies)


def _groups(entries: Sequence[Entry], most: int) -> list[Sequence[Entry]]:
    return [entries[at : at + most] for at in range(0, len(entries), most)]
