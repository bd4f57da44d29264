"""Body HTML: what may stand in it, and its plain text."""

import html
import re

import nh3

_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "cite", "code", "del", "em", "figcaption", "figure", "h2", "h3", "h4"),
    *("hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s", "small", "strong", "sub", "sup", "table", "tbody"),
    *("td", "tfoot", "th", "thead", "time", "tr", "u", "ul"),
}
_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "time": {"datetime"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="noopener nofollow"
)
_BREAKS = re.compile(r"</(?:p|h[1-6]|li|blockquote|tr|figcaption|pre)>|<br\s*/?>|<hr\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def clean_html(body: str) -> str:
    """`body` with only harmless tags, attributes and links left. Cleaning twice changes nothing."""
    return _CLEANER.clean(body)


def plain_text(body: str) -> str:
    """The words of cleaned HTML, one block a line."""
    spaced = _TAG.sub("", _BREAKS.sub("\n", body))
    lines = (" ".join(line.split()) for line in html.unescape(spaced).split("\n"))
    return "\n".join(line for line in lines if line)
