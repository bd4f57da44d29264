"""Throws made-up requests at every door of publishing: no fault of ours, and no answer the OpenAPI does not name.

    python -m benchmarks.fuzz_publishing [--examples 1000] [--part 1/8] [--seed 1]

Runs schemathesis against a real process on real servers, with that many examples an operation beside those that cover
the schema's edges. The house has stories in every state, rules, subscriptions and people, and most requests name one of
them (`fuzz_hooks`). `--part 2/8` takes the second eighth of the operations, so that a long run may be cut. The desk's
live view, which never ends, is left out; the public log is read by pages.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import orjson

from ops import servers
from shared.runtime.migrate import upgrade
from tests.publishing.desk.replicas import AUTH, TOKEN, Replica

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"
_ENDLESS = ("/v1/desk/events",)
_ROOT = Path(__file__).parents[1]
#: A machine that stands still for a minute is not what is tested, nor is how often one may ask.
_PATIENT = {
    "PUBLISHING_COMMAND_TIMEOUT": "3600",
    "PUBLISHING_CLAIM_AFTER": "3600",
    "PUBLISHING_REQUESTS_PER_MINUTE": "0",
    "PUBLISHING_COMMENTS_PER_MINUTE": "1000000",
}
_STORY = {
    "headline": "Bridge opens",
    "body_html": "<p>It is 2.3 km long.</p>",
    "outlet": "The Lagoon Post",
    "credit": "Mai Tran",
    "source_url": "https://outlet.example/bridge",
    "language": "en",
}
_ORDERS: list[list[tuple[str, dict[str, Any]]]] = [
    [],
    [("submit", {})],
    [("submit", {}), ("approve", {})],
    [("schedule", {"at": "2099-01-01T00:00:00Z"})],
    [("publish", {"undo_seconds": 0})],
    [("publish", {"undo_seconds": 600})],
    [("publish", {"undo_seconds": 0}), ("correct", {"undo_seconds": 0, "correction": {"note": "It was wrong."}})],
    [("publish", {"undo_seconds": 0}), ("unpublish", {})],
    [("publish", {"undo_seconds": 0}), ("kill", {"note": "A court said so."})],
    [("spike", {})],
]


async def main() -> int:
    """Start a house, fuzz it, answer schemathesis' exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="newsroom-fuzz-"))
    url, redis_url = servers.start_postgres(home / "pg", durable=False), servers.start_valkey(home / "valkey")
    os.environ |= _PATIENT
    try:
        await _execute(url, "CREATE DATABASE fuzz")
        own = url.replace("/postgres?", "/fuzz?")
        await asyncio.to_thread(upgrade, "publishing", own)
        replica = await Replica(own, redis_url).start()
        try:
            async with httpx2.AsyncClient(base_url=replica.url, headers=AUTH, timeout=600) as client:
                (home / "known.json").write_bytes(orjson.dumps(await furnish(client)))
                names = await _operations(client, given.part)
            await _execute(own, "UPDATE comments SET state = 'shown', shown_at = now()")  # as moderation would say
            return await _fuzz(replica.url, home, names, given)
        finally:
            await replica.kill()
    finally:
        servers.stop_postgres(home / "pg")
        servers.stop_valkey(home / "valkey")


async def _execute(url: str, statement: str) -> None:
    place, _, host = url.partition("?host=")
    link = await asyncpg.connect(user="postgres", database=place.rpartition("/")[2], host=host)
    await link.execute(statement)
    await link.close()


async def furnish(client: httpx2.AsyncClient, many: int = 200) -> dict[str, list[str]]:
    """Fill the house through its doors; answers the ids of what is there, by kind."""

    async def make(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await client.post(path, json=body)
        assert answer.status_code < 300, f"{path} {body}: {answer.status_code} {answer.text}"
        made: dict[str, Any] = answer.json()
        return made

    found: dict[str, list[str]] = {"number": ["1", "2", "3"], "extension": ["rss", "atom", "json"]}
    for number in range(many):
        article = await make("/v1/articles", _STORY)
        for verb, order in _ORDERS[number % len(_ORDERS)]:
            await make(f"/v1/articles/{article['id']}/{verb}", order)
        found.setdefault("article", []).append(article["id"])
        found.setdefault("slug", []).append(article["slug"])
        if number % len(_ORDERS) == 4:
            said = {"text": "A fine bridge.", "author_name": "An"}
            comment = await make(f"/v1/public/articles/{article['id']}/comments", said)
            found.setdefault("comment", []).append(comment["comment_id"])
    for number in range(many // 6):
        rule = await make("/v1/rules", {"name": f"rule {number}", "actions": {"desk": "night"}})
        found.setdefault("rule", []).append(rule["id"])
        hook = {"name": f"hook {number}", "url": "https://receiver.invalid/in"}
        subscription = await make("/v1/subscriptions", hook)
        found.setdefault("subscription", []).append(str(subscription["id"]))
        token = await make("/v1/tokens", {"name": f"token {number}", "roles": ["reader"]})
        found.setdefault("token", []).append(token["id"])
        job = await make("/v1/bulk", {"verb": "submit", "ids": found["article"][:3]})
        found.setdefault("job", []).append(job["id"])
    for number in range(10):
        person = {"name": f"p{number}", "display_name": "P", "password": "correct horse battery", "roles": ["editor"]}
        found.setdefault("user", []).append((await make("/v1/users", person))["id"])
        replay = await make(f"/v1/subscriptions/{found['subscription'][0]}/replays", {"after": 0, "rate": 1})
        found.setdefault("replay", []).append(str(replay["id"]))
    problems = (await client.get("/problems")).json()["items"]
    return {**found, "problem": [problem["type"].rpartition("/")[2] for problem in problems]}


async def _fuzz(url: str, home: Path, names: list[str], given: argparse.Namespace) -> int:
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json", "--no-color"),
        *("-H", f"Authorization: Bearer {TOKEN}", "-c", _CHECKS, "-n", str(given.examples), "-w", "1"),
        *("--phases", "coverage,fuzzing", "--continue-on-failure", "--request-timeout", "600"),
        *("--seed", str(given.seed), "--include-operation-id-regex", f"^({'|'.join(names)})$"),
    ]
    print(f"part {given.part}: {len(names)} operations: {', '.join(names)}", flush=True)
    told = {
        "SCHEMATHESIS_HOOKS": "benchmarks.fuzz_hooks",
        "NEWSROOM_FUZZ_KNOWN": str(home / "known.json"),
        "PYTHONPATH": str(_ROOT),
    }
    process = await asyncio.create_subprocess_exec(
        *command, cwd=home, env={**os.environ, **told}
    )  # its cache stays there
    return await process.wait()


async def _operations(client: httpx2.AsyncClient, part: str) -> list[str]:
    """The operations of a part, by name."""
    paths = (await client.get("/openapi.json")).json()["paths"]
    names = [
        operation["operationId"]
        for path, item in paths.items()
        if path not in _ENDLESS
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    ]
    number, parts = (int(word) for word in part.split("/"))
    return names[number - 1 :: parts]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
