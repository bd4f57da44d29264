"""The pictures of a story: where they stand, their largest file, their caption and their credit."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from services.ingest.domain.addresses import absolute
from services.ingest.domain.credits import split_credit
from services.ingest.domain.texts import line, words
from services.ingest.sources.parts.cleaning import text_of_tree
from services.ingest.sources.parts.structured import objects, texts
from services.ingest.sources.parts.trees import beginning, first_words
from shared.events import Picture

_MOST = 40
_SMALLEST = 120  # pixels, where a size is given
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-image", "data-url", "data-hi-res-src", "src")
_LAZY_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_NOT_A_PICTURE = re.compile(
    r"(?:^|[/_.\s-])(?:logo|icon|avatar|sprite|spacer|pixel|blank|emoji|gravatar|button|badge|placeholder|tracking|1x1|loader)"
    r"(?:$|[/_.\s\d-])",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|read-?more|more-?(?:on|news|stories)|sidebar|promo\w*|advert\w*|ads?|banner|share|social|"
    r"comments?|newsletter|author(?:-?(?:box|bio|info))?|byline|nav\w*|menu|footer|header-?top|popular|trending|same-?(?:tag|category|"
    r"author)|tin-?lien-?quan|source-?logo|carousel-?related)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"caption|legend|image-?desc|photo-?desc|img-?desc|chu-?thich|picture-?text|media__?(?:text|desc)|wp-caption-text|\bdesc\b",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"credit|copyright|photographer|photo-?source|image-?source|img-?source|nguon-?anh", re.IGNORECASE)
_GENERIC = re.compile(
    r"(?:^|/)(?:default|share|social|og|facebook|twitter)[-_]?(?:image|img|share|card)?\.\w+$", re.IGNORECASE
)


def container_of(tree: etree._Element, body_text: str) -> etree._Element | None:
    """The deepest element that holds most of the story's paragraphs, widened to the `article` around it."""
    wanted = {" ".join(said[:12]) for part in body_text.split("\n") if len(said := words(part[:400])) >= 8}
    starts = {start.split(" ", 1)[0] for start in wanted}
    holders: Counter[etree._Element] = Counter()
    found = 0
    for element in tree.iter("p", "div", "li", "td", "span"):
        if found > 200 or len(element) > 30 or not _starts_with(first_words(element), starts):
            continue
        if " ".join(words(beginning(element, 400)[:1000])[:12]) not in wanted:
            continue
        found += 1
        holders.update(element.iterancestors())
    if not found:
        return next(tree.iter("article"), None)
    enough = [element for element, count in holders.items() if count >= 0.8 * found]
    deepest = max(enough, key=lambda element: sum(1 for _ in element.iterancestors()), default=None)
    if deepest is None:
        return None
    return next((e for e in (deepest, *deepest.iterancestors()) if e.tag == "article"), deepest)


def _starts_with(text: str, starts: set[str]) -> bool:
    """Whether the first word is one of these; a first word in several pieces (a drop cap) is let through."""
    first = words(text[:60])[:2]
    return not first or first[0] in starts or len(first[0]) == 1


def pictures_in(
    container: etree._Element | None, base: str | None, ld: dict[str, Any], lead: str | None
) -> list[Picture]:
    """Pictures in reading order, each once.

    `lead` (og:image) and JSON-LD's are used only where the story shows none.
    """
    kept: dict[str, Picture] = {}
    for image in container.iter("img", "amp-img") if container is not None else ():
        picture = _picture(image, container, base)
        if picture and len(kept) < _MOST:
            kept.setdefault(_file(picture.url), picture)
    declared = {_file(p.url): p for p in _declared(ld, base)}
    for key, picture in list(kept.items()):
        if (twin := declared.get(key)) is not None:
            kept[key] = picture.model_copy(
                update={"caption": picture.caption or twin.caption, "credit": picture.credit or twin.credit}
            )
    if kept:
        return list(kept.values())
    if declared:
        return list(declared.values())[:1]
    url = absolute(lead, base)
    return (
        [Picture(url=url)] if url and not _GENERIC.search(urlsplit(url).path) and not _NOT_A_PICTURE.search(url) else []
    )


def captions_of(container: etree._Element | None) -> set[str]:
    """The words of everything that stands as a caption, so that it does not stand in the text as well."""
    found: set[str] = set()
    for image in container.iter("img", "amp-img") if container is not None else ():
        found |= {" ".join(words(text)) for text in _caption_texts(image, container)}
        found.add(" ".join(words(image.get("alt") or "")))
    return found - {""}


def _picture(image: etree._Element, container: etree._Element | None, base: str | None) -> Picture | None:
    url = absolute(_largest(image), base)
    if url is None or not _belongs(image, container, url):
        return None
    caption, credit = "", None
    for text in _caption_texts(image, container):
        caption, credit = split_credit(text)
        break
    alt = line(image.get("alt"), 1000) or None
    credit = _marked_credit(image) or credit or (split_credit(alt)[1] if alt else None)
    return Picture(
        url=url,
        caption=caption or None,
        credit=_plain_credit(credit),
        alt=alt,
        width=_pixels(image.get("width")),
        height=_pixels(image.get("height")),
    )


def _largest(image: etree._Element) -> str | None:
    """The biggest file an image offers: `srcset` by width or density, then the lazy-loading attributes, then `src`."""
    best, best_size = None, 0.0
    sources = [image]
    if image.getparent() is not None and image.getparent().tag == "picture":
        sources += list(image.getparent().iter("source"))
    for element in sources:
        for name in _LAZY_SETS:
            for url, size in _candidates(element.get(name) or ""):
                if size > best_size:
                    best, best_size = url, size
    if best:
        return best
    values = (line(image.get(name), 4000) for name in _LAZY)
    return next((value for value in values if value and not value.startswith("data:")), None)


