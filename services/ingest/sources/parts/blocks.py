"""A story's blocks, and how they are brought back to the page they came from: its markup, and what was passed over."""

import html
import re
from dataclasses import dataclass

from lxml import etree

from services.ingest.domain.texts import line, words
from services.ingest.sources.parts.cleaning import fragment, safe_html, text_of_tree
from services.ingest.sources.parts.trees import beginning

_PARAGRAPHS = ("p", "h2", "h3", "h4", "ul", "ol", "blockquote", "pre", "table")
_LEVELS = 3  # how far above a story's paragraphs its other parts are looked for
_LINKED = 0.35  # of a part's characters; more is a list of links, not a story
_ASIDE = re.compile(
    r"related|recommend|promo|newsletter|advert|sidebar|comment|footer|nav|social|share|caption|byline", re.IGNORECASE
)
_END_MATTER = re.compile(
    r"^(?:tags?|topics?|share this|filed under|related(?: articles| stories)?|read (?:more|next|also)"
    r"|more (?:on|from)|see also|advertisement|follow (?:us|him|her|them|@)|sign up|subscribe|get (?:the|our) latest"
    r"|have a (?:tip|story)|copyright|©|\(c\)|all rights reserved"
    r"|(?:last )?updated (?:at|on)|click here|xem thêm|đọc thêm|tin liên quan|từ khóa|chia sẻ)\b",
    re.IGNORECASE,
)
_END_PHRASE = re.compile(
    r"all rights reserved|newsletters?\b.{0,80}\b(?:sign|subscri)|may be reached at \S+@"
    r"|follow (?:him|her|them|us) on ",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list or table of a story, as markup and as words."""

    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Body:
    """A story's blocks, and what found them."""

    blocks: tuple[Block, ...]
    by: str

    @property
    def text(self) -> str:
        return "\n".join(block.text for block in self.blocks)

    @property
    def html(self) -> str:
        return "".join(block.html for block in self.blocks)


def plain_block(text: str) -> Block:
    """A paragraph that is words only."""
    text = line(text, 100_000)
    return Block(f"<p>{html.escape(text, quote=False)}</p>", text)


def body_of_html(markup: str, base: str | None, by: str) -> Body | None:
    """A story handed over as HTML (a feed's full text, a push): its blocks, cleaned."""
    if "<" not in markup and "&" not in markup:
        blocks = [plain_block(part) for part in markup.split("\n") if part.strip()]
        return Body(tuple(blocks), by) if blocks else None
    tree = fragment(safe_html(markup, base))
    if tree is None:
        return None
    blocks = []
    if (tree.text or "").strip():
        blocks.append(plain_block(tree.text or ""))
    for child in tree:
        tail, child.tail = child.tail or "", None
        if text := text_of_tree(child):
            blocks.append(Block(str(etree.tostring(child, encoding="unicode", method="html")), text))
        if tail.strip():
            blocks.append(plain_block(tail))
    return Body(tuple(blocks), by) if blocks else None


def restored(parts: list[tuple[str, str]], tree: etree._Element, url: str | None) -> list[Block]:
    """A story's parts (words and spare markup) in the page's own markup, with those that stand beside them and were
    passed over, without what ends it.
    """
    at = _places(tree, max((len(text) for text, _ in parts), default=0))
    found = [at.get(_key(text)) for text, _ in parts]
    shown = [_as_shown(text, spare, element, url) for (text, spare), element in zip(parts, found, strict=True)]
    seen = {element for element in found if element is not None}
    passed_over = [e for part in _other_parts(seen) for e in part.iter(*_PARAGRAPHS) if _is_story(e, part)]
    order = {element: number for number, element in enumerate(tree.iter())} if passed_over else {}
    for element in passed_over:
        before = [i for i, known in enumerate(found) if known is not None and order[known] < order[element]]
        place = before[-1] + 1 if before else 0
        shown.insert(place, _as_shown(line(text_of_tree(element), 100_000), "", element, url))
        found.insert(place, element)
    return _without_end_matter(shown)


def linked_share(markup: str) -> float:
    """The share of a fragment's words that stand inside links (0..1)."""
    whole = len(re.sub(r"<[^>]+>", "", markup))
    inside = sum(len(re.sub(r"<[^>]+>", "", part)) for part in re.findall(r"<a [^>]*>(.*?)</a>", markup, re.DOTALL))
    return inside / whole if whole else 0.0


def _places(tree: etree._Element, longest: int) -> dict[str, etree._Element]:
    """The page's paragraphs by their words; where two say the same, the first."""
    found: dict[str, etree._Element] = {}
    for element in tree.iter(*_PARAGRAPHS):
        if len(element) < 60 and (key := _key(beginning(element, longest + 1))):
            found.setdefault(key, element)
    return found


def _key(text: str) -> str:
    return "".join(words(text))


def _as_shown(text: str, spare: str, element: etree._Element | None, url: str | None) -> Block:
    markup = ""
    if element is not None and element.tag != "table":
        markup = safe_html(str(etree.tostring(element, encoding="unicode", method="html", with_tail=False)), url)
    markup = markup or safe_html(spare, url)
    return Block(markup, text) if markup else plain_block(text)


def _other_parts(seen: set[etree._Element]) -> list[etree._Element]:
    """Elements made like those that hold the story (same tag, same class, same parent), which hold none of what
    was found.
    """
    parts: dict[etree._Element, None] = {}
    for element in seen:
        holder = element.getparent()
        for _ in range(_LEVELS):
            if holder is None or holder.tag in ("body", "html", "article", "main") or not holder.get("class"):
                break
            parent = holder.getparent()
            for sibling in parent if parent is not None else ():
                if sibling.tag == holder.tag and _alike(sibling, holder):
                    parts.setdefault(sibling)
            holder = parent
    return [part for part in parts if not any(e in seen for e in part.iter(*_PARAGRAPHS)) and _reads_like_a_story(part)]


def _alike(one: etree._Element, other: etree._Element) -> bool:
    """Whether two elements share at least two thirds of their classes."""
    mine, theirs = (set((element.get("class") or "").split()) for element in (one, other))
    return bool(mine) and len(mine & theirs) * 3 >= len(mine | theirs) * 2


def _reads_like_a_story(part: etree._Element) -> bool:
    texts = [line("".join(p.itertext()), 5000) for p in part.iter("p")]
    long = [text for text in texts if len(text) > 80]
    linked = sum(len("".join(a.itertext())) for a in part.iter("a"))
    whole = len(line("".join(part.itertext()), 100_000))
    return len(long) >= 2 and linked < _LINKED * whole


def _is_story(element: etree._Element, part: etree._Element) -> bool:
    if element.tag not in ("p", "h2", "h3", "blockquote", "ul", "ol"):
        return False
    for parent in element.iterancestors():
        if parent is part:
            break
        if parent.tag in ("aside", "nav", "footer", "figure", "figcaption", "form", "blockquote", "li"):
            return False
        if _ASIDE.search(f"{parent.get('class') or ''} {parent.get('id') or ''}"):
            return False
    return bool(line("".join(element.itertext()), 100))


def _without_end_matter(blocks: list[Block]) -> list[Block]:
    """The blocks without the tags, sign-ups and links to other stories that may follow the last sentence."""
    kept = list(blocks)
    while len(kept) > 2 and _ends_nothing(kept[-1]):
        kept.pop()
    return kept


def _ends_nothing(block: Block) -> bool:
    if len(block.text) < 400 and (_END_MATTER.match(block.text) or _END_PHRASE.search(block.text)):
        return True
    return len(block.text) < 600 and linked_share(block.html) > 0.85
