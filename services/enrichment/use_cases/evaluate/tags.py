"""Key phrases against those that readers marked."""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

from services.enrichment.domain.background import background
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.text import words
from services.enrichment.use_cases.evaluate.corpus import Reader
from services.enrichment.use_cases.evaluate.files import BadFile, rows_of, sound, text_of

DEPTH = 10
#: A text, its language as far as it is said, and the phrases that readers marked in it.
Marked = tuple[str, str, list[str]]


def measure_tags(path: Path, read: Reader) -> dict[str, float]:
    """F1 of the best ten key phrases, exact but for case, mean over texts; beside tf × background weight of words."""

    def ours(text: str, language: str) -> list[str]:
        headline, _, body = text.strip().partition("\n")
        return [p.text for p in read(Draft(UUID(int=0), headline, body or headline, language)).phrases]

    texts = [one for one in marked_texts(path) if one[2]]
    if not texts:
        raise BadFile(f"{path}: no text with key phrases found")
    return {
        "texts": len(texts),
        "f1_at_10": phrases_f1(texts, ours),
        "tf_weight_f1_at_10": phrases_f1(texts, _by_weight),
    }


def phrases_f1(texts: Iterable[Marked], answer: Callable[[str, str], Sequence[str]]) -> float:
    """F1 of the first ten phrases answered for each text, mean over the texts."""
    figures = []
    for text, language, marked in texts:
        found, truth = answer(text, language)[:DEPTH], {_compared(m) for m in marked}
        hits = len({_compared(f) for f in found} & truth)
        figures.append(2 * hits / (len(found) + len(truth)) if hits else 0.0)
    return round(sum(figures) / max(1, len(figures)), 4)


def _compared(phrase: str) -> str:
    return " ".join(words(phrase.lower()))


def _by_weight(text: str, language: str) -> list[str]:
    known = background(language)
    counts: dict[str, int] = {}
    for word in words(text.lower()):
        counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda w: -counts[w] * known.weight(w))[:DEPTH]


def marked_texts(path: Path) -> Iterator[Marked]:
    """Texts with key phrases: a zip of `docsutf8/*.txt` and `keys/*.key`, or JSON lines (`text`, `keyphrases`)."""
    if path.suffix.lower() != ".zip":
        for at, row in rows_of(path):
            marked = row.get("keyphrases")
            if not isinstance(marked, list) or not all(isinstance(m, str) for m in marked):
                raise BadFile(f"{path}, line {at}: `keyphrases` must be a list of texts")
            language = row.get("lang") or row.get("language")
            yield text_of(path, at, row, "text"), language if isinstance(language, str) else "en", [*map(sound, marked)]
        return
    try:
        with zipfile.ZipFile(path) as archive:
            yield from _zipped(archive)
    except zipfile.BadZipFile as error:
        raise BadFile(f"{path}: no zip archive ({error})") from error


def _zipped(archive: zipfile.ZipFile) -> Iterator[Marked]:
    """The language of all stands in `lan.txt`, where there is one."""
    named = {Path(n): n for n in sorted(archive.namelist()) if not n.endswith("/") and "__MACOSX" not in n}
    keys = {p.stem: n for p, n in named.items() if p.suffix == ".key"}
    said = next((archive.read(n).decode("utf-8", "replace") for p, n in named.items() if p.name == "lan.txt"), "en")
    language = said.strip()[:2].lower() or "en"
    for path, name in named.items():
        if path.suffix == ".txt" and path.stem in keys:
            marked = archive.read(keys[path.stem]).decode("utf-8", "replace").splitlines()
            yield archive.read(name).decode("utf-8", "replace"), language, [m.strip() for m in marked if m.strip()]