def _candidates(srcset: str) -> Iterator[tuple[str, float]]:
    for part in re.split(r",\s+|,(?=https?:)", srcset[:8000]):
        url, _, size = part.strip().partition(" ")
        if url and not url.startswith("data:"):
            number = re.match(r"\s*([\d.]+)[wx]", size)
            yield (
                url,
                float(number.group(1)) if number and number.group(1).count(".") < 2 and number.group(1) != "." else 1.0,
            )


def _belongs(image: etree._Element, container: etree._Element | None, url: str) -> bool:
    width, height = _pixels(image.get("width")), _pixels(image.get("height"))
    if (
        (width and width < _SMALLEST)
        or (height and height < _SMALLEST * 0.6)
        or (urlsplit(url).path.endswith((".svg", ".gif")) and not _in_figure_with_caption(image))
    ):
        return False
    if _NOT_A_PICTURE.search(f"{urlsplit(url).path} {image.get('class') or ''}"):
        return False
    for parent in image.iterancestors():
        if parent is container:
            return True
        if parent.tag in ("aside", "nav", "footer", "noscript", "button"):
            return False
        if _ELSEWHERE.search(f"{parent.get('class') or ''} {parent.get('id') or ''}"):
            return False
        if parent.tag == "a" and _leads_to_a_story(parent) and not _in_figure_with_caption(image):
            return False
    return True


def _leads_to_a_story(link: etree._Element) -> bool:
    href = (link.get("href") or "").split("?")[0].lower()
    return bool(href) and not href.startswith("#") and not re.search(r"\.(jpe?g|png|webp|avif|gif)$", href)


def _in_figure_with_caption(image: etree._Element) -> bool:
    figure = next((p for p in image.iterancestors() if p.tag == "figure"), None)
    return figure is not None and figure.find(".//figcaption") is not None


def _caption_texts(image: etree._Element, container: etree._Element | None) -> Iterator[str]:
    """Texts that stand as this image's caption, the surest first."""
    for parent in image.iterancestors():
        if parent is container or parent.tag in ("article", "body", "main", "section"):
            break
        if parent.tag == "figure" or (parent.tag == "table" and len(list(parent.iter("img"))) == 1):
            yield from _own_captions(parent)
            if parent.tag == "table" and (text := line(text_of_tree(parent), 1000)):
                yield text
        elif len(list(parent.iter("img"))) == 1:
            yield from _own_captions(parent)
    yield from _following(image)


def _own_captions(holder: etree._Element) -> Iterator[str]:
    for element in holder.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "figcaption" or (element.tag != "img" and _CAPTION.search(element.get("class") or "")):
            text = line(text_of_tree(element).replace("\n", " "), 1000)
            if text and len(text) < 900:
                yield text


def _following(image: etree._Element) -> Iterator[str]:
    """The short paragraph right after an image, where it is marked as a caption or ends in a picture credit."""
    holder = image
    while holder.getparent() is not None and holder.getparent().tag in (
        "p",
        "a",
        "picture",
        "span",
        "figure",
        "center",
    ):
        holder = holder.getparent()
    after = holder.getnext()
    if after is None or not isinstance(after.tag, str):
        return
    text = line(text_of_tree(after).replace("\n", " "), 1000)
    marked = bool(_CAPTION.search(after.get("class") or "")) or after.tag == "figcaption"
    if text and len(text) < 500 and (marked or split_credit(text)[1]) and after.find(".//img") is None:
        yield text


def _marked_credit(image: etree._Element) -> str | None:
    figure = next((p for p in image.iterancestors() if p.tag == "figure"), None)
    if figure is None:
        return None
    for element in figure.iter():
        marks = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
        if isinstance(element.tag, str) and _CREDIT.search(marks):
            text = line(text_of_tree(element).replace("\n", " "), 200)
            if text:
                return text
    return line(image.get("data-credit") or image.get("data-copyright"), 200) or None


def _plain_credit(credit: str | None) -> str | None:
    """`Photo: Reuters` and `(Ảnh: TTXVN)` are both just the name."""
    if not credit:
        return None
    _, inner = split_credit(f"({credit.strip('()[] ')})")
    return line(inner or credit, 200).strip(" ()[]") or None


def _declared(ld: dict[str, Any], base: str | None) -> Iterator[Picture]:
    for node in objects(ld.get("image") or ld.get("associatedMedia") or []):
        url = absolute(next(iter(texts(node.get("url") or node.get("contentUrl") or node.get("@id"))), None), base)
        if url and not _NOT_A_PICTURE.search(urlsplit(url).path):
            caption, credit = split_credit(next(iter(texts(node.get("caption") or node.get("description"))), ""))
            named = next(iter(texts(node.get("creditText") or node.get("credit") or node.get("copyrightHolder"))), None)
            yield Picture(
                url=url,
                caption=caption or None,
                credit=_plain_credit(named or credit),
                width=_pixels(node.get("width")),
                height=_pixels(node.get("height")),
            )


def _pixels(value: Any) -> int | None:
    found = re.match(
        r"^\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*$", str(value.get("value") if isinstance(value, dict) else value)
    )
    return int(found.group(1)) or None if found else None


def _file(url: str) -> str:
    """A picture's file name without its size: the same picture is offered in many widths."""
    name = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1].lower()
    plain = re.sub(
        r"[-_@]?(?:\d{2,4}x\d{2,4}|\d{2,4}w|w\d{2,4}|\d+x|scaled|thumb|large|medium|small)(?=\.|$)", "", name
    )
    return plain if len(plain) > 6 else url
