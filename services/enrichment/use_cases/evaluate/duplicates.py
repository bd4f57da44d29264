"""Near-duplicates: copies of seven kinds are made of a file's articles and looked for among all of them."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.duplicates import ENOUGH_SHARED, INDEXED, Runs, enough_shared, kind_of, overlap
from services.enrichment.domain.rarity import Lately
from services.enrichment.domain.text import words
from services.enrichment.steps.fingerprint import SAMPLE
from services.enrichment.use_cases.evaluate.copies import KINDS, LEAST_WORDS, Copy, copies, worth_copying
from services.enrichment.use_cases.evaluate.corpus import Reader, Steps, read_in_order
from services.enrichment.use_cases.evaluate.files import BadFile, Labelled

Asked = TypeVar("Asked")


@dataclass(frozen=True, slots=True)
class _Text:
    """What a row keeps of an article to find its copies."""

    body: str
    fingerprints: tuple[int, ...]


class Originals:
    """The articles of a file among which copies are looked for; number = place in the file."""

    def __init__(self, articles: Sequence[Labelled], steps: Steps) -> None:
        self.held = [_Text(d.body, d.fingerprints) for d in read_in_order(articles, steps)]
        self.bodies = [text.body for text in self.held]
        if len(worth_copying(self.bodies)) < 2:
            raise BadFile(f"at least two articles of {LEAST_WORDS} words or more are wanted to make copies of")
        self._index, self._whole = self._indexed(INDEXED), self._indexed(SAMPLE)

    def _indexed(self, most: int) -> dict[int, list[int]]:
        index: dict[int, list[int]] = defaultdict(list)
        for number, text in enumerate(self.held):
            for mark in text.fingerprints[:most]:
                index[mark].append(number)
        return index

    def copied_by(self, draft: Draft) -> set[int]:
        """Whose copy a text is, as the service finds it: by shared fingerprints, then side by side."""
        mine, found = set(draft.fingerprints), set()
        runs = Runs.of(draft.numbered.body_sums())
        for number in {n for mark in draft.fingerprints for n in self._index.get(mark, ())}:
            other = self.held[number]
            if len(mine.intersection(other.fingerprints)) >= enough_shared(len(mine), len(other.fingerprints)):
                theirs = Runs.of(draft.numbered.words.sums(words(other.body)))
                if kind_of(overlap(runs, theirs)) in {"same", "update", "excerpt"}:
                    found.add(number)
        return found

    def alike_already(self, number: int) -> set[int]:
        """Articles that share text with one as they came: its copy is rightly found in them too."""
        shared = Counter(n for mark in self.held[number].fingerprints for n in self._whole[mark])
        return {n for n, count in shared.items() if count >= ENOUGH_SHARED}


def measure_duplicates(articles: Sequence[Labelled], steps: Steps) -> dict[str, float]:
    """Precision and recall of copies found, recall by kind, and the mean CPU of one look-up in milliseconds."""
    originals, read = Originals(articles, steps), steps(Lately())
    return judged(originals, lambda copy: _read_first(read, copy), originals.copied_by)


def _read_first(read: Reader, copy: Copy) -> Draft:
    return read(Draft(UUID(int=0), "A copy", copy.text))


def judged(
    originals: Originals, prepare: Callable[[Copy], Asked], look_up: Callable[[Asked], set[int]]
) -> dict[str, float]:
    """How well a look-up finds what copies were made of. Only the look-up is timed, not what is done to the text."""
    counts: Counter[str] = Counter()
    spent = 0.0
    for copy in copies(originals.bodies):
        asked = prepare(copy)
        began = time.process_time()
        found = look_up(asked)
        spent += time.process_time() - began
        counts[f"{copy.kind} wanted"] += len(copy.sources)
        counts[f"{copy.kind} found"] += len(copy.sources & found)
        counts["right"] += len(copy.sources & found)
        counts["wrong"] += len(found - copy.sources - set().union(*map(originals.alike_already, copy.sources)))
        counts["made"] += 1
    wanted = sum(n for k, n in counts.items() if k.endswith(" wanted"))
    precision, recall = counts["right"] / max(1, counts["right"] + counts["wrong"]), counts["right"] / max(1, wanted)
    answer = {
        "copies": counts["made"], "precision": precision, "recall": recall,
        "f1": 2 * precision * recall / max(1e-9, precision + recall), "ms_per_look_up": 1000 * spent / counts["made"],
        **{f"recall_{k}": counts[f"{k} found"] / max(1, counts[f"{k} wanted"]) for k in KINDS},
    }  # fmt: skip
    return {name: round(figure, 4) for name, figure in answer.items()}
