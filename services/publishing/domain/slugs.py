"""Addresses: readable slugs in plain ASCII, Vietnamese included, stable once given."""

import re
import unicodedata
from uuid import UUID

_GAPS = re.compile(r"[^a-z0-9]+")
_PLAIN = str.maketrans({"đ": "d", "Đ": "d", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "&": " and "})


def slugify(text: str, limit: int = 80) -> str:
    """`text` as lowercase ASCII words joined by hyphens, cut at a word end; empty when nothing Latin is in it."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN).lower())
    slug = _GAPS.sub("-", "".join(c for c in decomposed if not unicodedata.combining(c))).strip("-")
    if len(slug) <= limit:
        return slug
    return slug[: limit + 1].rsplit("-", 1)[0][:limit].strip("-")


def article_slug(headline: str, article_id: UUID) -> str:
    """The address of an article: its headline and the last eight hex digits of its id, which keep two alike apart."""
    return f"{slugify(headline) or 'story'}-{article_id.hex[-8:]}"
