"""Publishing's API is described as it is, whole, and a change of it is seen in review."""

from difflib import unified_diff

from tests.contract import openapi


def test_the_api_is_the_one_that_was_reviewed() -> None:
    kept, now = openapi.GOLDEN.read_text(), openapi.golden()
    if kept != now:  # drawn here: pytest's own comparison of two such texts takes minutes
        changes = "\n".join(unified_diff(kept.splitlines(), now.splitlines(), "reviewed", "now", lineterm="", n=2))
        raise AssertionError(f"The API changed. If it is meant, run `make schemas` and commit it:\n{changes[:6000]}")


def test_every_operation_says_what_clients_need() -> None:
    assert openapi.faults(openapi.document()) == []


def test_an_operation_that_says_too_little_is_named() -> None:
    said = {"operationId": "Do_it", "summary": "Do.", "responses": {"200": {}}}
    body = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
    found = openapi.faults({"paths": {"/v1/x": {"post": {**said, **body}}}})
    assert len(found) == 7
    assert all(fault.startswith("POST /v1/x: ") for fault in found)
