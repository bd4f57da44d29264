"""Near-duplicates: copies of seven kinds are made of a file's articles and looked for among all of them."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from uuid import UUID

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.duplicates import ENOUGH_SHARED, INDEXED, enough_shared, kind_of, overlap
from services.enrichment.domain.text import sentences
from services.enrichment.steps.fingerprint import SAMPLE
from services.enrichment.use_cases.evaluate.corpus import Corpus, Reader

_LEAST_WORDS = 60
_PER_KIND = 150


def measure_duplicates(corpus: Corpus, read: Reader, seed: int = 1) -> dict[str, float]:
    """Precision and recall of copies found, recall by kind, and the mean CPU of one look-up in milliseconds."""
    chance = random.Random(seed)
    long = [n for n, d in enumerate(corpus.drafts, 1) if len(d.body_words) >= _LEAST_WORDS]
    index = _index(corpus, INDEXED)
    natural = _alike_already(_index(corpus, SAMPLE))
    counts: Counter[str] = Counter()
    spent = 0.0
    for kind, make in KINDS.items():
        for number in chance.sample(long, min(_PER_KIND, len(long))):
            other = chance.choice([n for n in long if n != number])
            text, sources = make(corpus.drafts[number - 1], corpus.drafts[other - 1], chance)
            copy = read(Draft(UUID(int=0), "A copy", text, corpus.articles[number - 1].language))
            began = time.process_time()
            found = _look_up(copy, corpus, index)
            spent += time.process_time() - began
            wanted = {number, other} if sources == 2 else {number}
            counts[f"{kind} wanted"] += len(wanted)
            counts[f"{kind} found"] += len(wanted & found)
            counts["right"] += len(wanted & found)
            counts["wrong"] += len(found - wanted - set().union(*(natural.get(w, set()) for w in wanted)))
            counts["made"] += 1
    wanted_all = sum(n for k, n in counts.items() if k.endswith(" wanted"))
    answer = {
        "copies": float(counts["made"]),
        "precision": round(counts["right"] / max(1, counts["right"] + counts["wrong"]), 4),
        "recall": round(counts["right"] / max(1, wanted_all), 4),
        "ms_per_look_up": round(1000 * spent / max(1, counts["made"]), 3),
    }
    return answer | {
        f"recall_{kind}": round(counts[f"{kind} found"] / max(1, counts[f"{kind} wanted"]), 4) for kind in KINDS
    }


def _index(corpus: Corpus, most: int) -> dict[int, list[int]]:
    index: dict[int, list[int]] = defaultdict(list)
    for known, draft in zip(corpus.known, corpus.drafts, strict=True):
        for mark in draft.fingerprints[:most]:
            index[mark].append(known.number)
    return index


def _look_up(draft: Draft, corpus: Corpus, index: dict[int, list[int]]) -> set[int]:
    mine, found = set(draft.fingerprints), set()
    for number in {n for mark in draft.fingerprints for n in index.get(mark, ())}:
        other = corpus.drafts[number - 1]
        if len(mine.intersection(other.fingerprints)) >= enough_shared(
            len(draft.fingerprints), len(other.fingerprints)
        ):
            laid = overlap(draft.body_words, other.body_words)
            if kind_of(laid) in {"same", "update", "excerpt"}:
                found.add(number)
    return found


def _alike_already(index: dict[int, list[int]]) -> dict[int, set[int]]:
    """Articles of the file that share text as they came: a copy of one is rightly found in the other."""
    pairs: Counter[tuple[int, int]] = Counter()
    for numbers in index.values():
        for one in numbers:
            for other in numbers:
                if one != other:
                    pairs[one, other] += 1
    alike: dict[int, set[int]] = defaultdict(set)
    for (one, other), count in pairs.items():
        if count >= ENOUGH_SHARED:
            alike[one].add(other)
    return alike


def _lines(draft: Draft) -> list[str]:
    return sentences(draft.body)


def _trimmed(draft: Draft, _: Draft, chance: random.Random) -> tuple[str, int]:
    lines = _lines(draft)
    return " ".join(lines[: max(1, round(len(lines) * chance.uniform(0.6, 0.9)))]), 1


def _retitled(draft: Draft, _: Draft, _chance: random.Random) -> tuple[str, int]:
    return draft.body, 1


def _bylined(draft: Draft, _: Draft, _chance: random.Random) -> tuple[str, int]:
    return f"By Our Correspondent (Agency)\n{draft.body}\nReporting by A. Writer; editing by B. Reader.", 1


def _merged(draft: Draft, other: Draft, _chance: random.Random) -> tuple[str, int]:
    return f"{draft.body}\n{other.body}", 2


def _excerpted(draft: Draft, _: Draft, chance: random.Random) -> tuple[str, int]:
    lines = _lines(draft)
    start = chance.randrange(max(1, len(lines) // 2))
    return " ".join(lines[start : start + max(3, len(lines) // 2)]), 1


def _cut_to_30_percent(draft: Draft, _: Draft, chance: random.Random) -> tuple[str, int]:
    words = draft.body.split()
    size = max(20, round(len(words) * 0.3))
    start = chance.randrange(max(1, len(words) - size))
    return " ".join(words[start : start + size]), 1


def _retouched(draft: Draft, _: Draft, chance: random.Random) -> tuple[str, int]:
    words = draft.body.split()
    for at in chance.sample(range(len(words)), max(1, len(words) // 40)):
        words[at] = "indeed"
    return " ".join(words), 1


KINDS: dict[str, Callable[[Draft, Draft, random.Random], tuple[str, int]]] = {
    "trimmed": _trimmed,
    "retitled": _retitled,
    "bylined": _bylined,
    "merged": _merged,
    "excerpted": _excerpted,
    "cut_to_30_percent": _cut_to_30_percent,
    "retouched": _retouched,
}
