"""`newsroom trace`: the life of one story (or comment) across all services, in the order it happened."""

from typing import Any
from urllib.parse import quote, urlencode

import typer

from ops.cli import house


def trace(subject: str, as_json: house.AsJson = False) -> None:
    """Show the life of an article or a comment across all services, by its id."""
    told, _ = _ask(subject, [])
    types = {step["event_id"]: step["type"] for step in told}
    steps, silent = _ask(subject, list(types)[:150])
    for step in steps:
        step["type"] = step["type"] or types.get(step["event_id"])
    house.put_out({"steps": steps, "silent": silent}, as_json, lambda data: _show(subject, data))


def _ask(subject: str, events: list[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """Every service's steps in order of time, and which services are silent."""
    path = f"/v1/ops/trace/{quote(subject, safe='')}?{urlencode([('event', event) for event in events])}"
    answers = {name: house.try_call(name, "GET", path) for name in house.SERVICES}
    steps = [{"service": name, **step} for name, found in answers.items() if found for step in found["items"]]
    return sorted(steps, key=lambda step: str(step["at"])), [name for name, found in answers.items() if found is None]


def _show(subject: str, data: dict[str, Any]) -> None:
    if data["silent"]:
        typer.echo(f"No answer from: {', '.join(data['silent'])}. The story below may lack their part.", err=True)
    if not data["steps"]:
        house.fail(f"No service knows {subject}.")
    columns = ["at", "service", "what", "type", "correlation_id", "detail"]
    house.table(f"The life of {subject}", columns, [house.pick(step, *columns) for step in data["steps"]])
