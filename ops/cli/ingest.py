"""`newsroom ingest`: addresses, files and folders of any format into ingest; interrupted runs go on where they were."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ops.cli import house
from ops.cli.sending import TYPES, How, Result, send


def ingest(
    what: Annotated[list[str], typer.Argument(help="Addresses (http…), files, folders.", metavar="URL|FILE|FOLDER…")],
    source: Annotated[str, typer.Option(help="The source these stories belong to.")] = "",
    publish: Annotated[bool, typer.Option("--publish", help="Let them be published without an editor.")] = False,
    at_once: Annotated[int, typer.Option(help="How many at a time.", min=1, max=16)] = 4,
    again: Annotated[bool, typer.Option("--again", help="Send files that were sent before, too.")] = False,
    as_json: house.AsJson = False,
) -> None:
    """Take in articles and feeds by address, file or folder; exit code 1 when any failed."""
    journal = _Journal(house.home().folder, again)
    things = [thing for name in what for thing in _things(name)]
    waiting = [thing for thing in things if not journal.has(thing)]
    results = list(_run(waiting, How(source, publish), at_once, journal, quiet=as_json))
    found = {"results": [asdict(result) for result in results], "sent_before": len(things) - len(waiting)}
    house.put_out(found, as_json, lambda data: _show(results, data["sent_before"]))
    if any(result.errors for result in results):
        raise typer.Exit(1)


def _things(name: str) -> list[str]:
    """What an argument stands for: itself, or the files of a folder."""
    path = Path(name)
    if not name.startswith(("http://", "https://")) and path.is_dir():
        return [str(file) for file in sorted(path.rglob("*")) if file.suffix.lower() in TYPES]
    return [name]


def _run(things: list[str], how: How, at_once: int, journal: "_Journal", *, quiet: bool) -> Iterator[Result]:
    from rich.console import Console
    from rich.progress import Progress

    with (
        ThreadPoolExecutor(at_once) as pool,
        Progress(console=Console(stderr=True), disable=quiet or len(things) < 2, transient=True) as progress,
    ):
        task = progress.add_task("Sending", total=len(things))
        asked: dict[Future[Result], str] = {pool.submit(send, thing, how): thing for thing in things}
        try:
            for done in as_completed(asked):
                result = done.result()
                if not result.errors:
                    journal.add(asked[done])
                progress.advance(task)
                yield result
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            house.fail("Interrupted. What was sent is kept; the same command goes on from there.")


def _show(results: list[Result], before: int) -> None:
    total: Counter[str] = Counter()
    for result in results:
        total.update(result.outcomes)
        for error in result.errors:
            typer.echo(f"FAILED  {result.what}: {error}", err=True)
        if result.outcomes and len(results) <= 20:
            words = ", ".join(f"{count} {outcome}" for outcome, count in result.outcomes.items())
            typer.echo(f"{words:<12}  {result.what}  {' '.join(result.articles[:3])}")
    failed = sum(1 for result in results if result.errors)
    words = ", ".join(f"{count} {outcome}" for outcome, count in sorted(total.items())) or "none"
    typer.echo(f"Stories: {words}. Failed: {failed}. Sent before: {before}.")


class _Journal:
    """Which files were sent, by content, so that an interrupted run goes on; addresses are always asked."""

    def __init__(self, folder: Path, again: bool) -> None:
        self.path = folder / "ingested"
        self.known = set() if again or not self.path.exists() else set(self.path.read_text().split())

    def has(self, thing: str) -> bool:
        return _mark(thing) in self.known

    def add(self, thing: str) -> None:
        mark = _mark(thing)
        if mark:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a") as file:
                file.write(f"{mark}\n")


def _mark(thing: str) -> str:
    path = Path(thing)
    if thing.startswith("http") or not path.is_file():
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:32]


def replay(
    source: Annotated[str, typer.Option(help="Only documents of this source.")] = "",
    write: Annotated[
        bool, typer.Option("--write", help="Keep what became new or revised; else only report it.")
    ] = False,
    as_json: house.AsJson = False,
) -> None:
    """Read archived documents again with today's readers; without --write nothing is changed."""
    from rich.console import Console
    from rich.progress import Progress, TimeRemainingColumn

    query = f"?source={source}" if source else ""
    total = house.call("ingest", "GET", f"/v1/replay{query}").json()["documents"]
    sums: Counter[str] = Counter()
    errors: list[dict[str, Any]] = []
    columns = (*Progress.get_default_columns(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=as_json, transient=True) as progress:
        task = progress.add_task("Reading again", total=total)
        after: str | None = None
        while True:
            body = {"source": source or None, "dry_run": not write, "after": after}
            report = house.call("ingest", "POST", "/v1/replay", body, timeout=600).json()
            sums.update({name: report[name] for name in ("read", "new", "revised", "unchanged")})
            errors += report["errors"]
            progress.advance(task, report["read"])
            after = report["next"]
            if after is None:
                break
    found = {"documents": total, **sums, "errors": errors, "written": write}
    house.put_out(found, as_json, lambda data: typer.echo(_words(data)))


def _words(found: dict[str, Any]) -> str:
    told = f"{found['read']} documents: {found['new']} new, {found['revised']} revised, {found['unchanged']} unchanged"
    failed = f", {len(found['errors'])} unreadable" if found["errors"] else ""
    return f"{told}{failed}. {'Kept.' if found['written'] else 'Nothing was changed; --write keeps it.'}"
