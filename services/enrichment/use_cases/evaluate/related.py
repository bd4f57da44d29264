"""Related stories against labelled ones: does an article's list hold the others of its story, and in front?"""

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from math import log2

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.text import READ_AT_MOST, words
from services.enrichment.use_cases.evaluate.corpus import Corpus
from services.enrichment.use_cases.evaluate.files import Labelled

DEPTH = 10


def measure_related(corpus: Corpus) -> dict[str, float]:
    """nDCG@10 and R@10 (of at most ten) over all labelled articles that have company, beside plain tf-idf's."""
    ours = scores(corpus.articles, lambda number: [x.article.number for x in corpus.related(number)[:DEPTH]])
    plain = scores(corpus.articles, TfIdf(corpus.articles).nearest)
    return {
        "queries": ours[2],
        "ndcg_at_10": ours[0],
        "recall_at_10": ours[1],
        "tf_idf_cosine_ndcg_at_10": plain[0],
        "tf_idf_cosine_recall_at_10": plain[1],
    }


def scores(articles: Sequence[Labelled], answer: Callable[[int], Sequence[int]]) -> tuple[float, float, int]:
    """nDCG and recall at ten of the numbers answered for each labelled article with company, and how many were asked.

    At most ten of a story can be in ten, so recall is of those that could.
    """
    labels = [a.label for a in articles]
    sizes = Counter(label for label in labels if label)
    gains, recalls = [], []
    for number, label in enumerate(labels, 1):
        if not label or sizes[label] < 2:
            continue
        hits = [labels[n - 1] == label for n in answer(number)]
        most = min(DEPTH, sizes[label] - 1)
        ideal = sum(1 / log2(rank + 2) for rank in range(most))
        gains.append(sum(hit / log2(rank + 2) for rank, hit in enumerate(hits)) / ideal)
        recalls.append(sum(hits) / most)
    count = max(1, len(gains))
    return round(sum(gains) / count, 4), round(sum(recalls) / count, 4), len(gains)


class TfIdf:
    """The baseline: cosine over all words, (1 + ln tf) × ln(N / df), counted on the very file that is measured."""

    def __init__(self, articles: Sequence[Labelled]) -> None:
        ids: dict[str, int] = {}
        ends, terms, counts = [0], array("i"), array("f")
        for a in articles:
            told = Counter(w.lower() for w in words(f"{a.title}\n{a.text[:READ_AT_MOST]}"))
            terms.extend(ids.setdefault(w, len(ids)) for w in told)
            counts.extend(told.values())
            ends.append(len(terms))
        self._ends, self._terms = np.array(ends), np.array(terms, np.int32)
        tf = 1 + np.log(np.array(counts, np.float32))
        self._owners = np.repeat(np.arange(1, len(articles) + 1, dtype=np.int32), np.diff(self._ends))
        values = tf * np.log(len(articles) / np.maximum(1, np.bincount(self._terms, minlength=len(ids))))[self._terms]
        norms = np.sqrt(np.bincount(self._owners, values**2, minlength=len(articles) + 1))
        self._values = values / np.maximum(norms, 1e-9)[self._owners]
        self._by_term = np.argsort(self._terms, kind="stable")
        self._starts = np.searchsorted(self._terms[self._by_term], np.arange(len(ids) + 1))
        self._articles = len(articles)

    def nearest(self, number: int) -> list[int]:
        """The ten nearest by cosine."""
        sums: npt.NDArray[np.float64] = np.zeros(self._articles + 1)
        for at in range(self._ends[number - 1], self._ends[number]):
            held = self._by_term[self._starts[self._terms[at]] : self._starts[self._terms[at] + 1]]
            sums[self._owners[held]] += self._values[at] * self._values[held]
        sums[number] = 0.0
        best = np.argsort(-sums, kind="stable")[:DEPTH]
        return [int(n) for n in best if sums[n] > 0]
