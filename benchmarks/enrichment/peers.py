"""The baselines: packages of the extra `peers`, and what is shorter to write than to install. A missing one says so."""

import importlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any
from uuid import UUID

from services.enrichment.domain.background import background
from services.enrichment.domain.features import FIELDS
from services.enrichment.domain.text import WORD, stem, words
from services.enrichment.use_cases.evaluate.corpus import Corpus
from services.enrichment.use_cases.evaluate.duplicates import Originals, judged
from services.enrichment.use_cases.evaluate.files import Labelled
from services.enrichment.use_cases.evaluate.related import DEPTH, scores
from services.enrichment.use_cases.evaluate.stories import bcubed, by_topic
from services.enrichment.use_cases.evaluate.tags import marked_texts, phrases_f1

_GRAMMAR = 5.5  # Zipf values from which a word is grammar to TextRank


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        print(f"  {name} is not installed: `make bench-enrichment` installs what we are measured against")
        return None


def tantivy_more_like_this(articles: Sequence[Labelled], **given: int) -> tuple[float, float] | None:
    """nDCG@10 and R@10 of tantivy's more-like-this over title and text, as it comes or with other settings."""
    tantivy = _package("tantivy")
    if tantivy is None:
        return None
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("number", stored=True, indexed=True)
    builder.add_text_field("text", stored=True)
    index = tantivy.Index(builder.build())
    writer = index.writer()
    for number, article in enumerate(articles, 1):
        writer.add_document(tantivy.Document(number=number, text=f"{article.title} {article.text}"))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    at = {searcher.doc(a)["number"][0]: a for _, a in searcher.search(tantivy.Query.all_query(), len(articles)).hits}

    def nearest(number: int) -> list[int]:
        query = tantivy.Query.more_like_this_query(at[number], **given)
        found = [searcher.doc(a)["number"][0] for _, a in searcher.search(query, DEPTH + 1).hits]
        return [n for n in found if n != number][:DEPTH]

    return scores(articles, nearest)[:2]


def minhash(originals: Originals) -> dict[str, float] | None:
    """MinHash LSH (128 permutations of word 5-shingles) on the same copies, at the threshold that suits it best."""
    datasketch = _package("datasketch")
    if datasketch is None:
        return None

    def sketch(text: str) -> Any:
        made, told = datasketch.MinHash(num_perm=128), [w.lower() for w in words(text)]
        made.update_batch([" ".join(told[at : at + 5]).encode() for at in range(max(1, len(told) - 4))])
        return made

    sketches = [sketch(body) for body in originals.bodies]
    best: dict[str, float] = {"f1": 0.0}
    for threshold in (0.2, 0.3, 0.4, 0.5):
        index = datasketch.MinHashLSH(threshold=threshold, num_perm=128)
        for number, one in enumerate(sketches):
            index.insert(number, one)
        found = judged(originals, lambda copy: sketch(copy.text), _asking(index))
        best = max(best, found | {"threshold": threshold}, key=lambda x: x["f1"])
    return best


def _asking(index: Any) -> Callable[[Any], set[int]]:
    return lambda asked: set(index.query(asked))


def yake_f1(path: Path, longest: int) -> float | None:
    """F1@10 of YAKE."""
    yake = _package("yake")
    if yake is None:
        return None
    extractor = yake.KeywordExtractor(lan="en", n=longest, top=DEPTH)
    return phrases_f1(marked_texts(path), lambda text, _: [k for k, _score in extractor.extract_keywords(text)])


def text_rank_f1(path: Path, whole: bool) -> float:
    """F1@10 of TextRank: of its best words, or of the phrases that those make which touch."""
    return phrases_f1(marked_texts(path), lambda text, _: text_rank(text, whole))


