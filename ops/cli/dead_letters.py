"""`newsroom dlq`: facts a service failed to take in after all its attempts; look, hand them out again, let them go."""

import json
from typing import Annotated, Any

import typer

from ops.cli import house

app = typer.Typer(help="Dead letters: look at them, hand them out again, let them go.", no_args_is_help=True)
Service = Annotated[str, typer.Option("--service", "-s", help="Only this service.")]


@app.command("ls")
def ls(service: Service = "", as_json: house.AsJson = False) -> None:
    """List dead letters of all services."""
    names = _named(service)
    rows = [{"service": name, **row} for name in names for row in _all(name)]
    house.put_out(rows, as_json, _table)


@app.command("show")
def show(service: str, letter: str, as_json: house.AsJson = False) -> None:
    """Show one dead letter whole: the fact, and the story of its attempts."""
    _named(service)
    found = house.call(service, "GET", f"/v1/ops/dead-letters/{letter}").json()
    house.put_out(found, as_json, lambda data: typer.echo(json.dumps(data, ensure_ascii=False, indent=2)))


Letters = Annotated[list[str] | None, typer.Argument(help="Their ids.")]
Every = Annotated[bool, typer.Option("--all", help="All of this service.")]


@app.command("redrive")
def redrive(service: str, letters: Letters = None, every: Every = False, as_json: house.AsJson = False) -> None:
    """Hand dead letters to their service again, after the cause was mended."""
    ids = _chosen(service, letters, every=every)
    done = [house.call(service, "POST", f"/v1/ops/dead-letters/{one}/redrive").json() for one in ids]
    house.put_out(done, as_json, lambda data: typer.echo(f"{len(data)} handed to {service} again."))


@app.command("discard")
def discard(service: str, letters: Letters = None, every: Every = False, as_json: house.AsJson = False) -> None:
    """Let dead letters go for good: what they told will never be done by this service."""
    ids = _chosen(service, letters, every=every)
    done = [house.call(service, "DELETE", f"/v1/ops/dead-letters/{one}").json() for one in ids]
    house.put_out(done, as_json, lambda data: typer.echo(f"{len(data)} discarded by {service}."))


def _chosen(service: str, letters: list[str] | None, *, every: bool) -> list[str]:
    _named(service)
    if bool(letters) == every:
        house.fail("Name the dead letters by their ids, or all of them with --all.")
    return [str(row["id"]) for row in _all(service)] if every else letters or []


def _named(service: str) -> list[str]:
    if service and service not in house.SERVICES:
        house.fail(f"There is no service {service}; there are {', '.join(house.SERVICES)}.")
    return [service] if service else list(house.SERVICES)


def _all(service: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    path = "/v1/ops/dead-letters"
    while True:
        page = house.call(service, "GET", path).json()
        rows += page["items"]
        if not page.get("next"):
            return rows
        path = f"/v1/ops/dead-letters?cursor={page['next']}"


def _table(rows: list[dict[str, Any]]) -> None:
    if not rows:
        typer.echo("No dead letters.")
        return
    columns = ["service", "id", "type", "subject", "attempts", "error"]
    house.table("Dead letters", columns, [house.pick(row, *columns) for row in rows])
