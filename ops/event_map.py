"""Writes docs/event-map.md: who tells and who hears each fact, read from the facts and the handlers' own signatures.

`--check` only compares, for `make check`.
"""

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from ops.home import SERVICES
from shared.events import EVENTS, Event

TARGET = Path("docs/event-map.md")


@dataclass(frozen=True)
class Handler:
    """A function that a service lets hear a fact."""

    service: str
    name: str
    hears: type[Event]
    tells: str
    does: str


def handlers() -> Iterator[Handler]:
    """Every handler of every service, by service and then as its file has them."""
    for service in sorted(SERVICES):
        try:
            module = importlib.import_module(f"services.{service}.handlers")
        except ModuleNotFoundError as missing:
            if missing.name != f"services.{service}.handlers":
                raise
            continue  # ingest hears nobody
        for name, function in inspect.getmembers(module, inspect.iscoroutinefunction):
            heard = _heard(function) if not name.startswith("_") else None
            if heard is not None:
                yield Handler(service, name, heard, _told(function), (function.__doc__ or "").strip().split("\n")[0])


def _heard(function: Callable[..., Any]) -> type[Event] | None:
    """The fact of the first parameter: a fact, or a list of them."""
    parameters = list(inspect.signature(function).parameters)
    first = get_type_hints(function).get(parameters[0]) if parameters else None
    if get_origin(first) is list:
        first = get_args(first)[0]
    return first if isinstance(first, type) and issubclass(first, Event) else None


def _told(function: Callable[..., Any]) -> str:
    """The return annotation in the words of the code, without module names."""
    annotation = inspect.signature(function).return_annotation
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"(?:\w+\.)+(\w+)", r"\1", text)


def document() -> str:
    """The whole page."""
    found = list(handlers())
    parts = [_HEAD, _facts(found), "## What each service does with what it hears", *_services(found)]
    return "\n\n".join(parts) + "\n"


_HEAD = """# Event map

Written by `make event-map` from `shared/events` and the handlers' signatures; do not edit. One class is one fact is one
stream; only what the world sees shares the one ordered stream `publications`."""


def _facts(found: list[Handler]) -> str:
    rows = ["| fact | type on the wire | stream | told by | heard by |", "|---|---|---|---|---|"]
    for fact in sorted(EVENTS.values(), key=lambda fact: (fact.teller, fact.stream_name(), fact.__name__)):
        hearers = sorted({h.service for h in found if issubclass(fact, h.hears)})
        if fact.__module__ == "shared.events.access":
            hearers = ["every service (runtime)"]
        heard = ", ".join(hearers) or "consumers outside"
        rows.append(f"| `{fact.__name__}` | `{fact.type_name()}` | `{fact.stream_name()}` | {fact.teller} | {heard} |")
    return "\n".join(rows)


def _services(found: list[Handler]) -> Iterator[str]:
    for service in sorted({handler.service for handler in found}):
        lines = [f"### {service}", ""]
        lines += [f"- `{h.name}({h.hears.__name__}) → {h.tells}`: {h.does}" for h in found if h.service == service]
        yield "\n".join(lines)


def main() -> None:
    """Write the page, or with `--check` say that it is out of date (exit code 1)."""
    made = document()
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_text() != made:
            raise SystemExit(f"{TARGET} is out of date: run `make event-map` and commit it.")
        return
    TARGET.write_text(made)


if __name__ == "__main__":
    main()
