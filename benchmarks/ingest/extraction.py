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


def read_all(step: int = 1) -> tuple[dict[str, Item | None], float]:
    """The item of every `step`th page (None where none was found), and pages per second on one core."""
    truth = json.loads((DATA / "ground-truth.json").read_text())
    pages = {key: gzip.decompress((DATA / "html" / f"{key}.html.gz").read_bytes()) for key in list(truth)[::step]}
    read: dict[str, Item | None] = {}
    began = time.process_time()
    for key, content in pages.items():
        try:
            read[key] = read_page(content, Hints(url=truth[key]["url"], now=_NOW))
        except Unreadable:
            read[key] = None
    return read, len(pages) / (time.process_time() - began)


def score(read: dict[str, Item | None]) -> tuple[float, float, float, dict[str, tuple[float | None, float]]]:
    """Mean precision, mean recall, their F1, and each page's pair."""
    truth = json.loads((DATA / "ground-truth.json").read_text())
    pairs = {key: agreement(truth[key]["articleBody"], item.body_text if item else "") for key, item in read.items()}
    precision = [p for p, _ in pairs.values() if p is not None]
    recall = [r for _, r in pairs.values()]
    mean_precision, mean_recall = sum(precision) / len(precision), sum(recall) / len(recall)
    return mean_precision, mean_recall, 2 * mean_precision * mean_recall / (mean_precision + mean_recall), pairs


def main() -> None:
    """Print the figures."""
    if not DATA.exists():
        print(f"extraction: skipped, no data ({DATA}; set NEWSROOM_DATA)")
        return
    read_all()  # the first reading loads models and fills caches
    read, speed = read_all()
    precision, recall, f1, _ = score(read)
    print(f"extraction: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.4f}; {speed:.0f} pages/s a core")


if __name__ == "__main__":
    main()
