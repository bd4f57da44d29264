"""Tags: names, key phrases and the source's own keywords, folded into the vocabulary's tags, each with its reason."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.enrichment.domain.draft import Draft, Name, Phrase, TagFound
from services.enrichment.domain.sections import section_named
from services.enrichment.domain.text import is_furniture, slug
from services.enrichment.domain.vocabulary import Vocabulary

_NAMES = 8
_PHRASES = 4
_MOST = 14
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
        tellers = _TELLERS | {slug(name).removeprefix("the-") for name in (draft.outlet, *draft.authors)}
        for tag in (*self._named(draft), *self._keywords(draft), *self._known(draft), *self._topics(draft)):
            kept = found.get(tag.slug)
            if tag.slug.removeprefix("the-") in tellers and not tag.known:
                continue
            if tag.slug and (kept is None or tag.score > kept.score):
                kind = kept.kind if kept and tag.kind == "topic" and not tag.known else tag.kind
                found[tag.slug] = replace(tag, kind=kind)  # a keyword says no kind; what the text says of it does
        whole = [t for t in found.values() if not _is_fragment(t, found)]
        return replace(draft, tags=tuple(sorted(whole, key=lambda t: (-t.score, t.slug))[:_MOST]))

    def _named(self, draft: Draft) -> list[TagFound]:
        length = len(draft.body_words)
        return [
            self._resolved(_of_name(n, length)) for n in draft.names[:_NAMES] if not _is_syllable(n, draft.language)
        ]

    def _topics(self, draft: Draft) -> list[TagFound]:
        named = {n.text.lower() for n in draft.names}
        fresh = [p for p in draft.phrases if " " in p.text and not any(p.text.lower() in n for n in named)]
        whole: list[Phrase] = []
        for phrase in fresh:
            if not _cut(phrase.text, draft.language, [*named, *(p.text.lower() for p in whole)]):
                whole.append(phrase)
        return [self._resolved(_of_phrase(p)) for p in whole[:_PHRASES]]

    def _keywords(self, draft: Draft) -> list[TagFound]:
        said = [k.strip() for k in draft.keywords[:12] if 1 < len(k.strip()) <= 60 and not is_furniture(k)]
        said = [k for k in said if not section_named(k)]  # "News", "Thời sự": where it is filed, not what it is about
        return [self._resolved(TagFound(slug(k), k, "topic", 0.8, "The source's own keyword.", "source")) for k in said]

    def _known(self, draft: Draft) -> list[TagFound]:
        return [
            TagFound(
                tag.slug,
                tag.name,
                tag.kind,
                min(0.95, 0.45 + 0.12 * count),
                f"“{written}” stands in the text {count}×.",
                known=True,
            )
            for tag, written, count in self.vocabulary.standing_in(draft.headline, draft.body)
        ]

    def _resolved(self, found: TagFound) -> TagFound:
        """The vocabulary's tag where it knows this name or an alias of it, else the proposal itself."""
        known = self.vocabulary.find(found.name)
        if known is None:
            return found
        return replace(found, slug=known.slug, name=known.name, kind=known.kind, known=True)


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


def _is_fragment(tag: TagFound, found: Mapping[str, TagFound]) -> bool:
    """Whether it is a key phrase that only stands inside another tag: "sắt ven" in "đường sắt ven biển"."""
    guessed = tag.kind == "topic" and tag.origin == "machine" and not tag.known
    return guessed and any(f"-{tag.slug}-" in f"-{other}-" for other in found if other != tag.slug)


def _of_name(name: Name, length: int) -> TagFound:
    score = min(0.98, 0.35 + 0.1 * min(name.count, 4) + 0.2 * name.in_title + 0.1 * (name.first < length / 6))
    where = " and in the headline" if name.in_title else ""
    times = "once" if name.count == 1 else f"{name.count} times"
    said = name.text.removesuffix("'s").removesuffix("’s")
    return TagFound(slug(said), said, name.kind, round(score, 3), f"Named {times}{where}: {name.evidence}.")


def _of_phrase(phrase: Phrase) -> TagFound:
    times = "once" if phrase.count == 1 else f"{phrase.count} times"
    return TagFound(
        slug(phrase.text), phrase.text, "topic", min(0.7, phrase.score / 25), f"A key phrase, said {times}."
    )
