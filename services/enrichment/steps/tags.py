"""Tags: names, key phrases and the source's own keywords, folded into the vocabulary's tags, each with its reason."""

import re
from collections.abc import Collection, Iterable, Mapping

from services.enrichment.domain.draft import Draft, Name, Phrase, TagFound
from services.enrichment.domain.gazetteer import gazetteer
from services.enrichment.domain.sections import section_named
from services.enrichment.domain.text import fold, is_furniture, slug, tidy
from services.enrichment.domain.vocabulary import KnownTag, Vocabulary

_NAMES = 8
_PHRASES = 4
_MOST = 14
_ABOUT = 0.5  # what is named once, in passing, is not what a story is about
_OPENING = 100  # words
_LONGEST = 60  # characters
_IS_CODE = re.compile(r"[<>{}\[\]]|://|^[\W\d_]*$")  # markup, data, addresses, no letter at all
_AGENCY_ENDS = ("-wire", "-newswire", "-news-agency", "-press-agency")
_AGENCY_STARTS = ("thong-tan-xa-", "hang-thong-tan-")
#: Who tells a story is not what it is about: agencies and photographers of agencies stand in nearly every text.
_TELLERS = frozenset(
    slug(name).removeprefix("the-")
    for name in (
        "AFP", "Agence France-Presse", "Al Jazeera", "ANI", "ANSA", "AP", "Associated Press", "The Associated Press",
        "BBC", "Bloomberg", "CNN", "dpa", "EFE", "EPA", "Getty", "Getty Images", "Interfax", "Itar-Tass", "Kyodo",
        "Kyodo News", "NTB", "PA", "Press Association", "PTI", "RIA Novosti", "Reuters", "Ritzau", "Shutterstock",
        "SIPA", "TASS", "Tân Hoa Xã", "TTXVN", "Thông tấn xã Việt Nam", "TT", "UPI", "VNA", "Xinhua", "Yonhap",
    )
)  # fmt: skip


class ChooseTags:
    """Choose an article's tags. Holds a snapshot of the vocabulary; `vocabulary` may be replaced between articles."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def __call__(self, draft: Draft) -> Draft:
        """The draft with `tags`, best first: known tags that stand in the text, then names, phrases and keywords."""
        found: dict[str, TagFound] = {}
        tellers = {slug(name).removeprefix("the-") for name in (draft.outlet, *draft.authors)}
        for tag in (*self._named(draft), *self._keywords(draft), *self._known(draft), *self._topics(draft)):
            kept = found.get(tag.slug)
            if self._unfit(tag, tellers):
                continue
            if kept is None:
                found[tag.slug] = tag
            elif tag.score > kept.score:  # a keyword says no kind; what the text says of it does
                kind = kept.kind if tag.kind == "topic" and not self.vocabulary.settled(tag.slug) else tag.kind
                found[tag.slug] = tag._replace(kind=kind, judged=kept.judged or tag.judged)
        marked = {f"-{slug}-": tag for slug, tag in found.items()}
        whole = [t for m, t in marked.items() if self.vocabulary.settled(t.slug) or not _is_fragment(m, marked)]
        return draft._replace(tags=tuple(sorted(whole, key=lambda t: (-t.score, t.slug))[:_MOST]))

    def _unfit(self, tag: TagFound, tellers: Collection[str]) -> bool:
        """Whether it can be no tag, unless a person or an import made it one: no letters, far too long, a teller."""
        strange = not tag.slug or len(tag.name) > _LONGEST or _tells(tag.slug, tellers)
        return strange and not self.vocabulary.settled(tag.slug)

    def _named(self, draft: Draft) -> list[TagFound]:
        opening = max(_OPENING, len(draft.body_words) // 6)
        found = [_of_name(n, opening) for n in draft.names[:_NAMES] if not _is_syllable(n, draft.language)]
        return [self._resolved(t) for t in found if t.score >= _ABOUT]

    def _topics(self, draft: Draft) -> list[TagFound]:
        named = {n.text.lower() for n in draft.names}
        fresh = [p for p in draft.phrases if " " in p.text and not any(p.text.lower() in n for n in named)]
        whole: list[Phrase] = []
        for phrase in fresh:
            if not _cut(phrase.text, draft.language, [*named, *(p.text.lower() for p in whole)]):
                whole.append(phrase)
        return [self._resolved(_of_phrase(p)) for p in whole[:_PHRASES]]

    def _keywords(self, draft: Draft) -> list[TagFound]:
        said = [" ".join(tidy(k[:200]).split()).lstrip("#") for k in draft.keywords[:12]]
        said = [k for k in said if 1 < len(k) <= _LONGEST and not is_furniture(k) and not _IS_CODE.search(k)]
        said = [k for k in said if not section_named(k)]  # "News", "Thời sự": where it is filed, not what it is about
        return [self._resolved(TagFound(slug(k), k, "topic", 0.8, "The source's own keyword.", "source")) for k in said]

    def _known(self, draft: Draft) -> list[TagFound]:
        opening = max(6 * _OPENING, len(draft.body) // 6)
        found = []
        for s in self.vocabulary.standing_in(draft.headline, draft.body):
            score = _strength(s.count, s.titled, s.first < opening)
            if score >= _ABOUT:
                reason = f"“{s.written.lower()}” stands in the text {s.count}×."
                found.append(TagFound(s.tag.slug, _as_written(s.tag, s.written), s.tag.kind, score, reason, known=True))
        return found

    def _resolved(self, found: TagFound) -> TagFound:
        """The vocabulary's tag where it knows this name or an alias of it, else the proposal itself."""
        known = self.vocabulary.find(found.name)
        if known is None:
            return found
        kind = found.kind if known.kind == "topic" and not known.settled else known.kind
        return found._replace(slug=known.slug, name=_as_written(known, found.name), kind=kind, known=True)


