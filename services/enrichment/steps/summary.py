"""Summary candidates: the few sentences that carry an article, as they stand in it."""

from collections import Counter
from dataclasses import replace
from math import log

from services.enrichment.domain.background import background
from services.enrichment.domain.draft import Draft

_CHOSEN = 3
_READ = 40


def pick_summary(draft: Draft) -> Draft:
    """The draft with `summary`: up to three sentences in order; early ones with the theme's words win."""
    known = background(draft.language)
    theme = Counter(map(str.lower, (*draft.title_words, *draft.title_words, *draft.body_words[:1500])))
    scored: list[tuple[float, int]] = []
    worths = {w: log(1 + n) * known.weight(w) for w, n in theme.items()}
    for at, sentence in enumerate(draft.sentence_words[:_READ]):
        told = [w.lower() for w in sentence]
        if not 8 <= len(told) <= 60:
            continue
        worth = sum(worths.get(w, 0.0) for w in set(told)) / (len(told) + 8)
        scored.append((worth / (1 + at / 12), at))
    chosen = sorted(at for _, at in sorted(scored, reverse=True)[:_CHOSEN])
    return replace(draft, summary=tuple(draft.sentences[at][:500] for at in chosen))
