"""Key phrases: the runs of words that an article says more often, earlier and more tellingly than the language does."""

from collections import defaultdict
from dataclasses import replace
from math import log

from services.enrichment.domain.background import background
from services.enrichment.domain.draft import Draft, Phrase
from services.enrichment.domain.text import is_furniture, words

_KEPT = 24
_LONGEST = {"vi": 4}
_GRAMMAR = 5.7  # a word commoner than this neither begins nor ends a phrase


def find_phrases(draft: Draft) -> Draft:
    """The draft with `phrases`, most telling first; a phrase inside a better one is left out."""
    known = background(draft.language)
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    written: dict[tuple[str, ...], str] = {}
    at = 0
    longest = _LONGEST.get(draft.language, 3)
    for sentence in (draft.headline, *draft.sentences):
        run = words(sentence)
        small = [w.lower() for w in run]
        heavy = [known.zipf(w) < _GRAMMAR and w[0].isalpha() and len(w) > 1 for w in small]
        for start in range(len(run)):
            if not heavy[start]:
                continue
            for end in range(start + 1, min(start + longest, len(run)) + 1):
                if heavy[end - 1]:
                    key = tuple(small[start:end])
                    places[key].append(at + start)
                    written.setdefault(key, " ".join(run[start:end]))
        at += len(run)
    titled = {w.lower() for w in draft.title_words}
    scored = []
    for key, where in places.items():
        weight = sum(known.weight(w) for w in key) / len(key) ** 0.6
        score = (1 + log(len(where))) * weight / (1 + log(1 + where[0]) / 6) * (1.3 if set(key) <= titled else 1.0)
        if len(key) == 1 or len(where) > 1:
            scored.append(Phrase(written[key], score, len(where), where[0]))
    scored.sort(key=lambda p: -p.score)
    return replace(draft, phrases=tuple(_apart(scored)))


def _apart(scored: list[Phrase]) -> list[Phrase]:
    kept: list[Phrase] = []
    for phrase in scored:
        small = f" {phrase.text.lower()} "
        if not is_furniture(phrase.text) and not any(small in f" {k.text.lower()} " for k in kept):
            kept.append(phrase)
        if len(kept) == _KEPT:
            break
    return kept
