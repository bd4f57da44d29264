"""Sections by nearness in meaning, before anybody chose: English word vectors that ship with the package `wordllama`.

An extra (`dense`) that is off unless `ENRICHMENT_DENSE` is set. A text's vector is the mean of its words' vectors, a
section's that of the words that speak for it: no model runs, nothing is fetched.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.draft import Draft, Guess
from services.enrichment.domain.sections import SECTIONS

_READ: Final = 1_500  # characters
_SURE: Final = 12.0  # how fast the nearest section leaves the next ones behind
_MOST: Final = 5


class DenseStart:
    """Guesses sections of English texts; all others it leaves to `otherwise`."""

    def __init__(self, otherwise: Callable[[Draft], list[Guess]]) -> None:
        try:
            import wordllama
        except ImportError as error:
            raise ValueError(f"ENRICHMENT_DENSE needs the extra `dense` ({error})") from None
        self._otherwise = otherwise
        shipped = Path(wordllama.__file__).parent  # it would fetch its tokenizer otherwise, which lies right here
        self._vectors = wordllama.WordLlama.load(cache_dir=shipped, disable_download=True)
        told = [f"{s.name}: {' '.join(sorted(s.english_words))}" for s in SECTIONS]
        self._sections = self._embedded(told)

    def __call__(self, draft: Draft) -> list[Guess]:
        """Sections from nearest to farthest with their shares; none where a text has no words."""
        if draft.language != "en" or not draft.body_words:
            return self._otherwise(draft)
        near = self._sections @ self._embedded([f"{draft.headline}. {draft.body[:_READ]}"])[0]
        shares = np.exp(_SURE * (near - near.max()))
        shares /= shares.sum()
        return [
            Guess(
                SECTIONS[at].slug, SECTIONS[at].name, float(shares[at]), "Its words are near in meaning to those of it."
            )
            for at in np.argsort(-near)[:_MOST].tolist()
        ]

    def _embedded(self, texts: list[str]) -> npt.NDArray[np.float32]:
        return np.asarray(self._vectors.embed(texts, norm=True), dtype=np.float32)
