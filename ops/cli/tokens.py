"""`newsroom tokens`: who may come through the services' doors by a token; each is shown once."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from ops.cli import house

app = typer.Typer(help="Tokens for the services' doors and the moderators' desk.", invoke_without_command=True)


@app.callback(invoke_without_command=True)
def tokens(context: typer.Context, as_json: house.AsJson = False) -> None:
    """Show every token, without its secret; ended ones too."""
    if context.invoked_subcommand is None:
        house.put_out(house.call("publishing", "GET", "/v1/tokens").json(), as_json, _table)


def _table(found: dict[str, Any]) -> None:
    if not found["items"]:
        typer.echo("There are no tokens yet. `newsroom tokens add NAME --role moderator` makes one.")
        return
    ends = ("expires_at", "revoked_at", "last_used_at")
    rows = [[one["id"], one["name"], ", ".join(one["roles"]), *house.pick(one, *ends)] for one in found["items"]]
    house.table("Tokens", ["id", "name", "roles", *ends], rows)


@app.command("add")
def add(
    name: str,
    role: Annotated[list[house.Role], typer.Option(help="May be given more than once.")],
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="It ends after so many; never if not given.")
    ] = None,
    as_json: house.AsJson = False,
) -> None:
    """Issue a token and print it, this once. A moderator's also signs in at the desk of moderation."""
    ends = (datetime.now(UTC) + timedelta(days=days)).isoformat() if days else None
    body = {"name": name, "roles": [one.value for one in role], "expires_at": ends}
    made = house.call("publishing", "POST", "/v1/tokens", body).json()
    house.put_out(made, as_json, lambda it: typer.echo(it["token"]))


@app.command("revoke")
def revoke(token_id: str) -> None:
    """End a token, by its id or by what was printed: refused everywhere within seconds, its open streams closed."""
    known = token_id.removeprefix("nwr_").partition("_")[0]
    house.call("publishing", "DELETE", f"/v1/tokens/{known}")
    typer.echo(f"The token {known} is good for nothing now.")
