"""Text as it may enter the house: NFC, no NUL, no lone surrogates, no bidi controls; and the forms used to compare
it.
"""

import html
import re
import unicodedata

#: Controls but tab and line breaks; soft hyphen, bidirectional controls and embeddings (Trojan Source), zero width
#: space, word joiner, byte order mark, interlinear marks, tag characters; and surrogates, which no text may hold.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|<!--.*?-->", re.DOTALL)
_WORD = re.compile(r"\w+")


def clean(text: str) -> str:
    """The same text in NFC without characters that hide, break storage or reorder what is read. Never raises."""
    if not text.isprintable():  # what is printable holds none of the forbidden; asking is ten times cheaper
        text = _FORBIDDEN.sub("", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def line(text: str | None, limit: int = 1000) -> str:
    """One line of clean text with single spaces, at most `limit` characters."""
    if not text:
        return ""
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:  # nearly all of them
        return text.strip()
    return " ".join(clean(text[: limit * 8]).split())[:limit].rstrip()


def paragraphs(text: str) -> str:
    """Clean text whose paragraphs are separated by one newline."""
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n"))
    return _BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()


def title(text: str | None) -> str:
    """A headline is text: tags are taken out, entities resolved (twice: feeds escape twice), one line, 500
    characters.
    """
    plain = text or ""
    if "<" in plain or "&" in plain:
        plain = _TAG.sub("", html.unescape(_TAG.sub("", html.unescape(plain))))
    return line(plain, 500)


def words(text: str) -> list[str]:
    """Lower-case words, compatibility-normalised, for comparing texts; numbers count as words."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def html_of(text: str) -> str:
    """Plain paragraphs as HTML paragraphs."""
    return "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in paragraphs(text).split("\n") if part)
