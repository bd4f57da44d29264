"""Key phrases: the runs of words that an article says more often, earlier and more tellingly than the language does."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import log
from typing import Final

from services.enrichment.domain.background import Background, background
from services.enrichment.domain.draft import Draft, Phrase
from services.enrichment.domain.text import is_furniture, words

_KEPT = 24
_GRAMMAR = 5.7  # a word commoner than this neither begins nor ends a phrase
_EARLY = 12.0  # how slowly a phrase loses by standing later
_RARE = 0.7  # the power of the background weight
_NAME = 0.7  # names are tags of their own


@dataclass(frozen=True, slots=True)
class Habit:
    """How long phrases are in a language, and what a phrase of several words is worth beside a single word."""

    shortest: int = 1
    longest: int = 3
    several: float = 0.7
    ceiling: float = 6.5


HABITS: Final[Mapping[str, Habit]] = {"vi": Habit(shortest=2, longest=4, several=1.0, ceiling=7.0)}


def find_phrases(draft: Draft) -> Draft:
    """The draft with `phrases`, most telling first; none stands inside another."""
    known, habit = background(draft.language), HABITS.get(draft.language, Habit())
    places, written, capitals = _runs((draft.headline, *draft.sentences), known, habit)
    scored = []
    for key, where in places.items():
        named = 2 * capitals[key] >= len(where)
        if len(key) > 1 and len(where) < 2 and not named:
            continue
        weight = sum(known.weight(w, habit.ceiling) ** _RARE for w in key) / len(key)
        score = len(where) * weight / (1 + log(1 + where[0]) / _EARLY)
        score *= (_NAME if named else 1.0) * (habit.several if len(key) > 1 else 1.0)
        scored.append(Phrase(written[key], score, len(where), where[0]))
    return replace(draft, phrases=tuple(_apart(sorted(scored, key=lambda p: (-p.score, p.text)))))


Key = tuple[str, ...]


def _runs(
    sentences: Iterable[str], known: Background, habit: Habit
) -> tuple[dict[Key, list[int]], dict[Key, str], Counter[Key]]:
    """Runs that neither begin nor end with grammar: where each stands, how it is written, how often with capitals."""
    places: dict[Key, list[int]] = defaultdict(list)
    written: dict[Key, str] = {}
    capitals: Counter[Key] = Counter()
    at = 0
    for sentence in sentences:
        run = words(sentence)
        small = [w.lower() for w in run]
        heavy = [w[0].isalpha() and len(w) > 1 and known.zipf(w) < _GRAMMAR for w in small]
        for start in (i for i, telling in enumerate(heavy) if telling):
            for end in range(start + habit.shortest, min(start + habit.longest, len(run)) + 1):
                if heavy[end - 1]:
                    key = tuple(small[start:end])
                    places[key].append(at + start)
                    written.setdefault(key, " ".join(run[start:end]))
                    capitals[key] += start > 0 and all(w[0].isupper() for w in run[start:end])
        at += len(run)
    return places, written, capitals


def _apart(scored: Iterable[Phrase]) -> list[Phrase]:
    kept: list[Phrase] = []
    forms: list[str] = []
    for phrase in scored:
        small = f" {phrase.text.lower()} "
        if not any(small in form or form in small for form in forms) and not is_furniture(phrase.text):
            kept.append(phrase)
            forms.append(small)
        if len(kept) == _KEPT:
            break
    return kept
