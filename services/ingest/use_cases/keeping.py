"""Keeping sources: adding, changing, and what their health looks like."""

from datetime import datetime, timedelta
from typing import Any, Literal

from services.ingest.domain.rhythm import is_strangely_quiet
from services.ingest.storage import Source

Health = Literal["new", "well", "quiet", "failing", "paused", "stopped"]


def health_of(source: Source, now: datetime) -> tuple[Health, str]:
    """A source's health in one word and one sentence."""
    if source.status == "stopped":
        return "stopped", source.last_error or "Stopped; its server said that it is gone for good."
    if source.status == "paused":
        return "paused", "Paused by an operator."
    if source.failures:
        times = "1 failure" if source.failures == 1 else f"{source.failures} failures in a row"
        return "failing", f"{times}: {source.last_error or source.last_cause}"
    if source.last_ok_at is None:
        return "new", "Nothing has come from it yet." if source.kind == "push" else "Not looked at yet."
    if is_strangely_quiet(now, source.last_story_at, timedelta(seconds=source.interval_seconds)):
        return "quiet", f"Has gone strangely quiet: the last new story came {source.last_story_at:%Y-%m-%d %H:%M} UTC."
    return "well", "Answers, and its stories come in."


def after_change(source: Source, changes: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The changes with what follows from them: a new address is looked at at once, a revived source forgets its
    failures.
    """
    follows: dict[str, Any] = {}
    if changes.get("url", source.url) != source.url:
        follows |= {
            "etag": None,
            "last_modified": None,
            "next_at": now,
            "hub": None,
            "hub_until": None,
            "hub_state": None,
            "hub_renew_at": None,
        }
    if changes.get("status") == "active" and source.status != "active":
        follows |= {"failures": 0, "next_at": now, "last_error": None, "last_cause": None}
    return changes | follows
