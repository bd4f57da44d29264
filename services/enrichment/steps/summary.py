"""Summary candidates: the few sentences that carry an article, as they stand in it."""

import numpy as np

from services.enrichment.domain.draft import Draft

_CHOSEN = 3
_READ = 40
_THEME = 1_500


def pick_summary(draft: Draft) -> Draft:
    """The draft with `summary`: up to three sentences in order; early ones with the theme's words win."""
    words = draft.numbered
    title, body = words.places[: words.titled], words.places[words.titled :]
    many = len(words.distinct)
    often = np.bincount(body[:_THEME], minlength=many) + 2 * np.bincount(title, minlength=many)
    worths = np.log1p(often) * words.weights(7.0)
    lengths = list(map(len, draft.sentence_words[:_READ]))
    told = np.unique(np.repeat(np.arange(len(lengths)), lengths) * many + body[: sum(lengths)])
    sums = np.bincount(told // max(1, many), worths[told % max(1, many)], len(lengths)).tolist()
    scored = [
        (worth / (length + 8) / (1 + at / 12), at)
        for at, (worth, length) in enumerate(zip(sums, lengths, strict=True))
        if 8 <= length <= 60
    ]
    chosen = sorted(at for _, at in sorted(scored, reverse=True)[:_CHOSEN])
    return draft._replace(summary=tuple(draft.sentences[at][:500] for at in chosen))
