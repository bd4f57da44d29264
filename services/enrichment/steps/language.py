"""Which language an article is written in, and whether that is what was declared."""

import math
from functools import cache

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.enrichment.domain.draft import Draft

_READ = 320
_SURE = 0.80


@cache
def _identifier() -> LanguageIdentifier:
    """The package's model, read once: it takes most of a second. Its halves are widened once, not each time."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.nb_ptc = identifier.nb_ptc.astype(np.float32)
    return identifier


class TellLanguage:
    """Identify the language from headline and opening; where the text says too little, believe what was declared."""

    def __init__(self) -> None:
        self._identifier = _identifier()

    def __call__(self, draft: Draft) -> Draft:
        """The draft with `language` (ISO 639-1), `language_score` (0..1) and, on contradiction, a note."""
        text = f"{draft.headline}\n{draft.body[:_READ]}"
        declared = draft.declared.split("-")[0].lower()
        letters = sum(map(str.isalpha, text))
        if letters < 12:
            return draft._replace(language=declared or "und", language_score=0.0, language_note="too little text")
        found, score = self._identifier.classify(text)
        score = float(score) if math.isfinite(score) else 0.0
        if declared not in ("", "und", found) and score < _SURE:
            return draft._replace(language=declared, language_score=round(score, 3), language_note="as declared")
        note = f"declared {declared}, reads as {found}" if declared not in ("", "und", found) else ""
        return draft._replace(language=found, language_score=round(score, 3), language_note=note)
