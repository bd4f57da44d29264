"""`newsroom status`: is everything up, what waits, what got stuck, and how the sources are."""

from typing import Any

import typer

from ops.cli import house
from ops.web import Unreachable, ask


def status(as_json: house.AsJson = False) -> None:
    """Show every service and what waits in it, every source and its health; exit code 1 when something is down."""
    found: dict[str, Any] = {"services": [_service(name) for name in house.SERVICES], **_sources()}
    house.put_out(found, as_json, _show)
    if not all(service["ready"] for service in found["services"]):
        raise typer.Exit(1)


def _service(name: str) -> dict[str, Any]:
    url = house.address(name)
    try:
        answer = ask("GET", f"{url}/readyz", timeout=5)
    except Unreachable as error:
        return {"service": name, "url": url, "ready": False, "why": str(error)}
    inside = house.try_call(name, "GET", "/v1/ops/status") or {}
    return {"service": name, "url": url, "ready": answer.ok, "why": "" if answer.ok else answer.trouble, **inside}


def _sources() -> dict[str, Any]:
    sources = house.try_call("ingest", "GET", "/v1/sources") or {"items": []}
    fetches = house.try_call("ingest", "GET", "/v1/fetches?outcome=failed&limit=10") or {"items": []}
    return {"sources": sources["items"], "failed_fetches": fetches["items"]}


def _show(found: dict[str, Any]) -> None:
    services = found["services"]
    known = [name for name in ("outbox_waiting", "lag", "retries", "dead_letters") if any(name in s for s in services)]
    columns = ["service", "ready", *known, "url", "why"]
    house.table("Services", columns, [house.pick(row, *columns) for row in services])
    held = [(stream, groups) for service in services for stream, groups in service.get("held", {}).items()]
    if held:
        title = "Streams that grow, for a group does not read them (of one that is gone: XGROUP DESTROY stream group)"
        typer.echo("")
        house.table(title, ["stream", "group"], [[stream, group] for stream, groups in held for group in groups])
    if found["sources"]:
        columns = ["name", "health", "stories", "last_checked_at", "next_check_at", "last_error", "url"]
        typer.echo("")
        house.table("Sources", columns, [house.pick(row, *columns) for row in found["sources"]])
    if found["failed_fetches"]:
        columns = ["at", "source", "url", "cause", "detail"]
        typer.echo("")
        house.table("Last failed fetches", columns, [house.pick(row, *columns) for row in found["failed_fetches"]])
