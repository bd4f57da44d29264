"""`newsroom tail`: publications as they come."""

import json
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from ops.cli import house
from ops.web import Unreachable, listen


def tail(
    after: Annotated[int | None, typer.Option(help="Start behind this position; 0 is the beginning.")] = None,
    types: Annotated[str, typer.Option(help="Only these types, comma-separated.")] = "",
    count: Annotated[int, typer.Option(help="Stop after so many; 0 is never.")] = 0,
    as_json: house.AsJson = False,
) -> None:
    """Show publications as they come (Ctrl-C ends it)."""
    position = after
    seen = 0
    try:
        while True:
            try:
                for event in _events(position, types):
                    position = int(event["position"])
                    seen += 1
                    typer.echo(json.dumps(event, ensure_ascii=False) if as_json else line(event))
                    if seen == count:
                        return
            except Unreachable as error:
                if seen == 0:
                    house.fail(f"{error} Is Newsroom running?")
                typer.echo(f"{error} Going on behind position {position}.", err=True)
    except KeyboardInterrupt:
        return


def _events(after: int | None, types: str) -> Iterator[dict[str, Any]]:
    """Events of one connection, from `GET /v1/events` as server-sent events; reconnecting is the caller's matter."""
    asked = {"after": after, "types": types or None}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    url = f"{house.address('publishing')}/v1/events?{query}"
    data: list[str] = []
    for text in listen(url, headers={"Accept": "text/event-stream"}, token=house.token()):
        if text.startswith("data:"):
            data.append(text.removeprefix("data:").removeprefix(" "))
        elif not text and data:
            yield json.loads("\n".join(data))
            data = []


def line(event: dict[str, Any]) -> str:
    """One publication as one line: position, time, what happened, to what."""
    data = event.get("data")
    facts: dict[str, Any] = data if isinstance(data, dict) else {}
    what = str(event["type"]).removeprefix("newsroom.").removesuffix(".v1")
    words = facts.get("headline") or facts.get("text") or facts.get("slug") or event.get("subject")
    return f"{event['position']:>7}  {str(event.get('time', ''))[:19]}  {what:<20}  {words}"
