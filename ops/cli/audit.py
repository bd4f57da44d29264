"""`newsroom audit`: is the desk's audit log still the one that was written?"""

from typing import Any

import typer

from ops.cli import house

app = typer.Typer(help="The desk's audit log.", no_args_is_help=True)


@app.command("verify")
def verify(as_json: house.AsJson = False) -> None:
    """Recompute the chain of hashes over the whole audit log; exit code 1 when it is broken."""
    found: dict[str, Any] = house.call("publishing", "GET", "/v1/audit/verification", timeout=600).json()
    house.put_out(found, as_json, lambda data: typer.echo(_words(data)))
    if found["broken_at"] is not None:
        raise typer.Exit(1)


@app.callback()
def _group() -> None:
    """Keep `audit verify` a subcommand: with one command typer would fold the two into one."""


def _words(found: dict[str, Any]) -> str:
    if found["broken_at"] is None:
        return f"{found['entries']} entries; every one follows from the one before."
    return f"BROKEN at entry {found['broken_at']}: it does not follow from the one before. Keep a copy of the database."
