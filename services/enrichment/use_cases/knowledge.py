"""What the steps know beside the text, taken in again when it changed: vocabulary, sections learned, rarity of late."""

import time
from collections.abc import Mapping
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.learner import Learner
from services.enrichment.domain.rarity import Lately
from services.enrichment.domain.vocabulary import KnownTag, Vocabulary
from services.enrichment.settings import Settings
from services.enrichment.steps.section import GuessSection
from services.enrichment.steps.tags import ChooseTags
from services.enrichment.storage import choices, lately, vocabulary

State = tuple[datetime | None, int]
_WINDOW = 8_192  # the newest articles that a process begins with
_SHARE = 100  # proposals are taken in so seldom that it takes at most one part in so many of a process's time


class Knowledge:
    """Holds what the steps learn from, and what it last took in."""

    def __init__(self, tags: ChooseTags, section: GuessSection, seen: Lately, settings: Settings) -> None:
        self._tags = tags
        self._section = section
        self._lately = seen
        self._settings = settings
        self._vocabulary_state: State | None = None
        self._common: vocabulary.State = ()
        self._common_due = 0.0
        self._learned_to = 0
        self._counted_to = 0

    @property
    def matched(self) -> Mapping[str, KnownTag]:
        """The tags that texts are matched with, by slug."""
        return self._tags.vocabulary.tags

    async def refresh(self, session: AsyncSession) -> None:
        """Take in what changed since the last time."""
        await self._match(session)
        await self._learn(session)
        await self._count(session)

    async def _match(self, session: AsyncSession) -> None:
        """Match with another vocabulary: at once where people changed it, in a while where proposals became common."""
        state, looks = await vocabulary.last_change(session), time.monotonic() >= self._common_due
        if state == self._vocabulary_state and not looks:
            return
        began, common = time.monotonic(), await vocabulary.common_proposals(session, self._settings.known_after)
        if (state, common) != (self._vocabulary_state, self._common):
            self._tags.vocabulary = snapshot(await vocabulary.matched_tags(session, self._settings.known_after))
            self._vocabulary_state, self._common = state, common
        ended = time.monotonic()
        self._common_due = ended + max(self._settings.vocabulary_seconds, _SHARE * (ended - began))

    async def _learn(self, session: AsyncSession) -> None:
        """Fold choices made since the last time into the learner; a changed mind takes the former choice back."""
        learner: Learner = self._section.learner
        for choice in await choices.since(session, self._learned_to):
            if choice.undone_section:
                learner.learn(choice.undone_section, choice.undone_words, -1)
            learner.learn(choice.section, choice.words)
            self._learned_to = choice.id

    async def _count(self, session: AsyncSession) -> None:
        """Count the terms of the articles that came since the last time."""
        newest = await lately.newest(session)
        if newest <= self._counted_to:
            return
        after = max(self._counted_to, newest - _WINDOW)
        for language, features in await lately.terms_between(session, after, newest):
            self._lately.add(language, features.keys())
        self._counted_to = newest


def snapshot(rows: object) -> Vocabulary:
    """The vocabulary from its rows: merged tags lead to what they were merged into, rejected ones to nothing."""
    known: dict[str, KnownTag] = {}
    refused: list[str] = []
    for row in rows:  # type: ignore[attr-defined]  # rows of `matched_tags`
        if row.status == "rejected":
            refused.append(row.slug)
        elif row.status != "merged":
            settled = row.status == "known"
            known[row.slug] = KnownTag(row.slug, row.name, row.kind, tuple(row.aliases), row.parent, settled)
    return Vocabulary.of(known.values(), refused)
