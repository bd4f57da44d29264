"""Which language a comment is in, among those that readers here write."""

from functools import lru_cache
from typing import Any, Final

#: Languages the detection chooses from; others come out as the nearest of these with little certainty.
KNOWN: Final = ("en", "vi", "fr", "de", "es", "ru", "zh", "ja", "ko", "th", "id", "it", "pt", "ar")
_SHORTEST: Final = 12
#: A language shows within so many characters; more only takes time.
_ENOUGH: Final = 200
_VIETNAMESE: Final = frozenset("ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(KNOWN))
    return identifier


def warm() -> None:
    """Read the model in: it takes half a second, once."""
    _identifier()


def detect(text: str, hint: str = "und") -> tuple[str, float]:
    """The language (ISO 639-1) and how sure that is in 0..1; the hint, at 0.0, for a text too short to tell."""
    lowered = text.lower()
    letters = sum(map(str.isalpha, lowered))
    if letters < _SHORTEST:
        return hint, 0.0
    if len(_VIETNAMESE.intersection(lowered)) >= 3:
        return "vi", 1.0
    if lowered.isascii() and _english_share(lowered) >= 0.2:
        return "en", 0.99
    language, sure = _identifier().classify(text[:_ENOUGH])
    return str(language), round(float(sure), 4)


_EVERYDAY: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "or",
        "of",
        "to",
        "in",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it",
        "this",
        "that",
        "i",
        "you",
        "he",
        "she",
        "they",
        "we",
        "my",
        "your",
        "not",
        "for",
        "on",
        "with",
        "as",
        "at",
        "have",
        "has",
        "had",
        "do",
        "does",
        "did",
        "so",
        "but",
        "if",
        "from",
        "by",
        "what",
        "who",
        "how",
        "when",
        "all",
        "no",
        "just",
        "about",
        "will",
        "would",
        "can",
        "could",
        "should",
        "there",
        "their",
    ]
)


def _english_share(lowered: str) -> float:
    words = lowered.split()
    return sum(word in _EVERYDAY for word in words) / len(words)
