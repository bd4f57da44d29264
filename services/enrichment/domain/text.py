"""Words, sentences and folding, the same in every step: what a text is made of once its furniture is taken away."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from html import unescape
from itertools import groupby
from operator import add
from zlib import crc32

#: Characters of a body that are read for meaning; a longer text is read to here (a defined answer to hostile sizes).
READ_AT_MOST = 24_000
_LONGEST_SENTENCE = 600


def _ranges(codes: Iterable[int]) -> str:
    """Characters as ranges of a regular expression: however many, they are one look-up in a table."""
    runs = (list(run) for _, run in groupby(enumerate(codes), lambda pair: pair[1] - pair[0]))
    return "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in runs)


_ALNUM = [code for code in range(0x1_0000) if chr(code).isalnum()]
_LETTERS = _ranges(code for code in _ALNUM if not chr(code).isdecimal())


def rest_of_word(joints: str, points: str) -> str:
    """What follows the first character of a word (`U.S.`, `O'Neill`) or number (`1,000`), as a regular expression.

    A pattern whose first character is one look-up passes over all others twice as fast as one of alternatives; letters
    beyond the table are asked for last.
    """
    any_letter = r"[^\W\d_]"
    joined = f"{any_letter}*+(?:[{joints}]{any_letter}++)*+"
    letters, number = rf"(?<=[{_LETTERS}])[{_LETTERS}]*+{joined}", rf"(?<=\d)\d*+(?:[{points}]\d++)*+"
    return rf"(?:(?<=[A-Z])\.(?:[A-Z]\.)+|{letters}|{number}|(?<={any_letter}){joined})"


WORD = re.compile(f"[{_ranges(_ALNUM)}\U00010000-\U0010ffff]" + rest_of_word("'’", ".,:"))
#: The end of a sentence, or of a line; what stands in the group belongs to the sentence.
_BREAK = re.compile(
    r"([.!?…。！？\n])(?:(?<!\n)[\"'”’»)]*\s+(?=[\"'“‘«(]?[^\W\d_]|\d)|(?<=\n)\n*)",
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Sgt|Capt|Sen|Rep|Gov|St|Jr|Sr|Inc|Ltd|Co|Corp|No|vs|Jan|Feb|Mar|Apr|Jun|"
    r"Jul|Aug|Sept?|Oct|Nov|Dec|TS|ThS|GS|PGS|BS|Th|TP|Tp|Q|P)|\b[A-Z])\.$"
)
_FURNITURE = re.compile(
    r"^\W*(?:read (?:more|also|next|the full story)|see also|related(?: articles| stories)?|advertisement|sponsored|"
    r"copy link|copied|share(?: this)?(?: article| story)?(?: on \w+)?|follow us.*|sign up.*|subscribe.*|click here.*|"
    r"(?:photo|image|source|video)s?\s*[:©(/].{0,80}|all rights reserved.*|©.*|comments?|print|e-?mail|facebook|"
    r"twitter|whats\s?app|most (?:read|popular)|trending(?: now)?|continue reading.*|"
    r"xem thêm|đọc thêm|tin liên quan|bài liên quan|chia sẻ|sao chép liên kết|quảng cáo|bình luận|theo dõi.{0,40}|"
    r"(?:ảnh|nguồn|video|clip|đồ họa)\s*[:(/©].{0,80}|in bài|gửi bình luận|từ khóa\s*:?.{0,80})\W*$",
    re.IGNORECASE,
)
#: Who took a picture, or whose news it is, inside a line: `(Photo: Dinh Khai / The Lagoon Post)`, `(Nguồn: AFP/TTXVN)`.
_CREDITED = re.compile(
    r"\((?:photos?|pictures?|images?|credits?|sources?|courtesy|file photo|ảnh|ảnh minh họa|nguồn|đồ họa|clip|video)"
    r"(?: by)?\s*[:/–-][^()\n]{1,80}\)",
    re.IGNORECASE,
)
_CREDIT = re.compile(rf"\s*{_CREDITED.pattern}", re.IGNORECASE)
#: A line of 60 characters or more that ends in the middle of a sentence was wrapped, as wire copy often is.
_WRAPPED = re.compile(r"\n(?<=[^\n]{60}\n)(?<![.!?…:;\"”»]\n)(?=[^\s•*–-])")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,1000}>|<!--[^<>]{0,1000}-->")
#: What is more than one space, or another kind of it: a plain one stays as it is.
_SPACE = re.compile(r" [ \t\u00a0\u200b\ufeff]+|[\t\u00a0\u200b\ufeff][ \t\u00a0\u200b\ufeff]*")
_SPACED = ("  ", "\t", "\u00a0", "\u200b", "\ufeff")


def tidy(text: str) -> str:
    """The text in one Unicode form (NFC), without zeros, halves of characters and doubled spaces."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "ignore").decode()
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    text = text.replace("\x00", "").replace("\r", "\n")
    return _SPACE.sub(" ", text) if any(space in text for space in _SPACED) else text


