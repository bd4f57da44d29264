"""Text as it may enter the house: NFC, no NUL, no lone surrogates, no bidi controls; and the forms used to compare
it.
"""

import html
import re
import unicodedata

#: Bidirectional controls and embeddings (Trojan Source), interlinear marks, the byte order mark, soft hyphen.
_UNSEEN = dict.fromkeys(
    [
        *(0x00AD, 0x061C, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF),
        *(*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)),
    ]
)
_CONTROLS = {code: None for code in [*range(0x20), *range(0x7F, 0xA0)] if code not in (0x09, 0x0A, 0x0D)}
_FORBIDDEN = _UNSEEN | _CONTROLS
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|<!--.*?-->", re.DOTALL)
_WORD = re.compile(r"\w+")


def clean(text: str) -> str:
    """The same text in NFC without characters that hide, break storage or reorder what is read. Never raises."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not text.isascii() else text
    return unicodedata.normalize("NFC", text.translate(_FORBIDDEN))


def line(text: str | None, limit: int = 1000) -> str:
    """One line of clean text with single spaces, at most `limit` characters."""
    return " ".join(clean(text or "").split())[:limit].rstrip()


def paragraphs(text: str) -> str:
    """Clean text whose paragraphs are separated by one newline."""
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n"))
    return _BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()


def title(text: str | None) -> str:
    """A headline is text: tags are taken out, entities resolved (twice: feeds escape twice), one line, 500
    characters.
    """
    plain = html.unescape(_TAG.sub("", html.unescape(text or "")))
    return line(_TAG.sub("", plain), 500)


def words(text: str) -> list[str]:
    """Lower-case words, compatibility-normalised, for comparing texts; numbers count as words."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def html_of(text: str) -> str:
    """Plain paragraphs as HTML paragraphs."""
    return "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in paragraphs(text).split("\n") if part)
