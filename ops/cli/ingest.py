"""`newsroom ingest`: addresses, files and folders of any format into ingest; interrupted runs go on where they were."""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from ops.cli import house
from ops.web import Answer, Unreachable, ask

_TYPES = {
    ".atom": "application/atom+xml",
    ".htm": "text/html",
    ".html": "text/html",
    ".json": "application/json",
    ".rss": "application/rss+xml",
    ".xml": "application/xml",
}
_SUFFIXES = frozenset(_TYPES)


@dataclass(frozen=True)
class Result:
    """What became of one argument: the outcomes of the stories in it, or the error."""

    what: str
    outcomes: dict[str, int]
    articles: list[str]
    error: str | None = None


def ingest(
    what: Annotated[list[str], typer.Argument(help="Addresses (http…), files, folders.", metavar="URL|FILE|FOLDER…")],
    source: Annotated[str, typer.Option(help="The source these stories belong to.")] = "",
    at_once: Annotated[int, typer.Option(help="How many at a time.", min=1, max=16)] = 4,
    again: Annotated[bool, typer.Option("--again", help="Send files that were sent before, too.")] = False,
    as_json: house.AsJson = False,
) -> None:
    """Take in articles and feeds by address, file or folder; exit code 1 when any failed."""
    journal = _Journal(house.home().folder, again)
    things = [thing for name in what for thing in _things(name)]
    waiting = [thing for thing in things if not journal.has(thing)]
    results = list(_run(waiting, source, at_once, journal, quiet=as_json))
    found = {"results": [asdict(result) for result in results], "sent_before": len(things) - len(waiting)}
    house.put_out(found, as_json, lambda data: _show(results, data["sent_before"]))
    if any(result.error for result in results):
        raise typer.Exit(1)


def _things(name: str) -> list[str]:
    """What an argument stands for: itself, or the files of a folder."""
    if name.startswith(("http://", "https://")):
        return [name]
    path = Path(name)
    if path.is_dir():
        return [str(file) for file in sorted(path.rglob("*")) if file.suffix.lower() in _SUFFIXES]
    return [name]


def _run(things: list[str], source: str, at_once: int, journal: "_Journal", *, quiet: bool) -> Iterator[Result]:
    from rich.console import Console
    from rich.progress import Progress

    with (
        ThreadPoolExecutor(at_once) as pool,
        Progress(console=Console(stderr=True), disable=quiet or len(things) < 2, transient=True) as progress,
    ):
        task = progress.add_task("Sending", total=len(things))
        asked: dict[Future[Result], str] = {pool.submit(send, thing, source): thing for thing in things}
        try:
            for done in as_completed(asked):
                result = done.result()
                if result.error is None:
                    journal.add(asked[done])
                progress.advance(task)
                yield result
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            house.fail("Interrupted. What was sent is kept; the same command goes on from there.")


def send(thing: str, source: str) -> Result:
    """Send one address or file; every failure is a result with a sentence."""
    try:
        answer = _send_address(thing, source) if thing.startswith("http") else _send_file(Path(thing), source)
    except OSError as error:
        return Result(thing, {}, [], f"{error.strerror or error}.")
    except Unreachable as error:
        return Result(thing, {}, [], f"{error} Is Newsroom running?")
    if not answer.ok:
        return Result(thing, {}, [], answer.trouble)
    return _read(thing, answer.json())


def _send_file(path: Path, source: str) -> Answer:
    content = path.read_bytes()
    headers = {"Content-Type": _TYPES.get(path.suffix.lower(), "application/octet-stream")}
    query = f"?source={source}" if source else ""
    return ask(
        "POST",
        f"{house.address('ingest')}/v1/items{query}",
        content=content,
        headers=headers,
        token=house.token(),
        timeout=120,
    )


def _send_address(url: str, source: str) -> Answer:
    body = {"url": url, **({"source": source} if source else {})}
    return ask("POST", f"{house.address('ingest')}/v1/items", body, token=house.token(), timeout=120)


def _read(thing: str, answer: dict[str, Any]) -> Result:
    items = answer.get("items", [answer])
    outcomes: dict[str, int] = {}
    for item in items:
        outcomes[item["outcome"]] = outcomes.get(item["outcome"], 0) + 1
    return Result(thing, outcomes, [item["article_id"] for item in items if item.get("article_id")])


def _show(results: list[Result], before: int) -> None:
    for result in results:
        if result.error:
            typer.echo(f"FAILED  {result.what}: {result.error}", err=True)
        elif len(results) <= 20:
            words = ", ".join(f"{count} {outcome}" for outcome, count in result.outcomes.items()) or "nothing new"
            typer.echo(f"{words:<12}  {result.what}  {' '.join(result.articles[:3])}")
    total: dict[str, int] = {}
    for result in results:
        for outcome, count in result.outcomes.items():
            total[outcome] = total.get(outcome, 0) + count
    failed = sum(1 for result in results if result.error)
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
                file.flush()


def _mark(thing: str) -> str:
    if thing.startswith("http") or not os.path.isfile(thing):  # noqa: PTH113  # an address is no path
        return ""
    return hashlib.sha256(Path(thing).read_bytes()).hexdigest()[:32]
