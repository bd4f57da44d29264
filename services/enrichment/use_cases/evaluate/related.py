"""Related stories against labelled ones: does an article's list hold the others of its story, and in front?"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from math import log, log2, sqrt

from services.enrichment.use_cases.evaluate.corpus import Corpus

DEPTH = 10


def measure_related(corpus: Corpus) -> dict[str, float]:
    """nDCG@10 and R@10 (of at most ten) over all labelled articles that have company, beside plain tf-idf's."""
    ours = _scores(corpus, lambda number: [x.article.number for x in corpus.related(number)[:DEPTH]])
    baseline = TfIdf(corpus)
    plain = _scores(corpus, baseline.nearest)
    return {
        "queries": ours[2],
        "ndcg_at_10": ours[0],
        "recall_at_10": ours[1],
        "tf_idf_cosine_ndcg_at_10": plain[0],
        "tf_idf_cosine_recall_at_10": plain[1],
    }


def _scores(corpus: Corpus, answer: Callable[[int], Sequence[int]]) -> tuple[float, float, int]:
    labels = [a.label for a in corpus.articles]
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

    def __init__(self, corpus: Corpus) -> None:
        counts = [Counter(w.lower() for w in (*d.title_words, *d.body_words)) for d in corpus.drafts]
        found = Counter(w for c in counts for w in c)
        self.vectors: list[dict[str, float]] = []
        self.lists: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, count in enumerate(counts, 1):
            vector = {w: (1 + log(n)) * log(len(counts) / found[w]) for w, n in count.items() if found[w] > 1}
            norm = sqrt(sum(v * v for v in vector.values())) or 1.0
            self.vectors.append({w: v / norm for w, v in vector.items()})
            for w, v in self.vectors[-1].items():
                self.lists[w].append((number, v))

    def nearest(self, number: int) -> list[int]:
        """The ten nearest by cosine."""
        sums: Counter[int] = Counter()
        for word, weight in self.vectors[number - 1].items():
            for other, value in self.lists[word]:
                sums[other] += weight * value  # type: ignore[assignment]  # a Counter adds floats as well
        sums.pop(number, None)
        return [n for n, _ in sums.most_common(DEPTH)]
