"""A comment's text in normalised views, each letter remembering where it came from.

`marked`: lower case, NFC, no invisible characters, no piled-up marks, look-alike letters and typographic alphabets
folded to Latin; diacritics kept. `bare`: the same with diacritics removed, letter for letter. `plain`: as `marked`
with figures and signs that stand for letters decoded, spelled-out words joined and signs inside words removed.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

from services.moderation.domain.lookalikes import LOOKALIKES

Span = tuple[int, int]

_LEET: Final = str.maketrans("01345789@$!€|+£", "oieastbgasieitl")
_LEET_SIGNS: Final = frozenset("@$!€|+£")
_LEET_FIGURES: Final = frozenset("01345789")
#: Plain words with one space after each, a gap, a word with closing signs, anything else up to the next space.
_PIECE: Final = re.compile(
    r"(?P<words>(?:[^\W\d_]++(?: |\Z))++)|(?P<gap> ++)"
    r"|(?P<closed>(?P<word>[^\W\d_]++)[!|.,:;?)\"'”»]++(?![^ ]))|(?P<odd>[^ ]++)"
)
_SPELLED: Final = re.compile(
    r"(?<![^\W_])(?:[^\W_](?:[ ]?[.\-_*,/|~+][ ]?[^\W_]){2,}|[^\W_](?:[ ][^\W_]){2,})(?![^\W_])"
)
_QUOTE: Final = re.compile(r"“[^“”]{1,600}”|«[^«»]{1,600}»|„[^„“”]{1,600}[“”]|\"[^\"]{1,600}\"")
_LETTERED: Final = re.compile(r"[^\W\d_]+")
_SAYS: Final = 4
_INTRODUCED: Final = re.compile(
    r"\b(?:say|says|said|saying|write|writes|writing|wrote|written|tells?|telling|told|calls?|called|calling|comments?"
    r"|statements?|posts?|messages?|claim\w*|threats?|threaten\w*|wish\w*|believe|shout\w*|phrases?|stuff like"
    r"|things like|this was|nói|viết|bảo|gọi|bình luận|tuyên bố|phát biểu|cho rằng|kiểu như|câu)\b[^\"“”]{0,40}$",
    re.IGNORECASE,
)
_JUDGED: Final = re.compile(
    r"\W{0,3}(?:is|was|are|were|will|shows?|does|deserves?|should|which|that|là|thật|nghe|thì)\b", re.IGNORECASE
)


class _Fold(dict[str, str]):
    """Character → what stands for it in `marked` ("" drops it; "\\0" + mark asks for composition)."""

    def __missing__(self, char: str) -> str:
        folded = self._fold(char)
        self[char] = folded
        return folded

    @staticmethod
    def _fold(char: str) -> str:
        if char in LOOKALIKES:
            return LOOKALIKES[char]
        category = unicodedata.category(char)
        if category in {"Mn", "Me", "Mc"}:
            return "\0" + char
        if category in {"Cf", "Cc", "Cn", "Co", "Cs"} and not char.isspace():
            return ""
        if char.isspace():
            return " "
        lowered = unicodedata.normalize("NFKC", char).lower()
        return unicodedata.normalize("NFC", "".join(LOOKALIKES.get(c, c) for c in lowered))


class _Bare(dict[int, str]):
    """Code point → its letter without diacritics; always one character."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        base = "d" if char == "đ" else unicodedata.normalize("NFD", char)[0]
        self[code] = base
        return base


_FOLD: Final = _Fold()
_BARE: Final = _Bare()


@dataclass(frozen=True, slots=True)
class View:
    """A normalised text and, for each of its characters, the offset in the original it came from.

    `runs` are stretches of `text` that were spelled out letter by letter: where words end inside them is not known.
    """

    text: str
    at: "list[int] | range"
    runs: tuple[Span, ...] = ()

    def span(self, start: int, end: int) -> Span:
        """The original's [start, end) behind this view's."""
        return (self.at[start], self.at[end - 1] + 1)


