"""Which language a text is in: what it declares, checked against what it reads like."""

import re
from functools import cache
from typing import Any

from services.ingest.domain.texts import line

_VIETNAMESE = re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
_ENOUGH = 120  # characters; below, a declaration is believed
_SURE = 0.95


def language_of(headline: str, body: str, declared: str | None) -> tuple[str, str]:
    """The language (ISO 639-1) and the evidence for it.

    `declared` is what the page, feed or push says, any spelling.
    """
    said = primary(declared)
    text = line(f"{headline}. {body[:3000]}", 3200)
    letters = sum(character.isalpha() for character in text)
    if letters and len(_VIETNAMESE.findall(text)) / letters > 0.05:
        read, score = "vi", 1.0
    elif letters < _ENOUGH:
        return (said, "declared") if said else ("und", "text too short to tell, nothing declared")
    else:
        read, score = _classify(text)
    if read == said:
        return read, "declared, and the text agrees"
    if said and score < _SURE:
        return said, f"declared; the text reads like {read} ({score:.2f})"
    return read, f"read from the text ({score:.2f})" + (f"; the page declares {said}" if said else "")


def primary(tag: str | None) -> str | None:
    """The primary subtag of a language tag: `en-US` → `en`, `vi_VN` → `vi`; None where it is no tag."""
    found = re.match(r"^([a-zA-Z]{2,3})(?:[-_].*)?$", (tag or "").strip())
    return found.group(1).lower() if found else None


def _classify(text: str) -> tuple[str, float]:
    language, score = _identifier().classify(text)
    return str(language), float(score)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
