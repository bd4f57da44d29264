"""The baselines that are packages (the extra `peers`); each answers None, and says so, where it is not installed."""

import importlib
import random
from collections import Counter
from collections.abc import Sequence
from math import log2
from pathlib import Path
from typing import Any

from services.enrichment.domain.text import words
from services.enrichment.use_cases.evaluate.corpus import Labelled
from services.enrichment.use_cases.evaluate.tags import marked_texts

DEPTH = 10


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        print(f"  {name} is not installed: `make bench` installs what we are measured against")
        return None


def tantivy_more_like_this(articles: Sequence[Labelled]) -> tuple[float, float] | None:
    """nDCG@10 and R@10 of tantivy's more-like-this over title and text."""
    tantivy = _package("tantivy")
    if tantivy is None:
        return None
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("number", stored=True, indexed=True)
    builder.add_text_field("text", stored=True)
    index = tantivy.Index(builder.build())
    writer = index.writer()
    for number, article in enumerate(articles):
        writer.add_document(tantivy.Document(number=number, text=f"{article.title} {article.text}"))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    at = {searcher.doc(a)["number"][0]: a for _, a in searcher.search(tantivy.Query.all_query(), len(articles)).hits}
    sizes = Counter(a.label for a in articles if a.label)
    gains, recalls = [], []
    for number, article in enumerate(articles):
        if not article.label or sizes[article.label] < 2:
            continue
        query = tantivy.Query.more_like_this_query(
            at[number], min_doc_frequency=2, min_term_frequency=1, max_query_terms=64
        )
        found = [searcher.doc(a)["number"][0] for _, a in searcher.search(query, DEPTH + 1).hits]
        hits = [articles[n].label == article.label for n in found if n != number][:DEPTH]
        most = min(DEPTH, sizes[article.label] - 1)
        ideal = sum(1 / log2(r + 2) for r in range(most))
        gains.append(sum(h / log2(r + 2) for r, h in enumerate(hits)) / ideal)
        recalls.append(sum(hits) / most)
    return sum(gains) / len(gains), sum(recalls) / len(recalls)


def minhash_recall(bodies: Sequence[str], copies: int = 150) -> float | None:
    """How many of some copies cut to 30 % MinHash LSH (128 permutations, threshold .3) finds."""
    datasketch = _package("datasketch")
    if datasketch is None:
        return None

    def sketch(text: str) -> Any:
        made, told = datasketch.MinHash(num_perm=128), [w.lower() for w in words(text)]
        made.update_batch([" ".join(told[at : at + 5]).encode() for at in range(max(1, len(told) - 4))])
        return made

    index = datasketch.MinHashLSH(threshold=0.3, num_perm=128)
    for number, body in enumerate(bodies):
        index.insert(str(number), sketch(body))
    chance, found = random.Random(1), 0
    long = [n for n, b in enumerate(bodies) if len(b.split()) >= 60]
    for number in chance.sample(long, copies):
        told = bodies[number].split()
        size = max(20, round(len(told) * 0.3))
        start = chance.randrange(max(1, len(told) - size))
        found += str(number) in index.query(sketch(" ".join(told[start : start + size])))
    return found / copies


def yake_f1(path: Path, longest: int) -> float | None:
    """F1@10 of YAKE, exact but for case."""
    yake = _package("yake")
    if yake is None:
        return None
    extractor, total, count = yake.KeywordExtractor(lan="en", n=longest, top=DEPTH), 0.0, 0
    for text, marked in marked_texts(path):
        truth = {" ".join(words(m.lower())) for m in marked}
        found = [" ".join(words(k.lower())) for k, _ in extractor.extract_keywords(text)][:DEPTH]
        hits = len(set(found) & truth)
        total += 2 * hits / (len(found) + len(truth)) if hits else 0.0
        count += 1
    return total / max(1, count)
