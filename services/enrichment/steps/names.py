"""Names in a text: capitalised runs, read by the habits of English or Vietnamese, with a kind and its evidence."""

import re
from collections.abc import Iterator
from itertools import chain

from services.enrichment.domain.draft import Draft, Name, TagKind
from services.enrichment.domain.gazetteer import Gazetteer
from services.enrichment.domain.mention import Mention
from services.enrichment.domain.names_en import english_kind, english_runs
from services.enrichment.domain.names_vi import vietnamese_kind, vietnamese_runs
from services.enrichment.domain.text import fold, is_furniture, rest_of_word

_TOKEN = re.compile(r"[^\s_](?:(?<=\W)|" + rest_of_word("-'’&", ".,") + ")")  # a sign stands alone
_MOST = 60


class FindNames:
    """Find names and say what they name."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def __call__(self, draft: Draft) -> Draft:
        """The draft with `names`, most frequent first; variants of a person's name are folded into the fullest."""
        mentions = list(self.mentions(draft.headline, draft.sentences, draft.language))
        return draft._replace(names=tuple(self.named(mentions, draft.language)[:_MOST]))

    def mentions(self, headline: str, sentences: tuple[str, ...], language: str) -> Iterator[Mention]:
        """Every place where something is named. A word that also stands in small letters is seldom one."""
        told = list(map(_TOKEN.findall, sentences))
        small = set(filter(str.islower, chain.from_iterable(told)))
        shouting = sum(w.isupper() for w in headline.split()) > len(headline.split()) / 2
        lines = [(_TOKEN.findall(headline), True)] if not shouting else []
        find = vietnamese_runs if language == "vi" else english_runs
        at = 0
        for tokens, titled in [*lines, *((s, False) for s in told)]:
            if not (titled and language == "en" and _title_case(tokens)):
                for start, end in find(tokens, small):
                    before = tuple(map(str.lower, tokens[max(0, start - 3) : start]))
                    after = tokens[end].lower() if end < len(tokens) else ""
                    yield Mention(tuple(tokens[start:end]), before, after, start == 0, at + start, titled)
            at += len(tokens)

    def named(self, mentions: list[Mention], language: str) -> list[Name]:
        """Mentions gathered into names."""
        held: dict[str, list[Mention]] = {}
        for mention in mentions:
            held.setdefault(_written(mention.words), []).append(mention)
        full = {
            short: long
            for short, long in _fullest(list(held)).items()
            if self.kind_of(long, held[long], language)[0] in (("person", "event") if " " in short else ("person",))
        }
        gathered: dict[str, list[Mention]] = {}
        for text, found in held.items():
            gathered.setdefault(full.get(text, text), []).extend(found)
        names = []
        for text, found in gathered.items():
            kind, evidence = self.kind_of(text, found, language)
            if kind is not None and not is_furniture(text):
                first, titled = min([m.at for m in found]), any(m.titled for m in found)
                names.append(Name(text, kind, len(found), first, titled, evidence))
        return sorted(names, key=lambda n: (-n.count - 2 * n.in_title, n.first))

    def kind_of(self, text: str, found: list[Mention], language: str) -> tuple[TagKind | None, str]:
        """What a name names, and by what sign; None for what is no name after all."""
        small = text.lower()
        words = small.split()
        listed = self._gazetteer.place(fold(text))
        if language == "vi":
            return vietnamese_kind(small, words, found, listed)
        return english_kind(small, words, found, listed)


def _written(words: tuple[str, ...]) -> str:
    """A name as it is written: points stand behind their word, and what it owns is not part of it."""
    if len(words) == 1:
        return words[0].removesuffix("'s").removesuffix("’s")
    return (
        " ".join(words)
        .replace(" . ", ". ")
        .replace(" ' ", "' ")
        .replace(" ’ ", "’ ")
        .removesuffix("'s")
        .removesuffix("’s")
    )


def _title_case(tokens: list[str]) -> bool:
    """Whether a headline capitalises every word, so that capitals say nothing."""
    letters = [t for t in tokens if t[0].isalpha() and len(t) > 3]
    return len(letters) > 3 and sum(t[0].isupper() for t in letters) > 0.8 * len(letters)


def _fullest(names: list[str]) -> dict[str, str]:
    """For each short form the one fuller name it stands for: `Putin` → `Vladimir Putin`, never where two would do."""
    longer: dict[str, set[str]] = {}
    for name in names:
        words = name.split()
        for short in {" ".join(words[-1:]), " ".join(words[-2:])} - {name}:
            longer.setdefault(short, set()).add(name)
    return {short: next(iter(fulls)) for short, fulls in longer.items() if len(fulls) == 1 and short in names}
