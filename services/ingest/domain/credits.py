"""Who wrote it, who wired it, whose picture it is: read from the words a page shows, in English and Vietnamese."""

import re
from dataclasses import dataclass

from services.ingest.domain.texts import line

#: Agencies by the name a desk uses, with the spellings that mean them.
AGENCIES: dict[str, tuple[str, ...]] = {
    "Reuters": ("reuters", "thomson reuters", "hãng tin reuters"),
    "AP": ("ap", "associated press", "the associated press"),
    "AFP": ("afp", "agence france-presse", "agence france presse"),
    "TTXVN": ("ttxvn", "vna", "vietnam news agency", "thông tấn xã việt nam", "vietnam+", "vietnamplus"),
    "Xinhua": ("xinhua", "tân hoa xã", "thx", "xinhua news agency", "tân hoa xã (xinhua)"),
    "TASS": ("tass", "itar-tass"),
    "RIA Novosti": ("ria novosti", "ria"),
    "Sputnik": ("sputnik",),
    "Interfax": ("interfax",),
    "dpa": ("dpa", "deutsche presse-agentur"),
    "EFE": ("efe",),
    "ANSA": ("ansa",),
    "Kyodo": ("kyodo", "kyodo news"),
    "Jiji": ("jiji", "jiji press"),
    "Yonhap": ("yonhap", "yonhap news agency"),
    "PTI": ("pti", "press trust of india"),
    "ANI": ("ani",),
    "IANS": ("ians",),
    "PA Media": ("pa media", "press association", "pa"),
    "UPI": ("upi", "united press international"),
    "Anadolu": ("anadolu", "anadolu agency", "aa"),
    "Bernama": ("bernama",),
    "Antara": ("antara",),
    "Bloomberg": ("bloomberg", "bloomberg news"),
    "CNA": ("central news agency",),
    "AAP": ("aap", "australian associated press"),
    "Canadian Press": ("canadian press", "the canadian press"),
    "GlobeNewswire": ("globenewswire", "globe newswire"),
    "PR Newswire": ("pr newswire", "prnewswire", "/prnewswire/"),
    "Business Wire": ("business wire", "businesswire"),
}
_BY_SPELLING = {spelling: name for name, spellings in AGENCIES.items() for spelling in spellings}
#: Spellings too short or too common to be taken for an agency in running text unless written in capitals.
_CAPITALS_ONLY = {"ap", "pa", "aa", "ria", "ani", "efe", "upi", "pti", "vna", "thx"}
_NAMES = "|".join(sorted((re.escape(s) for s in _BY_SPELLING), key=len, reverse=True))

_SOURCE_WORD = r"(?:source|sources|nguồn|nguồn tin|theo|via|according to)"
_TRAILING_SOURCE = re.compile(rf"[(\[]\s*{_SOURCE_WORD}\s*[:：]?\s*([^()\[\]]{{2,80}})[)\]]\s*\.?\s*$", re.IGNORECASE)
_SOURCE_LINE = re.compile(r"^(?:source|nguồn|nguồn tin)\s*[:：]\s*(.{2,200})$", re.IGNORECASE)
_ACCORDING = re.compile(
    rf"\b(?:according to|as reported by|reported by|citing|cited by|"
    rf"theo(?: tin từ| hãng tin| hãng thông tấn| hãng)?)\s+"
    rf"(?:the\s+|a\s+)?(?:news agency\s+|hãng tin\s+)?({_NAMES})\b",
    re.IGNORECASE,
)
_MAYBE_WIRE = ("(", "（", "according to", "reported by", "citing", "cited by", "theo ")
_DATELINE = re.compile(rf"^[^\n]{{0,80}}?[(（]\s*({_NAMES})\s*[)）]\s*[-–—:]", re.IGNORECASE)
_BY = re.compile(
    r"^(?:by|written by|reported by|reporting by|story by|tác giả|bài và ảnh|bài|phóng viên|pv)\b\s*[:：]?\s+",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:,|;|/|\||&| and | và | with )\s*", re.IGNORECASE)
_ROLE = re.compile(
    r"\s*[,|–—-]\s*(?:staff|senior|chief|correspondent|reporter|editor|contributor|writer|special to).*$", re.IGNORECASE
)
_CREDIT = re.compile(
    r"[(\[（]\s*(?:file\s+)?(?:photos?|pictures?|images?|credit|photo credit|image credit|courtesy|source|illustration|"
    r"graphics?|ảnh tư liệu|ảnh minh họa|ảnh|hình|hình ảnh|nguồn ảnh|nguồn|đồ họa|minh họa|video)"
    r"\s*(?:by|courtesy of|:|：|/|-)?\s*"
    r"([^()\[\]（）]{2,120})[)\]）]\s*\.?\s*$",
    re.IGNORECASE,
)
_CREDIT_LINE = re.compile(
    r"(?:^|[.!?…”\"’]\s+|\s[-–—|/]\s*|\s{2,})(?:file\s+)?(?:photos?|pictures?|images?|credit|photo credit|image credit|"
    r"photograph|ảnh minh họa|ảnh tư liệu|ảnh|hình|hình ảnh|nguồn ảnh|nguồn)"
    r"\s*(?:by\b|courtesy of\b|:|：)\s*([^\n]{2,120}?)\.?\s*$",
    re.IGNORECASE,
)
_AGENCY_TAIL = re.compile(
    r"(?:^|[.!?…”\"’]\s*)((?:[A-Z][\w.’'-]+\s){1,3}?(?:[A-Z][\w.’'-]+)?/(?:[A-Z][\w .&-]{1,40}))\s*$"
)


