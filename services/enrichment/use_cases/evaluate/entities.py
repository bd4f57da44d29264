"""Names in sentences against those that people marked: `[P person]`, `[O organisation]`, `[L place]`, `[E event]`."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from services.enrichment.domain.draft import Draft
from services.enrichment.use_cases.evaluate.corpus import Reader
from services.enrichment.use_cases.evaluate.files import BadFile

KINDS = {"P": "person", "O": "organisation", "L": "place", "E": "event"}
_MARK = re.compile(r"\[([A-Z]) ([^\]]+)\]")
_CAPITALS = re.compile(r"[^\W\d_a-zà-ỹ][\w'’.&-]*(?:\s+[^\W\d_a-zà-ỹ][\w'’&-]*)*")
Marked = tuple[str, set[tuple[str, str]]]


def measure_entities(path: Path, read: Reader) -> dict[str, float]:
    """Untyped and typed F1 over distinct names per sentence: all, the odd lines (may be looked at), the even ones."""
    language = path.stem[:2] if path.stem[:2] in ("en", "vi") else "und"
    sums: Counter[str] = Counter()
    for at, (sentence, wanted) in enumerate(marked_sentences(path)):
        half = "odd" if at % 2 == 0 else "even"
        names = read(Draft(UUID(int=at), "", sentence, language)).names
        found = {(n.text, str(n.kind)) for n in names}
        untyped, truth = {t for t, _ in found}, {t for t, _ in wanted}
        plain = {m.group().rstrip(".") for m in _CAPITALS.finditer(sentence) if m.start() or " " in m.group()}
        for group in (half, "all"):
            for what, got, right in (
                ("untyped", untyped, untyped & truth),
                ("typed", found, found & wanted),
                ("capitals", plain, plain & truth),
            ):
                sums[f"{group} {what} found"] += len(got)
                sums[f"{group} {what} right"] += len(right)
            sums[f"{group} wanted"] += len(truth)
        sums[f"{half} sentences"] += 1
    if not sums["all wanted"]:
        raise BadFile(f"{path}: no names are marked; a name is marked like [P Ada Lovelace] with P, O, L or E")
    answer: dict[str, float] = {
        "sentences": sums["odd sentences"] + sums["even sentences"],
        "names": sums["all wanted"],
    }
    for group in ("all", "odd", "even"):
        for what in ("untyped", "typed", "capitals"):
            total = sums[f"{group} {what} found"] + sums[f"{group} wanted"]
            answer[f"{what}_f1_{group}"] = round(2 * sums[f"{group} {what} right"] / max(1, total), 4)
    return answer


def marked_sentences(path: Path) -> Iterator[Marked]:
    """Each line's sentence without marks, and its names with their kinds; lines that begin with # are left out."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}: the file must be UTF-8 text ({error})") from error
    for at, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        strange = next((k for k, _ in _MARK.findall(line) if k not in KINDS), None)
        if strange:
            raise BadFile(f"{path}, line {at}: a name is marked with P, O, L or E, not with {strange}")
        yield _MARK.sub(r"\2", line), {(text, KINDS[kind]) for kind, text in _MARK.findall(line)}