def _is_syllable(name: Name, language: str) -> bool:
    """Whether it is but the capital at the head of a Vietnamese compound: the "Thỏa" of "Thỏa thuận"."""
    return language == "vi" and name.kind == "topic" and " " not in name.text


def _cut(text: str, language: str, others: Iterable[str]) -> bool:
    """Whether a phrase is a piece out of the middle: of a name (names are tags of their own), or hooked to another.

    Where words are several syllables written apart, "cốt liệt" is no word beside "hài cốt".
    """
    written = text.split()
    if any(w[0].isupper() for w in written[1:]):
        return True
    ends = [o.split() for o in others]
    first, last = written[0].lower(), written[-1].lower()
    return language == "vi" and any(o[-1] == first or o[0] == last for o in ends)


def _tells(tag: str, tellers: Collection[str]) -> bool:
    """Whether it is who tells the story: an agency, the outlet, an author."""
    plain = tag.removeprefix("the-")
    return plain in _TELLERS or plain in tellers or plain.endswith(_AGENCY_ENDS) or plain.startswith(_AGENCY_STARTS)


def _as_written(tag: KnownTag, written: str) -> str:
    """A tag's name; that of a mere proposal with the accents that this text writes, or leaves out."""
    same = fold(written) == fold(tag.name) and written.lower() != tag.name.lower()
    return written if same and not tag.settled and not written.isupper() else tag.name


def _is_fragment(mark: str, marked: Mapping[str, TagFound]) -> bool:
    """Whether it only stands inside another tag: "sắt ven" in "đường sắt ven biển", "Linh Lan" in "Storm Linh Lan".

    A place that the gazetteer lists is one by itself, whatever else is called after it.
    """
    tag, around = marked[mark], [other for m, other in marked.items() if mark in m and mark != m]
    if not around or tag.origin != "machine":
        return False
    if tag.kind == "topic":
        return not tag.known
    larger = any(o.origin == "source" or o.score >= tag.score for o in around)
    return larger and not gazetteer().place(fold(tag.name))


def _strength(count: int, titled: bool, early: bool) -> float:
    """How much a story is about what it names so often, in its headline, or early on; once in passing is .45."""
    return round(min(0.98, 0.35 + 0.1 * min(count, 4) + 0.2 * titled + 0.1 * early), 3)


def _of_name(name: Name, opening: int) -> TagFound:
    score = _strength(name.count, name.in_title, name.first < opening)
    where = " and in the headline" if name.in_title else ""
    times = "once" if name.count == 1 else f"{name.count} times"
    said = name.text.removesuffix("'s").removesuffix("’s")
    reason = f"Named {times}{where}: {name.evidence}."
    return TagFound(slug(said), said, name.kind, score, reason, judged=name.kind)


def _of_phrase(phrase: Phrase) -> TagFound:
    times = "once" if phrase.count == 1 else f"{phrase.count} times"
    return TagFound(
        slug(phrase.text), phrase.text, "topic", min(0.7, phrase.score / 25), f"A key phrase, said {times}."
    )
