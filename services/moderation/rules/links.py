"""Links: how many, by whom, and where to."""

import re
from collections.abc import Iterable
from typing import Final

from services.moderation.domain.case import Case
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Policy
from shared.events import VerdictReason

_ENDINGS: Final = (
    "com|net|org|info|biz|xyz|top|site|online|shop|club|vip|live|link|click|icu|win|bet|vn|me|ly|co|cc|io|gl|gd|to|tv|tk"
    "|ru|cn|su|gg|app|dev|pro|store|website|space|fun|asia|us|uk|de|fr|la|ws|rocks|casino|loan|work|world"
)
_LINK: Final = re.compile(
    rf"(?:https?|ftp|hxxps?)://(?:[^\s/@]*@)?([^\s/?#:<>\"]+)|(?<![\w@.])((?:[\w-]+(?:\.|\s?\[\.\]\s?|\(dot\)))+(?:{_ENDINGS}))(?![\w.-]*\w)(?=[/\s,.!?:)\"'»”]|$)",
    re.IGNORECASE,
)
#: Without a dot inside something there is no host to look for.
_DOTTED: Final = re.compile(r"\.\w|\[\.\]|\(dot\)", re.IGNORECASE)
_DOT: Final = re.compile(r"\s?\[\.\]\s?|\(dot\)", re.IGNORECASE)
SHORTENERS: Final = frozenset(
    [
        "bit.ly",
        "bitly.com",
        "tinyurl.com",
        "t.co",
        "goo.gl",
        "ow.ly",
        "is.gd",
        "buff.ly",
        "cutt.ly",
        "rebrand.ly",
        "rb.gy",
        "shorturl.at",
        "t.ly",
        "tiny.cc",
        "bom.so",
        "bom.to",
        "by.com.vn",
        "shope.ee",
        "s.net.vn",
        "lnkd.in",
        "adf.ly",
        "v.gd",
        "qr.ae",
        "soo.gd",
        "clck.ru",
        "s.id",
        "t.me",
        "zalo.me",
    ]
)


def hosts(text: str) -> list[tuple[str, tuple[int, int]]]:
    """Every linked host (lower case, no port) with its span; also without a scheme, and `[.]`-disguised."""
    found = []
    for match in _LINK.finditer(text):
        host = _DOT.sub(".", match.group(1) or match.group(2)).lower().rstrip(".")
        found.append((host.removeprefix("www."), match.span()))
    return found


def belongs(host: str, domains: Iterable[str]) -> bool:
    """Whether a host is one of the domains or below one, by label boundary."""
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def check(case: Case, policy: Policy) -> Iterable[VerdictReason]:
    """`links.denied`, `links.shortener`, `links.too_many`, `links.new_author`; allowed hosts count for nothing."""
    if "://" not in case.text and _DOTTED.search(case.text) is None:
        return []
    part = policy.links
    strange = [(host, span) for host, span in hosts(case.text) if not belongs(host, part.allow)]
    spans = [span for _, span in strange]
    reasons: list[VerdictReason] = []
    denied = [span for host, span in strange if belongs(host, part.deny)]
    if denied:
        reasons += finding("links.denied", part.denied, "It links to a host that is not allowed here.", spans=denied)
    short = [span for host, span in strange if belongs(host, SHORTENERS)]
    if short:
        reasons += finding("links.shortener", part.shortener, "The link hides where it leads.", spans=short)
    if len(strange) > part.most:
        reasons += finding(
            "links.too_many", part.too_many, f"{len(strange)} links; {part.most} are taken.", spans=spans
        )
    if strange and case.author.approved < part.new_author_until:
        reasons += finding(
            "links.new_author", part.new_author, "A link by an author who is still new here.", spans=spans
        )
    return reasons
