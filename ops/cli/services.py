"""`newsroom enrichment …`, `newsroom moderation …`: the services' own tools.

A service brings them as `services.<name>.__main__` with `main(words) -> exit code`, imported only when it is used,
because it carries numpy and models that no other command needs.
"""

import importlib
from typing import Any, NoReturn

import typer

from ops.cli import house, reindex

PASSES_ON: dict[str, Any] = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def enrichment(context: typer.Context) -> None:
    """Tools of enrichment: evaluate (on labelled files), reindex (in the running service)."""
    if context.args[:1] == ["reindex"]:
        raise typer.Exit(reindex.main(context.args[1:]))
    _pass_on("enrichment", context.args)


def moderation(context: typer.Context) -> None:
    """Tools of moderation: evaluate, …"""
    _pass_on("moderation", context.args)


def _pass_on(service: str, words: list[str]) -> NoReturn:
    try:
        tools = importlib.import_module(f"services.{service}.__main__")
    except ModuleNotFoundError as error:
        house.fail(f"The tools of {service} are not installed ({error.name} is missing). Run `make setup`.")
    raise typer.Exit(tools.main(words or ["--help"]))
