"""The golden description of publishing's API, and what every operation in it must say.

`python -m tests.contract.openapi` writes it (`make schemas` does too); a test compares, so that a change of the API is
seen in review.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.publishing.app import build
from services.publishing.settings import Settings
from shared.runtime.doors import ANSWERS

GOLDEN = Path(__file__).with_name("openapi.json")
_METHODS = ("get", "put", "post", "patch", "delete")
_USUAL = {str(status): answer["content"] for status, answer in ANSWERS.items()}


def document() -> dict[str, Any]:
    """The OpenAPI document publishing serves."""
    return build(Settings(database_url="postgresql://x/x", redis_url="redis://x")).openapi()


def golden() -> str:
    """The document as it is kept: sorted, and the usual refusals, alike at every door, as a list of their statuses."""
    kept = document()
    for _, _, operation in operations(kept):
        usual = [s for s, answer in operation["responses"].items() if answer.get("content") == _USUAL.get(s, 0)]
        refused = {status: operation["responses"].pop(status)["description"] for status in usual}
        operation["x-refuses"] = refused if refused != _words() else sorted(refused)
    return json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _words() -> dict[str, str]:
    return {str(status): answer["description"] for status, answer in ANSWERS.items()}


def operations(openapi: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of each."""
    for path, item in openapi["paths"].items():
        yield from ((method, path, item[method]) for method in _METHODS if method in item)


def faults(openapi: dict[str, Any]) -> list[str]:
    """What operations fail to say: a name for clients, a summary, a description, a tag, their refusals, an example."""
    names = Counter(operation.get("operationId") for _, _, operation in operations(openapi))
    found = [f"operationId {name!r} is used {number} times" for name, number in names.items() if number > 1]
    for method, path, operation in operations(openapi):
        found += [f"{method.upper()} {path}: {fault}" for fault in _faults(method, operation, openapi)]
    return found


def _faults(method: str, operation: dict[str, Any], openapi: dict[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-zA-Z0-9]+", operation.get("operationId", "")):
        yield "operationId is not in camelCase"
    summary = operation.get("summary", "")
    if not 5 <= len(summary) <= 120 or summary.endswith("."):
        yield "summary is missing, too long or ends with a stop"
    if not operation.get("description"):
        yield "no description"
    if not operation.get("tags"):
        yield "no tag"
    if not {"401", "403", "404", "422", "429", "503"} <= operation["responses"].keys():
        yield "the refusals are not named: is its router a DoorRouter?"
    if not any("200" <= status < "400" for status in operation["responses"]):
        yield "no answer for when all goes well"
    if method == "post" and "Idempotency-Key" not in {p["name"] for p in operation.get("parameters", ())}:
        yield "Idempotency-Key is not named"
    for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
        if not _has_example(body, openapi):
            yield f"the body ({media_type}) has no example"


def _has_example(body: dict[str, Any], openapi: dict[str, Any]) -> bool:
    choices = [_followed(choice, openapi) for choice in body["schema"].get("anyOf", [body["schema"]])]
    fields = [field for choice in choices for field in choice.get("properties", {}).values()]
    return any("example" in place or "examples" in place for place in (body, *choices, *fields))


def _followed(schema: dict[str, Any], openapi: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


if __name__ == "__main__":
    GOLDEN.write_text(golden())
    sys.exit(0)
