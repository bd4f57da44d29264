"""Stories in the order of arrival against labelled ones, by BCubed (Bagga & Baldwin 1998)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID
from zlib import crc32

from services.enrichment.domain.stories import join_story, stay_or_move
from services.enrichment.use_cases.evaluate.corpus import Corpus


def measure_stories(corpus: Corpus) -> dict[str, float]:
    """BCubed over labelled articles in the file's order; all together, and two folds by topic each for itself."""
    labels = {n: a.label for n, a in enumerate(corpus.articles, 1) if a.label}
    placed = stories_in_order(corpus, frozenset())
    everything = bcubed(labels, placed)
    answer = {
        "articles": len(labels), "stories": len(set(labels.values())), "found": len({placed[n] for n in labels}),
        "precision": everything[0], "recall": everything[1], "f1": everything[2],
    }  # fmt: skip
    for fold, own in enumerate(by_topic(labels), 1):
        if own:
            placed = stories_in_order(corpus, labels.keys() - own.keys())
            answer[f"f1_fold_{fold}"] = bcubed(own, placed)[2]
            answer[f"f1_fold_{fold}_read_again"] = bcubed(own, read_again(corpus, placed))[2]
    return answer


def by_topic(labels: Mapping[int, str]) -> list[dict[int, str]]:
    """Two folds of labelled articles, no topic in both."""
    return [{n: lab for n, lab in labels.items() if crc32(topic_of(lab).encode()) % 2 == fold} for fold in (0, 1)]


def topic_of(label: str) -> str:
    """The topic a story label belongs to: its first number (`ecb-11-ecb` → `11`), else the label itself."""
    parts = label.split("-")
    return next((p for p in parts if p.isdigit()), label)


def stories_in_order(corpus: Corpus, without: Collection[int]) -> dict[int, UUID]:
    """Let the articles come one after another, some left out; each sees only those before it."""
    placed: dict[int, UUID] = {}
    sizes: Counter[UUID] = Counter()
    for known in (k for k in corpus.known if k.number not in without):
        found = [
            x._replace(article=x.article._replace(story_id=placed[x.article.number]))
            for x in corpus.related(known.number, before=True)
            if x.article.number in placed
        ]
        joined = join_story(known.language, found, sizes)
        placed[known.number] = joined.story_id or UUID(int=known.number)
        sizes[placed[known.number]] += 1
    return placed


def read_again(corpus: Corpus, placed: Mapping[int, UUID]) -> dict[int, UUID]:
    """Where all of them are once each has been read again, in their order, as a reindex does."""
    now, sizes = dict(placed), Counter(placed.values())
    for known in (k for k in corpus.known if k.number in now):
        found = [
            x._replace(article=x.article._replace(story_id=now[x.article.number]))
            for x in corpus.related(known.number)
            if x.article.number in now
        ]
        current = now[known.number]
        story = stay_or_move(known.language, found, sizes, current) or UUID(int=len(corpus.known) + known.number)
        if story != current:
            sizes[current] -= 1
            sizes[story] += 1
            now[known.number] = story
    return now


def bcubed(labels: dict[int, str], placed: dict[int, UUID]) -> tuple[float, float, float]:
    """Precision, recall and F1: of each article's found story how much is its own, of its own how much was found."""
    true: dict[str, set[int]] = defaultdict(set)
    found: dict[UUID, set[int]] = defaultdict(set)
    for number, label in labels.items():
        true[label].add(number)
        found[placed[number]].add(number)
    sums: Counter[str] = Counter()
    for number, label in labels.items():
        both = len(true[label] & found[placed[number]])
        sums["precision"] += both / len(found[placed[number]])  # type: ignore[assignment]  # a Counter adds floats too
        sums["recall"] += both / len(true[label])  # type: ignore[assignment]  # as above
    precision, recall = (sums[k] / max(1, len(labels)) for k in ("precision", "recall"))
    total = precision + recall
    return round(precision, 4), round(recall, 4), round(2 * precision * recall / total, 4) if total else 0.0