def opening(text: str, most: int) -> str:
    """The first characters of a text, up to the end of a word."""
    return text if len(text) <= most else "".join(text[:most].rsplit(None, 1)[:1])


def plain(text: str) -> str:
    """The text without the tags of a page's source, should somebody have pasted that."""
    return unescape(_MARKUP.sub(" ", text)) if "</" in text else text


def without_furniture(text: str) -> str:
    """The text without credits, and lines that belong to the page and not to the story ("Read more", "Chia sẻ")."""
    text = _CREDIT.sub("", text) if _CREDITED.search(text) else text
    return "\n".join(line for line in text.split("\n") if len(line) > 120 or not _FURNITURE.match(line.strip()))


def unwrapped(text: str) -> str:
    """The text with lines joined that were only broken to fit a width."""
    return _WRAPPED.sub(" ", text)


def is_furniture(phrase: str) -> bool:
    """Whether a phrase is a page's own words and no topic of any story."""
    return _FURNITURE.match(phrase.strip()) is not None


def words(text: str) -> list[str]:
    """The words and numbers of a text, in order, as written."""
    return WORD.findall(text)


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order. Line ends always end one; common abbreviations do not."""
    found: list[str] = []
    pieces = [*_BREAK.split(text), ""]
    for piece in map(str.strip, map(add, pieces[::2], pieces[1::2])):
        if found and len(found[-1]) < _LONGEST_SENTENCE and _ABBREVIATED.search(found[-1][-12:]):
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return found


def _folding() -> dict[int, str]:
    """Every Latin letter with marks below U+1F00, and the letter that stands under the marks."""
    table = {ord("đ"): "d", ord("Đ"): "D", ord("ø"): "o", ord("Ø"): "O", ord("ł"): "l", ord("Ł"): "L", ord("ı"): "i"}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and base.isalpha():
            table.setdefault(code, base)
    table.update(dict.fromkeys(range(0x300, 0x370), ""))
    return table


_FOLD = _folding()


def fold(text: str) -> str:
    """The text in small letters without accents: `Đường sắt` → `duong sat`. Works on NFC and NFD alike."""
    return (text if text.isascii() else text.translate(_FOLD)).lower()


def slug(name: str) -> str:
    """A name as an address part: `Tổng thống Putin` → `tong-thong-putin`; other scripts keep their letters."""
    return "-".join(re.findall(r"[^\W_]+", fold(name)))[:80].strip("-")


def key_of(term: str) -> int:
    """A term's key in the index: a signed 32-bit number that is the same in every process and release (CRC-32)."""
    number = crc32(term.encode())
    return number - 0x1_0000_0000 if number & 0x8000_0000 else number


def listed(words_in_text: str, separator: str | None = None) -> frozenset[str]:
    """The words (or, with a separator, the phrases) of a list written as running text."""
    return frozenset(" ".join(w.split()) for w in words_in_text.split(separator) if w.strip())


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """An English word without plural and possessive endings; enough to bring "talks" and "talk" together."""
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
