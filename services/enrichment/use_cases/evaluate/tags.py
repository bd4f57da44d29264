"""Key phrases against those that readers marked."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from services.enrichment.domain.background import background
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.text import words
from services.enrichment.use_cases.evaluate.corpus import BadFile, Reader

DEPTH = 10


def measure_tags(path: Path, read: Reader) -> dict[str, float]:
    """F1 of the best ten key phrases, exact but for case, mean over texts; beside tf × background weight of words."""
    ours, plain, count = 0.0, 0.0, 0
    for text, marked in marked_texts(path):
        headline, _, body = text.strip().partition("\n")
        draft = read(Draft(UUID(int=count), headline, body or headline, "en"))
        truth = {" ".join(words(m.lower())) for m in marked}
        ours += _f1([p.text for p in draft.phrases[:DEPTH]], truth)
        plain += _f1(_by_weight(text), truth)
        count += 1
    if not count:
        raise BadFile(f"{path}: no texts with key phrases found")
    return {"texts": count, "f1_at_10": round(ours / count, 4), "tf_weight_f1_at_10": round(plain / count, 4)}


def _f1(found: list[str], truth: set[str]) -> float:
    hits = len({" ".join(words(f.lower())) for f in found} & truth)
    if not hits:
        return 0.0
    precision, recall = hits / len(found), hits / len(truth)
    return 2 * precision * recall / (precision + recall)


def _by_weight(text: str) -> list[str]:
    known = background("en")
    counts: dict[str, int] = {}
    for word in words(text.lower()):
        counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda w: -counts[w] * known.weight(w))[:DEPTH]


def marked_texts(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Texts with key phrases: a zip of `docsutf8/*.txt` and `keys/*.key`, or JSON lines (`text`, `keyphrases`)."""
    if path.suffix != ".zip":
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row["text"], row["keyphrases"]
        return
    with zipfile.ZipFile(path) as archive:
        keys = {Path(n).stem: n for n in archive.namelist() if n.endswith(".key")}
        for name in sorted(archive.namelist()):
            if name.endswith(".txt") and Path(name).stem in keys:
                marked = archive.read(keys[Path(name).stem]).decode("utf-8", "replace").split("\n")
                yield archive.read(name).decode("utf-8", "replace"), [m.strip() for m in marked if m.strip()]
