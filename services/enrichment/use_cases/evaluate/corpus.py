"""A file of articles, read and indexed in memory by the same functions that read and index rows."""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from uuid import UUID

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.known import KnownArticle
from services.enrichment.domain.rarity import Lately
from services.enrichment.domain.relate import Asking, Likeness, likenesses
from services.enrichment.settings import Settings
from services.enrichment.use_cases.candidates import best_candidates
from services.enrichment.use_cases.evaluate.files import Labelled

Reader = Callable[[Draft], Draft]
#: The pipeline of steps around what articles before had to say.
Steps = Callable[[Lately], Reader]
TERMS_ASKED: int = Settings.model_fields["terms_asked"].default
CAP: int = Settings.model_fields["cap"].default
CANDIDATES: int = Settings.model_fields["candidates"].default
_SAY_EVERY = 5_000


class Corpus:
    """Articles read once, in their order; number = place in the file + 1. What is kept of each is what rows keep."""

    def __init__(self, articles: Sequence[Labelled], steps: Steps) -> None:
        self.articles = articles
        self.known: list[KnownArticle] = []
        self.terms: list[dict[int, float]] = []
        for draft in read_in_order(articles, steps):
            number = len(self.known) + 1
            self.known.append(KnownArticle(number, draft.article_id, language=draft.language, features=draft.features))
            self.terms.append(draft.features.telling(TERMS_ASKED))

    @cached_property
    def lists(self) -> dict[int, npt.NDArray[np.int32]]:
        """The numbers under each term, ascending."""
        held: dict[int, list[int]] = defaultdict(list)
        for known, terms in zip(self.known, self.terms, strict=True):
            for term in terms:
                held[term].append(known.number)
        return {term: np.array(numbers, dtype=np.int32) for term, numbers in held.items()}

    @cache  # noqa: B019  # a corpus lives as long as its measurement
    def related(self, number: int, before: bool = False) -> list[Likeness]:
        """The related articles of one as the service finds them: candidates by rare terms, then compared in full.

        Among all articles, or among those that came before it: as it would have been when it came.
        """
        mine, terms = self.known[number - 1], self.terms[number - 1]
        ends = {t: int(np.searchsorted(self.lists[t], number)) if before else len(self.lists[t]) for t in terms}
        lists = {t: self.lists[t][max(0, end - CAP) : end] for t, end in ends.items()}
        chosen = best_candidates(number, terms, lists, CANDIDATES)
        asking = Asking(mine.features, {}, number, mine.language)
        return likenesses(asking, [self.known[n - 1] for n in chosen])


def read_in_order(articles: Sequence[Labelled], steps: Steps) -> Iterator[Draft]:
    """The articles read one after another, each knowing what those before it said."""
    lately = Lately()
    read = steps(lately)
    for at, a in enumerate(articles, 1):
        draft = read(Draft(UUID(int=at), a.title, a.text, a.language))
        lately.add(draft.language, draft.features.keys())
        yield draft
        if at % _SAY_EVERY == 0:
            sys.stderr.write(f"read {at} of {len(articles)} articles\n")
