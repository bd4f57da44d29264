"""Where the services are and who asks: addresses, the token, and one way to ask them or to say why it failed."""

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from ops.home import SERVICES, Home
from ops.web import Answer, Unreachable, ask

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class Role(StrEnum):
    """What somebody may be; `chief` includes `editor`, and `editor` includes `contributor` (`shared.events.Role`)."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    EDITOR = "editor"
    CHIEF = "chief"
    MODERATOR = "moderator"
    OPERATOR = "operator"


def fail(sentence: str) -> NoReturn:
    """End the command with a sentence on standard error and exit code 1."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def home() -> Home:
    """The home this command is about."""
    try:
        found = Home.here()
    except ValueError as error:
        fail(str(error))
    if not os.environ.get("NEWSROOM_PORT_BASE"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            return Home(found.folder, int(json.loads((found.folder / "run.json").read_text())["port_base"]))
    return found


def address(service: str) -> str:
    """A service's URL: `NEWSROOM_<SERVICE>_URL`, else its port on this machine."""
    return (os.environ.get(f"NEWSROOM_{service.upper()}_URL") or home().url(service)).rstrip("/")


def token() -> str | None:
    """The operator's token: `NEWSROOM_TOKEN`, else that of the local stack, else that of Compose (`.env`)."""
    given = os.environ.get("NEWSROOM_TOKEN")
    if given:
        return given
    with contextlib.suppress(OSError):
        return (home().folder / "token").read_text().strip()
    with contextlib.suppress(OSError):
        for line in Path(".env").read_text().splitlines():
            if line.startswith("NEWSROOM_TOKEN="):
                return line.partition("=")[2].strip()
    return None


def call(service: str, method: str, path: str, body: object = None, **more: Any) -> Answer:
    """Ask a service as the operator. A refusal or silence ends the command with a sentence."""
    url = address(service) + path
    try:
        answer = ask(method, url, body, token=token(), **more)
    except Unreachable as error:
        fail(f"{service} cannot be asked: {error} Is Newsroom running? Start it with `make run` or `make up`.")
    if answer.status == 401:
        fail(f"{service} does not know this token. Set NEWSROOM_TOKEN, or run the command where var/ or .env is.")
    if not answer.ok:
        fail(f"{service} refused {method} {path}: {answer.trouble}")
    return answer


def try_call(service: str, method: str, path: str) -> Any:
    """The JSON answer, or None when the service is silent or refuses: for overviews that must not end early."""
    try:
        answer = ask(method, address(service) + path, token=token(), timeout=5)
    except Unreachable:
        return None
    return answer.json() if answer.ok else None


def put_out(data: Any, as_json: bool, render: Callable[[Any], None]) -> None:
    """Print for a program or for a person."""
    if as_json:
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        render(data)


def table(title: str, columns: list[str], rows: list[list[object]]) -> None:
    """Print a table; long cells wrap."""
    import sys

    from rich.console import Console
    from rich.table import Table

    made = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else 240).print(made)


def pick(row: Mapping[str, Any], *names: str) -> list[object]:
    """Cells of a row by name; absent ones are empty."""
    return [_short(name, row.get(name)) for name in names]


def _short(name: str, value: Any) -> Any:
    """Moments to the second, UTC."""
    return value[:19] if name.endswith("at") and isinstance(value, str) else value


__all__ = [
    "SERVICES",
    "AsJson",
    "Role",
    "address",
    "call",
    "fail",
    "home",
    "pick",
    "put_out",
    "table",
    "token",
    "try_call",
]
