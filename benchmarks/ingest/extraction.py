"""How well and how fast article pages are read, on the 127 pages of article-extraction (scrapinghub, MIT).

Scored as that benchmark does: multisets of word 4-grams; precision and recall are means over the pages, F1 is made of
the two. A page for which nothing is found counts for recall only.
"""

import gzip
import json
import os
import re
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import trafilatura

from benchmarks.measure import Spread
from services.ingest.domain.items import Hints, Item, Unreadable
from services.ingest.sources.pages import read_page

DATA = Path(os.environ.get("NEWSROOM_DATA", Path(__file__).parents[3] / "shared" / "data")) / "article-extraction"
_WORD = re.compile(r"\w+")
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """The multiset of a text's word 4-grams; a shorter text is one shingle."""
    words = _WORD.findall(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)))


def agreement(truth: str, found: str) -> tuple[float | None, float]:
    """Precision (None where nothing was found) and recall of one page."""
    wanted, got = shingles(truth), shingles(found)
    shared = sum((wanted & got).values())
    return (shared / sum(got.values()) if found.strip() else None), shared / sum(wanted.values())


def pages(step: int = 1) -> dict[str, tuple[str, bytes]]:
    """Every `step`th page: its key, its address and its bytes."""
    truth = json.loads((DATA / "ground-truth.json").read_text())
    return {
        key: (truth[key]["url"], gzip.decompress((DATA / "html" / f"{key}.html.gz").read_bytes()))
        for key in list(truth)[::step]
    }


def read_all(step: int = 1) -> tuple[dict[str, Item | None], float]:
    """The item of every `step`th page (None where none was found), and pages per second on one core."""
    read: dict[str, Item | None] = {}
    spent = 0.0
    for key, (url, content) in pages(step).items():
        began = time.process_time()
        try:
            read[key] = read_page(content, Hints(url=url, now=_NOW))
        except Unreadable:
            read[key] = None
        spent += time.process_time() - began
    return read, len(read) / spent


def texts_of(read: dict[str, Item | None]) -> dict[str, str]:
    """The pages' texts; empty where none was found."""
    return {key: item.body_text if item else "" for key, item in read.items()}


def by_trafilatura() -> tuple[dict[str, str], float]:
    """What trafilatura alone finds (`favor_precision`), and its pages per second on one core."""
    read: dict[str, str] = {}
    spent = 0.0
    for key, (url, content) in pages().items():
        began = time.process_time()
        read[key] = trafilatura.extract(content, url=url, favor_precision=True, include_comments=False) or ""
        spent += time.process_time() - began
    return read, len(read) / spent


def score(read: dict[str, str]) -> tuple[float, float, float, dict[str, tuple[float | None, float]]]:
    """Mean precision, mean recall, their F1, and each page's pair."""
    truth = json.loads((DATA / "ground-truth.json").read_text())
    pairs = {key: agreement(truth[key]["articleBody"], text) for key, text in read.items()}
    precision = [p for p, _ in pairs.values() if p is not None]
    recall = [r for _, r in pairs.values()]
    mean_precision, mean_recall = sum(precision) / len(precision), sum(recall) / len(recall)
    return mean_precision, mean_recall, 2 * mean_precision * mean_recall / (mean_precision + mean_recall), pairs


def main() -> None:
    """Print the figures."""
    if not DATA.exists():
        print(f"extraction: skipped, no data ({DATA}; set NEWSROOM_DATA)")
        return
    bare, bare_speed = by_trafilatura()
    bare_precision, bare_recall, bare_f1, _ = score(bare)
    read_all()  # the first reading loads models and fills caches
    rounds = [(read_all(), by_trafilatura()[1]) for _ in range(3)]
    precision, recall, f1, _ = score(texts_of(rounds[0][0][0]))
    speed, beside = Spread.of([ours for (_, ours), _ in rounds]), Spread.of([bare_speed, *(b for _, b in rounds)])
    print(f"extraction: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.4f}  [bar .962]")
    print(f"extraction: whole pages, {speed.median:.1f} pages/s a core ({speed.low:.1f} to {speed.high:.1f})  [bar 30]")
    print(
        f"extraction: baseline, trafilatura alone for the text: {bare_precision:.3f}, {bare_recall:.3f}, {bare_f1:.4f};"
        f" {beside.median:.1f} pages/s ({beside.low:.1f} to {beside.high:.1f})"
    )


if __name__ == "__main__":
    main()