@dataclass(frozen=True)
class Reading:
    """One text, read."""

    original: str
    marked: View

    @cached_property
    def memo(self) -> dict[int, Any]:
        """What others found in this text, by who found it; saves a second look."""
        return {}

    @cached_property
    def bare(self) -> View:
        """`marked` without diacritics, letter for letter."""
        if self.marked.text.isascii():
            return self.marked
        return View(self.marked.text.translate(_BARE), self.marked.at)

    @cached_property
    def plain(self) -> View:
        """`marked` with disguises inside words undone."""
        return _undisguise(self.marked)

    @cached_property
    def plain_bare(self) -> View:
        """`plain` without diacritics, letter for letter."""
        plain = self.plain
        return plain if plain.text.isascii() else View(plain.text.translate(_BARE), plain.at, plain.runs)

    @cached_property
    def quotes(self) -> tuple[Span, ...]:
        """Where others' speech is quoted, marks included. Only pairs count: an apostrophe opens nothing."""
        if not any(mark in self.original for mark in '"“«„'):
            return ()
        return tuple(match.span() for match in _QUOTE.finditer(self.original))

    @cached_property
    def own_words(self) -> str:
        """The original with quoted speech masked by spaces: what the author says in their own voice."""
        text = self.original
        for start, end in self.quotes:
            text = text[:start] + " " * (end - start) + text[end:]
        return text

    @cached_property
    def spoken(self) -> "Reading":
        """What the author says in their own voice, read; everything where nobody is plainly being quoted.

        A quotation is masked when it is introduced or judged by the words around it ("saying …", "… is vile"), and four
        words or more stand outside: putting an insult into quotation marks excuses nothing.
        """
        if not self.quotes or len(_LETTERED.findall(self.own_words)) < _SAYS:
            return self
        return read(self.own_words) if all(map(self._is_reported, self.quotes)) else self

    def _is_reported(self, quote: Span) -> bool:
        start, end = quote
        if self.original[start + 1] == "@":  # a forwarded message, not a quotation
            return False
        before, after = self.original[max(0, start - 80) : start], self.original[end : end + 40]
        return bool(_INTRODUCED.search(before) or _JUDGED.match(after))

    def is_quoted(self, span: Span) -> bool:
        """Whether a span lies inside one quotation."""
        return any(start <= span[0] and span[1] <= end for start, end in self.quotes)


@lru_cache(maxsize=512)
def read(text: str) -> Reading:
    """Fold a text into its `marked` view; the others follow when asked for. The latest readings are kept."""
    if text.isascii() and text.isprintable():
        return Reading(text, View(text.lower(), range(len(text))))
    chars: list[str] = []
    at: list[int] = []
    marks = 0
    for offset, char in enumerate(text):
        folded = _FOLD[char]
        if not folded:
            continue
        if folded[0] == "\0":
            marks += 1
            if chars and marks <= 2:  # Vietnamese letters carry two marks at most; more is decoration
                joined = unicodedata.normalize("NFC", chars[-1] + folded[1])
                if len(joined) == 1:
                    chars[-1] = joined
            continue
        marks = 0
        for letter in folded:
            chars.append(letter)
            at.append(offset)
    return Reading(text, View("".join(chars), at))


def _undisguise(view: View) -> View:
    pieces = _Pieces(view)
    done = 0
    for spelled in _SPELLED.finditer(view.text):
        pieces.take(done, spelled.start())
        pieces.take_spelled(spelled.start(), spelled.end())
        done = spelled.end()
    pieces.take(done, len(view.text))
    return View("".join(pieces.texts), pieces.at, tuple(pieces.runs))


class _Pieces:
    """The undisguised text as it grows: most of a comment are plain words, taken many at a time."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.texts: list[str] = []
        self.at: list[int] = []
        self.runs: list[Span] = []

    def take(self, start: int, stop: int) -> None:
        """What stands between two spelled-out words."""
        text, at = self.view.text, self.view.at
        for match in _PIECE.finditer(text, start, stop):
            begin, end = match.span()
            kind = match.lastgroup
            if kind == "words":
                self.texts.append(text[begin:end])
                self.at.extend(at[begin:end])
            elif kind == "gap":
                if self.texts and not self.texts[-1].endswith(" "):
                    self.texts.append(" ")
                    self.at.append(at[begin])
            elif kind == "closed":
                word = match.end("word")
                self.texts += (text[begin:word], " ")
                self.at.extend(at[begin:word])
                self.at.append(at[end - 1])
            else:
                letters = _token(text, begin, end)
                self.texts.append("".join(letter for letter, _ in letters))
                self.at.extend(at[offset] for _, offset in letters)

    def take_spelled(self, start: int, stop: int) -> None:
        """A word spelled out letter by letter, put together."""
        text, at = self.view.text, self.view.at
        kept = [i for i in range(start, stop) if text[i].isalnum()]
        self.runs.append((len(self.at), len(self.at) + len(kept)))
        self.texts.append("".join(text[i] for i in kept).translate(_LEET))
        self.at.extend(at[i] for i in kept)


def _token(text: str, start: int, end: int) -> list[tuple[str, int]]:
    token = text[start:end]
    if token.isalpha():
        return [(text[i], i) for i in range(start, end)]
    letters = sum(map(str.isalpha, token))
    decode = letters > 0 or not any(map(str.isdigit, token)) or any(c in _LEET_SIGNS for c in token[1:])
    last = len(token.rstrip("!+|.,:;?)\"'”»")) + start
    out = []
    for i in range(start, end):
        char = text[i]
        if char.isalpha() or char == "*":
            out.append((char, i))
        elif decode and (char in _LEET_FIGURES or (char in _LEET_SIGNS and i < last)):
            out.append((char.translate(_LEET), i))
        elif char.isdigit():
            out.append((char, i))
        elif i in {start, end - 1} or char in "/@:#&=":
            out.append((" ", i))
    return out
