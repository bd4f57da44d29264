"""Cleaned body HTML as Markdown (CommonMark): what an editor pastes elsewhere."""

import re
from html.parser import HTMLParser

_WRAPS = {"em": "*", "i": "*", "strong": "**", "b": "**", "code": "`", "del": "~~", "s": "~~"}
_BLOCKS = {"p", "blockquote", "ul", "ol", "li", "pre", "figure", "figcaption", "table", "tr"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>#])")


class _Writer(HTMLParser):
    """Collects Markdown while the parser walks through the HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.lists: list[int | None] = []
        self.quotes = 0
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"ul", "ol"}:
            self.lists.append(0 if tag == "ol" else None)
        if tag == "blockquote":
            self.quotes += 1
        if tag in _BLOCKS or re.fullmatch(r"h[1-6]", tag):
            self._break(tight=tag == "li")
        if tag == "li":
            self.parts.append("  " * (len(self.lists) - 1) + self._marker())
        elif re.fullmatch(r"h[1-6]", tag):
            self.parts.append("#" * int(tag[1]) + " ")
        elif tag == "a":
            self.links.append(given.get("href", ""))
            self.parts.append("[")
        elif tag == "img":
            self.parts.append(f"![{_escaped(given.get('alt', ''))}]({given.get('src', '')})")
        elif tag in {"br", "hr"}:
            self.parts.append("  \n" if tag == "br" else "\n\n---\n\n")
        else:
            self.parts.append(_WRAPS.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            self.parts.append(f"]({self.links.pop()})")
        self.parts.append(_WRAPS.get(tag, ""))
        if tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
        if tag == "blockquote":
            self.quotes = max(0, self.quotes - 1)
        if tag in _BLOCKS - {"li"} or re.fullmatch(r"h[1-6]", tag):
            self._break()

    def handle_data(self, data: str) -> None:
        self.parts.append(_escaped(re.sub(r"\s+", " ", data)))

    def _marker(self) -> str:
        if not self.lists or self.lists[-1] is None:
            return "- "
        self.lists[-1] += 1
        return f"{self.lists[-1]}. "

    def _break(self, *, tight: bool = False) -> None:
        self.parts.append(("\n" if tight else "\n\n") + "> " * self.quotes)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def markdown(body: str) -> str:
    """`body` (cleaned HTML) as Markdown with one blank line between blocks."""
    writer = _Writer()
    writer.feed(body)
    writer.close()
    lines = (line.rstrip() if not line.endswith("  ") else line for line in "".join(writer.parts).split("\n"))
    kept = [line for line in lines if line.strip("> ") or not line]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() + "\n"
