"""`newsroom enrichment …`, `newsroom moderation …`: the services' own tools.

A service brings them as `services.<name>.tools`, a module with a typer app `app`; it is imported only when it is used,
because it carries numpy and models that no other command needs.
"""

import importlib
from typing import Any

import typer

from ops.cli import house

_PASSES_ON: dict[str, Any] = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def _group(service: str) -> typer.Typer:
    app = typer.Typer(
        help=f"Tools of {service}: evaluate, and what else it offers.",
        invoke_without_command=True,
        context_settings=_PASSES_ON,
    )

    @app.callback(invoke_without_command=True, context_settings=_PASSES_ON)
    def pass_on(context: typer.Context) -> None:
        try:
            tools = importlib.import_module(f"services.{service}.tools")
        except ModuleNotFoundError as error:
            house.fail(f"The tools of {service} are not installed ({error.name} is missing). Run `make setup`.")
        tools.app(context.args or ["--help"], prog_name=f"newsroom {service}", standalone_mode=True)

    return app


enrichment = _group("enrichment")
moderation = _group("moderation")
