"""`newsroom enrichment reindex`: have a set of articles read again, and watch what that changes."""

import argparse
import time
from typing import Any

import typer

from ops.cli import house


def main(words: list[str]) -> int:
    """Ask for it and follow it to its end. The services go on when this is interrupted; asked again, it goes on too."""
    parser = argparse.ArgumentParser(prog="newsroom enrichment reindex", description=__doc__)
    parser.add_argument("--all", action="store_true", help="also what this version of the enricher has read")
    parser.add_argument("--language", help="only articles in this language (vi)")
    parser.add_argument("--section", help="only articles of this section (sport)")
    parser.add_argument("--since", help="only articles published since (2026-11-01T00:00:00Z)")
    parser.add_argument("--dry-run", action="store_true", help="only count them")
    given = parser.parse_args(words)
    body = {"outdated": not given.all, "language": given.language, "section": given.section, "since": given.since}
    asked = house.call("enrichment", "POST", "/v1/reindex", {**body, "dry_run": given.dry_run}).json()
    typer.echo(f"{asked['matched']} articles match; at {asked['rate']}/s a replica.")
    if given.dry_run or not asked["matched"]:
        return 0
    _follow()
    return 0


def _follow() -> None:
    shown = ""
    while True:
        now = house.call("enrichment", "GET", "/v1/reindex").json()
        line = f"{now['waiting']} wait, {now['seconds_left']} s left"
        if line != shown:
            typer.echo(line)
            shown = line
        if not now["waiting"]:
            break
        time.sleep(1)
    typer.echo(summary(now["latest"]))


def summary(latest: dict[str, Any]) -> str:
    """What a reindex changed, as a sentence."""
    changes = dict(latest["changes"])
    articles = changes.pop("articles", 0)
    said = ", ".join(f"{name} {count}×" for name, count in sorted(changes.items())) or "nothing"
    return (
        f"Read {latest['read']} of {latest['matched']} articles with {latest['enricher']}; {articles} changed: {said}."
    )
