"""Text cut into the smallest parts two people may change apart: tags of blocks and sentences; joined, the text."""

import re

_BLOCK = r"</?(?:p|h[1-6]|ul|ol|li|blockquote|table|thead|tbody|tfoot|tr|td|th|figure|figcaption|pre|hr|br|img)\b[^>]*>"
#: A block's tag; or a sentence with its closing marks and the blanks after it; or what is left before the next block.
_PART = re.compile(rf"({_BLOCK})", re.IGNORECASE)
_SENTENCE = re.compile(r".+?(?:[.!?…。！？]+[\"'”’»)\]]*(?:\s+|$)|$)", re.DOTALL)
_WORD = re.compile(r"<[^>]*>|\s+|[^\s<]+|<")


def sentences(text: str) -> list[str]:
    """`text` as parts that join back to it exactly."""
    parts: list[str] = []
    for piece in _PART.split(text):
        if piece.startswith("<") and _PART.fullmatch(piece):
            parts.append(piece)
        else:
            parts += _SENTENCE.findall(piece)
    return parts


def words(text: str) -> list[str]:
    """`text` as words, blanks and tags that join back to it exactly."""
    return _WORD.findall(text)
