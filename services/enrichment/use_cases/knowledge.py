"""What the steps know beside the text, taken in again when it changed: vocabulary, sections learned, rarity of late."""

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


class Knowledge:
    """Holds what the steps learn from, and what it last took in."""

    def __init__(self, tags: ChooseTags, section: GuessSection, seen: Lately, settings: Settings) -> None:
        self._tags = tags
        self._section = section
        self._lately = seen
        self._settings = settings
        self._vocabulary_state: State | None = None
        self._learned_to = 0
        self._counted_to = 0

    async def refresh(self, session: AsyncSession) -> None:
        """Take in what changed since the last time."""
        state = await vocabulary.last_change(session)
        if state != self._vocabulary_state:
            self._tags.vocabulary = snapshot(await vocabulary.matched_tags(session, self._settings.known_after))
            self._vocabulary_state = state
        await self._learn(session)
        await self._count(session)

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