@dataclass(frozen=True, slots=True)
class Credit:
    """A byline read from one line: people, and the wire or outlet named beside them."""

    byline: str | None = None
    wire: str | None = None
    raw: str = ""


def agency(name: str | None) -> str | None:
    """The agency a spelling means (`hãng tin Reuters` → `Reuters`), or None."""
    plain = line(name).strip(" .,:;()[]").casefold()
    return _BY_SPELLING.get(plain) or _BY_SPELLING.get(plain.removeprefix("hãng tin ").removeprefix("the "))


def read_byline(text: str) -> Credit | None:
    """A line such as `Hoa Vu (Source: Reuters)`, `By Jane Doe, Reuters`, `Theo Hoa Vũ/TTXVN`: a person and a wire.

    None when the line reads like a sentence and not like a credit.
    """
    raw = line(text, 300)
    wire = None
    rest = raw
    if found := _TRAILING_SOURCE.search(raw):
        wire = agency(found.group(1)) or _proper(found.group(1))
        rest = raw[: found.start()].strip()
        if rest and not is_name(rest):
            return None
    named = bool(_BY.match(rest))
    rest = _BY.sub("", rest).strip()
    if not rest:
        return Credit(None, wire, raw) if wire else None
    people: list[str] = []
    for part in _AND.split(_ROLE.sub("", rest)):
        if known := agency(part):
            wire = wire or known
        elif part:
            people.append(part.strip(" ."))
    if not all(is_name(person) for person in people) or not (named or wire):
        return None
    return Credit(", ".join(people) or None, wire, raw)


def is_name(text: str) -> bool:
    """Whether a short text looks like the name of a person or an agency: 1–6 words, mostly capitalised, no digits."""
    parts = text.strip(" .,").split()
    if not 1 <= len(parts) <= 6 or len(text) > 60 or re.search(r"[\d:;!?<>@#]", text):
        return False
    capitals = sum(part[0].isupper() for part in parts)
    return capitals >= max(1, len(parts) - 1) and parts[0][0].isupper()


def people(names: list[str]) -> list[str]:
    """Author names as a page gives them, cleaned: no addresses, no `By`, no agencies, no repetition."""
    kept: list[str] = []
    for name in names:
        text = _BY.sub("", line(name, 200))
        if "://" in text or "@" in text or not re.search(r"[^\W\d_]", text):
            continue
        kept += [
            part.strip() for part in re.split(r"\s+(?:and|và)\s+|\s*[;|]\s*", text) if part.strip() and not agency(part)
        ]
    return list(dict.fromkeys(kept))


def wire_in_text(text: str) -> tuple[str, str] | None:
    """The wire a story credits in its first three paragraphs, with the words that say so, or None."""
    for part in text.split("\n")[:3]:
        lowered = part.lower()
        if not any(mark in lowered for mark in _MAYBE_WIRE):
            continue
        dateline = _DATELINE.match(part)
        for found in (dateline, _ACCORDING.search(part)):
            if found and _is_meant(found.group(1)):
                return _BY_SPELLING[found.group(1).casefold()], line(found.group(0), 120)
    return None


def source_line(text: str) -> str | None:
    """What stands after `Source:` / `Nguồn:` on a line of its own."""
    found = _SOURCE_LINE.match(line(text, 300))
    return found.group(1).strip() if found else None


def split_credit(caption: str) -> tuple[str, str | None]:
    """A caption and the credit inside it: `Trump meets Putin. (Photo: Reuters)` → the sentence, `Reuters`."""
    text = line(caption, 2000)
    for pattern in (_CREDIT, _CREDIT_LINE, _AGENCY_TAIL):
        if found := pattern.search(text):
            credit = found.group(1).strip(" .:")
            kept = text[: found.start()].rstrip(" -–—|/")
            if found.group(0)[:1] in '.!?…”"’':
                kept += found.group(0)[0]
            return kept.strip(), credit or None
    return text, None


def _is_meant(spelling: str) -> bool:
    return spelling.casefold() not in _CAPITALS_ONLY or spelling.isupper()


def _proper(text: str) -> str | None:
    name = line(text, 80).strip(" .")
    return name if is_name(name) else None
