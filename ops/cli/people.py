"""`newsroom people`: who may sign in at the desk; a password is made here and shown once."""

import os
import secrets
from typing import Annotated, Any

import typer

from ops.cli import house

app = typer.Typer(help="Who may sign in at the desk.", invoke_without_command=True)


@app.callback(invoke_without_command=True)
def people(context: typer.Context, as_json: house.AsJson = False) -> None:
    """Show every account."""
    if context.invoked_subcommand is None:
        house.put_out(house.call("publishing", "GET", "/v1/users").json(), as_json, _table)


def _table(found: dict[str, Any]) -> None:
    if not found["items"]:
        typer.echo("Nobody has an account yet. `newsroom people add NAME --role editor` makes one.")
        return
    rows = [[one["name"], one["display_name"], ", ".join(one["roles"]), one["disabled_at"]] for one in found["items"]]
    house.table("People", ["name", "shown as", "roles", "closed"], rows)


@app.command("add")
def add(
    name: str,
    role: Annotated[list[house.Role], typer.Option(help="May be given more than once.")] = [house.Role.EDITOR],  # noqa: B006  # read once
    shown: Annotated[str | None, typer.Option("--shown", help="The name others see; NAME if not given.")] = None,
    as_json: house.AsJson = False,
) -> None:
    """Make an account and print its password, this once."""
    password = secrets.token_urlsafe(12)
    account = {"name": name, "display_name": shown or name, "password": password, "roles": [one.value for one in role]}
    made = house.call("publishing", "POST", "/v1/users", account).json()
    desk = f"{(os.environ.get('NEWSROOM_URL') or house.address('publishing')).rstrip('/')}/desk"  # as people see it
    house.put_out(
        {**made, "password": password, "desk": desk},
        as_json,
        lambda it: typer.echo(f"{it['desk']}\n{name}\n{password}"),
    )


@app.command("password")
def new_password(name: str, as_json: house.AsJson = False) -> None:
    """Give somebody a new password, print it this once, and sign them out everywhere."""
    password = secrets.token_urlsafe(12)
    changed = house.call("publishing", "PATCH", f"/v1/users/{_named(name)}", {"password": password}).json()
    house.put_out({**changed, "password": password}, as_json, lambda it: typer.echo(it["password"]))


@app.command("close")
def close(name: str) -> None:
    """Close an account: signed out everywhere, at once. What its holder did keeps their name."""
    house.call("publishing", "PATCH", f"/v1/users/{_named(name)}", {"disabled": True})
    typer.echo(f"{name} can sign in no more. `newsroom people open {name}` undoes it.")


@app.command("open")
def reopen(name: str) -> None:
    """Open a closed account again, with the password it had."""
    house.call("publishing", "PATCH", f"/v1/users/{_named(name)}", {"disabled": False})
    typer.echo(f"{name} can sign in again.")


def _named(name: str) -> str:
    listed = house.call("publishing", "GET", "/v1/users").json()["items"]
    found: str | None = next((one["id"] for one in listed if one["name"] == name), None)
    if found is None:
        house.fail(f"Nobody signs in as {name}. `newsroom people` lists the accounts.")
    return found