def text_rank(text: str, whole: bool) -> list[str]:
    """Key phrases by Mihalcea and Tarau, "TextRank: Bringing Order into Texts" (2004), window of two, best third."""
    known, told = background("en"), WORD.findall(text.lower())
    worth = [w[0].isalpha() and len(w) > 2 and known.zipf(w) < _GRAMMAR for w in told]
    links: dict[str, set[str]] = defaultdict(set)
    for at, (one, other) in enumerate(pairwise(told)):
        if worth[at] and worth[at + 1] and one != other:
            links[one].add(other)
            links[other].add(one)
    ranks = dict.fromkeys(links, 1.0)
    for _ in range(30):
        ranks = {w: 0.15 + 0.85 * sum(ranks[o] / len(links[o]) for o in others) for w, others in links.items()}
    best = sorted(ranks, key=lambda w: -ranks[w])[: max(DEPTH, len(ranks) // 3)]
    if not whole:
        return best[:DEPTH]
    phrases: dict[str, float] = {}
    run: list[str] = []
    for word in [*told, ""]:
        if word in best:
            run.append(word)
        elif run:
            phrases[" ".join(run)] = sum(ranks[w] for w in run)
            run = []
    return sorted(phrases, key=lambda p: -phrases[p])[:DEPTH]


def single_cosine_stories(corpus: Corpus) -> tuple[float, str]:
    """BCubed F1 (mean of two folds) of average links by one cosine, whichever and at whatever threshold is best."""
    labels = {n: a.label for n, a in enumerate(corpus.articles, 1) if a.label}
    folds = by_topic(labels)
    best = (0.0, "")
    for at, name in enumerate(FIELDS):
        for enough in (0.10, 0.14, 0.18, 0.22, 0.26, 0.32, 0.40):
            figures = [bcubed(own, _linked(corpus, own, at, enough))[2] for own in folds]
            best = max(best, (round(sum(figures) / 2, 4), f"{name} from {enough:g}"))
    return best


def _linked(corpus: Corpus, own: Mapping[int, str], field: int, enough: float) -> dict[int, UUID]:
    placed: dict[int, UUID] = {}
    sizes: Counter[UUID] = Counter()
    for number in own:
        sums: dict[UUID, float] = defaultdict(float)
        for x in corpus.related(number, before=True):
            if x.article.number in placed:
                sums[placed[x.article.number]] += float(x.cosines[field])
        means = {story: total / sizes[story] for story, total in sums.items()}
        best = max(means, key=lambda s: means[s], default=None)
        placed[number] = best if best is not None and means[best] >= enough else UUID(int=number)
        sizes[placed[number]] += 1
    return placed


def naive_bayes(rows: Sequence[Labelled]) -> list[bool]:
    """Whether multinomial naive Bayes over words, learned online, guesses each class before it is told."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    totals: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    vocabulary: set[str] = set()
    right = []
    for at, row in enumerate(rows):
        told = [stem(w.lower()) for w in words(f"{row.title} {row.text}")]
        size = len(vocabulary) + 1
        best = max(
            seen,
            key=lambda c: log(seen[c] / at)
            + sum(log((counts[c][w] + 1) / (totals[c] + size)) for w in told),
            default="",
        )  # fmt: skip
        right.append(best == row.label)
        label = row.label or ""
        counts[label].update(told)
        totals[label] += len(told)
        seen[label] += 1
        vocabulary.update(told)
    return right


def lexical_roll_up(rows: Sequence[Labelled], topics: Path, classes: Mapping[str, str]) -> float:
    """Accuracy with nothing learned: the concepts whose names stand in the text, summed up to the top of the tree.

    `classes` leads from the names at the top to classes; what it does not name is the class "1".
    """
    held = {c["uri"]: c for c in json.loads(topics.read_text(encoding="utf-8"))["conceptSet"]}
    names = {u: frozenset(stem(w.lower()) for w in words(c["prefLabel"].get("en-GB", ""))) for u, c in held.items()}
    found = Counter(w for name in names.values() for w in name)
    listed = defaultdict(set)
    for uri, name in names.items():
        for w in name:
            listed[w].add(uri)
    tops = {u: classes.get(_top(held, u), "1") for u in held}
    right = 0
    for row in rows:
        here = {stem(w.lower()) for w in words(f"{row.title} {row.text}")}
        near = {u for w in here for u in listed.get(w, ())}
        worth = {u: sum(log(len(held) / found[w]) for w in names[u] & here) / len(names[u]) for u in near}
        sums: Counter[str] = Counter()
        for u in sorted(worth, key=lambda u: (-worth[u], u))[:10]:
            sums[tops[u]] += worth[u]  # type: ignore[assignment]  # a Counter adds floats as well
        right += bool(sums) and max(sums, key=lambda c: sums[c]) == row.label
    return round(right / max(1, len(rows)), 4)


def _top(held: Mapping[str, Any], uri: str) -> str:
    for _ in range(8):
        broader = held[uri].get("broader") or []
        if not broader or broader[0] not in held:
            break
        uri = broader[0]
    name: str = held[uri]["prefLabel"].get("en-GB", "")
    return name
