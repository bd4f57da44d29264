"""One line per bar, said at once and kept, so that parts run at different times end in one table."""

import json
import os
from datetime import UTC, datetime
from typing import Any

from benchmarks.measure import RESULTS

_KEPT = RESULTS / "moderation.json"


class Report:
    """The lines of one part. Kept when the part is done, in the place of what the part said before."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.lines: list[dict[str, Any]] = []

    def say(self, bar: str, figure: str, kept: bool | None = None) -> None:
        """One line. `kept`: whether the bar holds; None for what has no bar of its own."""
        self.lines.append({"bar": bar, "figure": figure, "kept": None if kept is None else bool(kept)})
        print(f"{_sign(kept)}  {bar}: {figure}", flush=True)

    def keep(self) -> None:
        """Write the part's lines down, with when and at what load they were measured."""
        told = _told()
        load = round(os.getloadavg()[0], 2)
        told[self.part] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "load": load, "lines": self.lines}
        _KEPT.parent.mkdir(exist_ok=True)
        _KEPT.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def table(parts: list[str]) -> str:
    """All bars as last measured, part by part."""
    told = _told()
    rows = []
    for part in parts:
        if part not in told:
            rows.append(f"--  {part}: not measured here yet")
            continue
        rows.append(f"\n    {part}, {told[part]['at']}, load {told[part]['load']}")
        rows += [f"{_sign(line['kept'])}  {line['bar']:<58} {line['figure']}" for line in told[part]["lines"]]
    return "\n".join(rows)


def _told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_KEPT.read_text(encoding="utf-8")) if _KEPT.exists() else {}
    return found


def _sign(kept: bool | None) -> str:
    return "  " if kept is None else "ok" if kept else "NO"
