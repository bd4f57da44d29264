"""`newsroom trace`: the life of one story (or comment) across all services, in the order it happened."""

from typing import Any

import typer

from ops.cli import house


def trace(subject: str, as_json: house.AsJson = False) -> None:
    """Show the life of an article or a comment across all services, by its id."""
    answers = {name: house.try_call(name, "GET", f"/v1/ops/trace/{subject}") for name in house.SERVICES}
    steps = [{"service": name, **step} for name, found in answers.items() if found for step in found["items"]]
    steps.sort(key=lambda step: str(step.get("at") or ""))
    silent = [name for name, found in answers.items() if found is None]
    house.put_out({"steps": steps, "silent": silent}, as_json, lambda data: _show(subject, data))


def _show(subject: str, data: dict[str, Any]) -> None:
    if data["silent"]:
        typer.echo(f"No answer from: {', '.join(data['silent'])}. The story below may lack their part.", err=True)
    if not data["steps"]:
        house.fail(f"No service knows {subject}.")
    columns = ["at", "service", "what", "type", "correlation_id", "detail"]
    house.table(f"The life of {subject}", columns, [house.pick(step, *columns) for step in data["steps"]])
