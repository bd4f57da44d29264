"""`newsroom consumers`: who reads the publications, how far they are, and credentials for a new reader."""

import asyncio
import contextlib
import json
import os
import re
import secrets
from typing import Annotated, Any

import typer

from ops.cli import house
from ops.home import SERVICES
from ops.web import Unreachable, ask

app = typer.Typer(help="Who reads the publications, and how far they are.", invoke_without_command=True)

_CURSOR = "publications:at:"  # where a reader keeps its position: publishing reads it there, as a receipt
_READ = "+@connection -@admin -@dangerous +xread +xrange +xrevrange +xlen +xinfo|stream +get +set"
_GROUP = (
    "+xreadgroup +xack +xpending +xautoclaim +xclaim +xinfo|groups +xinfo|consumers "
    "+xgroup|create +xgroup|createconsumer"
)


@app.callback(invoke_without_command=True)
def consumers(context: typer.Context, as_json: house.AsJson = False) -> None:
    """Show every consumer of every kind: its position, its lag in entries and in seconds."""
    if context.invoked_subcommand is None:
        found = house.call("publishing", "GET", "/v1/consumers").json()
        house.put_out(found, as_json, _table)


def _table(found: dict[str, Any]) -> None:
    columns = ["kind", "name", "position", "lag_entries", "lag_seconds", "state"]
    columns += ["notice"] if any(row.get("notice") for row in found["items"]) else []
    if not found["items"]:
        typer.echo("Nobody reads the publications yet. `newsroom consumers add NAME` makes a reader.")
        return
    house.table("Consumers", columns, [house.pick(row, *columns) for row in found["items"]])


@app.command("add")
def add(
    name: str,
    group: Annotated[
        bool,
        typer.Option(
            "--group",
            help="May also read in groups; Redis cannot keep it out of those of others. Begin each connection with "
            "XREADGROUP at 0: what Redis gave out as it went down, and never arrived, is only there.",
        ),
    ] = False,
    as_json: house.AsJson = False,
) -> None:
    """Make a Redis user who may read the stream `publications` and write its own position, nothing else.

    Prints a ten-line client.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,40}", name):
        house.fail(f"{name!r} is no name for a consumer: take small letters, digits and dashes, a letter first.")
    password = secrets.token_urlsafe(24)
    server = _redis_url()
    asyncio.run(_make_user(server, name, password, group))
    scheme, _, rest = server.partition("://")
    url = f"{scheme}://{name}:{password}@{rest.rpartition('@')[2]}"
    made = {"name": name, "url": url, "client": client(url, name)}
    house.put_out(made, as_json, lambda data: typer.echo(f"{data['url']}\n\n{data['client']}"))


@app.command("remove")
def remove(name: str) -> None:
    """Take a Redis reader's user away. What it received stays known."""
    if not asyncio.run(_delete_user(_redis_url(), name)):
        house.fail(f"There is no reader called {name}. `newsroom consumers` lists them.")
    with contextlib.suppress(Unreachable):  # then it stays listed, and that is all
        for kind in ("cursor", "stream"):
            ask("DELETE", f"{house.address('publishing')}/v1/consumers/{kind}/{name}", token=house.token())
    typer.echo(f"{name} can read no more.")


def client(url: str, name: str) -> str:
    """A whole consumer: it keeps its position in its own key and goes on where it stopped."""
    return f"""import json, redis

stream = {_connected(url)}
position = stream.get("{_CURSOR}{name}") or "0"
while True:
    for _, entries in stream.xread({{"publications": position}}, count=100, block=2000) or []:
        for position, fields in entries:
            event = json.loads(fields["event"])
            print(event["type"], event["subject"], event["data"].get("headline", ""))
            stream.set("{_CURSOR}{name}", position)"""


def _connected(url: str) -> str:
    """The expression that connects redis-py to such a Redis."""
    from shared.runtime.redis import Place

    place = Place.of(url)
    if place.kind == "single":
        return f'redis.Redis.from_url("{url}", decode_responses=True)'
    given = "".join(f", {key}={value!r}" for key, value in place.given.items())
    if place.kind == "sentinel":
        return f'redis.Sentinel({list(place.nodes)}).master_for("{place.master}"{given}, decode_responses=True)'
    host, port = place.nodes[0]
    return f'redis.RedisCluster("{host}", {port}{given}, decode_responses=True)'


def _redis_url() -> str:
    given = os.environ.get("REDIS_URL")
    if given:
        return given
    try:
        return str(json.loads((house.home().folder / "run.json").read_text())["redis_url"])
    except (OSError, ValueError, KeyError):
        house.fail("Which Redis? Set REDIS_URL to one with the right to make users, or start the local stack.")


async def _make_user(server: str, name: str, password: str, group: bool) -> None:
    from shared.runtime.redis import Place

    keys = ["%RW~publications" if group else "%R~publications", f"%RW~{_CURSOR}{name}"]
    spread = ["+cluster|slots", "+command"] if Place.of(server).kind == "cluster" else []
    rules = [
        "reset",
        "on",
        f">{password}",
        "resetkeys",
        *keys,
        *_READ.split(),
        *(_GROUP.split() if group else []),
        *spread,
    ]
    await _change_users(server, "SETUSER", name, *rules)


async def _delete_user(server: str, name: str) -> bool:
    """Whether there was such a reader. The services' own users are none."""
    from shared.runtime.redis import visiting

    if name in {"default", *SERVICES}:
        return False
    gone = any(await _change_users(server, "DELUSER", name))
    async with visiting(server) as link:
        await link.delete(f"{_CURSOR}{name}")
    return gone


async def _change_users(server: str, *words: str) -> list[Any]:
    """One `ACL` command on every server, for users do not replicate; written down where there is an aclfile.

    Ends with an error that names the servers which could not be asked, when it is done on all others.
    """
    from redis.exceptions import RedisError, ResponseError

    from shared.runtime.redis import servers

    forgetful, answers, away = False, list[Any](), list[str]()
    try:
        found = await servers(server)
    except RedisError as error:
        house.fail(f"Redis cannot be asked: {error}")
    for link in found:
        command: Any = link.execute_command  # its types are not declared
        try:
            async with link:
                answers.append(await command(f"ACL {words[0]}", *words[1:]))
                with contextlib.suppress(ResponseError):
                    await command("ACL SAVE")
                    continue
                forgetful = True
        except ResponseError as error:
            house.fail(f"Redis refused to change the user {words[1]}: {error}.")
        except RedisError as error:
            away.append(str(error).rstrip("."))
    if forgetful:
        typer.echo("This Redis has no aclfile: the change is gone when it restarts.", err=True)
    if away:
        house.fail(
            f"{len(away)} of {len(found)} Redis servers do not know of this yet; say it again. {'. '.join(away)}."
        )
    return answers
