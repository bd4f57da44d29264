"""The `newsroom` command against the running stack, as an operator types it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import redis

from ops.demo.load import rendered
from tests.e2e.stack import Stack, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def newsroom(stack: Stack, *words: str, code: int = 0) -> str:
    """Run a command; answers its standard output. Errors are sentences, never tracebacks."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", *words],
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout + (done.stderr if code else "")


def test_status_names_every_service_and_source(stack: Stack, story: dict[str, Any]) -> None:
    found = json.loads(newsroom(stack, "status", "--json"))
    assert {service["service"] for service in found["services"]} == {
        "ingest",
        "enrichment",
        "moderation",
        "publishing",
    }
    assert all(service["ready"] for service in found["services"])
    assert "The Lagoon Post" in {source["name"] for source in found["sources"]}
    assert "The Lagoon Post" in newsroom(stack, "status")


def test_a_saved_page_goes_through_to_the_desk_and_its_life_can_be_traced(stack: Stack, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(rendered("pages/strait-gazette-storm-ashore.html", "https://demo.newsroom.example"))
    sent = json.loads(newsroom(stack, "ingest", str(page), "--json"))
    assert [result["errors"] for result in sent["results"]] == [[]]
    article = sent["results"][0]["articles"][0]
    wait_for(lambda: stack.ask("publishing", "GET", f"/v1/articles/{article}").ok, what="the draft")

    def life() -> set[str]:
        return {step["service"] for step in json.loads(newsroom(stack, "trace", article, "--json"))["steps"]}

    wait_for(lambda: {"ingest", "enrichment", "publishing"} <= life(), what="the whole life of the story")
    again = json.loads(newsroom(stack, "ingest", str(page), "--json"))
    assert again == {"results": [], "sent_before": 1}


def test_what_cannot_be_ingested_is_named_with_its_cause_and_stops_nothing_else(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "empty.xml").write_text("<rss><channel></channel></rss>")
    good = tmp_path / "good.html"
    good.write_bytes(rendered("pages/vinh-xanh-valdoria-reacts.html", "https://demo.newsroom.example"))
    said = newsroom(stack, "ingest", str(tmp_path / "empty.xml"), str(tmp_path / "gone.html"), str(good), code=1)
    assert "gone.html: No such file or directory." in said
    assert f"FAILED  {tmp_path / 'empty.xml'}: " in said
    assert "Failed: 2." in said


def test_tail_shows_publications_in_order(stack: Stack, story: dict[str, Any]) -> None:
    lines = newsroom(stack, "tail", "--after", "0", "--count", "3", "--json").splitlines()
    assert [json.loads(line)["position"] for line in lines] == [1, 2, 3]
    assert newsroom(stack, "tail", "--after", "0", "--count", "1").split()[0] == "1"


def test_there_are_no_dead_letters_and_an_unknown_one_is_said_to_be_unknown(stack: Stack) -> None:
    assert json.loads(newsroom(stack, "dlq", "ls", "--json")) == []
    assert "refused" in newsroom(stack, "dlq", "show", "publishing", "999999", code=1)
    assert "There is no service press" in newsroom(stack, "dlq", "ls", "--service", "press", code=1)


def _consumers(stack: Stack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(newsroom(stack, "consumers", "--json"))["items"]
    return found


def test_an_added_consumer_reads_publications_keeps_its_position_and_nothing_else(
    stack: Stack, story: dict[str, Any]
) -> None:
    made = json.loads(newsroom(stack, "consumers", "add", "my-app", "--json"))
    with stack.client(made["url"]) as reader:
        assert reader.xrange("publications", count=1)
        assert reader.set("publications:at:my-app", "1-0")
        for forbidden in (
            lambda: reader.set("publications:at:another", "1-0"),
            lambda: reader.get("publications:at:another"),
            lambda: reader.xgroup_create("publications", "mine", id="0"),
            lambda: reader.xrange("article.ingested", count=1),
            lambda: reader.xadd("publications", {"event": "forged"}),
            lambda: reader.delete("publications"),
            reader.flushall,
        ):
            with pytest.raises(redis.exceptions.NoPermissionError):
                forbidden()
    compile(made["client"], "client", "exec")
    wait_for(lambda: ("cursor", "my-app") in [(row["kind"], row["name"]) for row in _consumers(stack)])
    assert "can read no more" in newsroom(stack, "consumers", "remove", "my-app")
    assert "my-app" not in [row["name"] for row in _consumers(stack)]
    refused = (redis.exceptions.AuthenticationError, redis.exceptions.RedisClusterException)
    with pytest.raises(refused), stack.client(made["url"]) as reader:
        reader.xrange("publications", count=1)
    assert "is no name for a consumer" in newsroom(stack, "consumers", "add", "My App!", code=1)


def test_accounts_are_made_get_new_passwords_and_close(stack: Stack) -> None:
    def signs_in(password: str) -> bool:
        return stack.ask("publishing", "POST", "/v1/session", {"name": "hoa.vu", "password": password}).ok

    made = json.loads(newsroom(stack, "people", "add", "hoa.vu", "--role", "editor", "--json"))
    assert (made["roles"], made["desk"].endswith("/desk"), signs_in(made["password"])) == (["editor"], True, True)
    assert "is taken" in newsroom(stack, "people", "add", "hoa.vu", code=1)
    changed = json.loads(newsroom(stack, "people", "password", "hoa.vu", "--json"))
    assert (signs_in(made["password"]), signs_in(changed["password"])) == (False, True)
    assert "can sign in no more" in newsroom(stack, "people", "close", "hoa.vu")
    assert not signs_in(changed["password"])
    newsroom(stack, "people", "open", "hoa.vu")
    assert signs_in(changed["password"])
    assert {"editor", "hoa.vu"} <= {one["name"] for one in json.loads(newsroom(stack, "people", "--json"))["items"]}
    assert "Nobody signs in as nobody" in newsroom(stack, "people", "close", "nobody", code=1)


def test_tokens_are_issued_open_the_moderators_desk_and_end(stack: Stack) -> None:
    made = json.loads(newsroom(stack, "tokens", "add", "Hoa", "--role", "moderator", "--days", "2", "--json"))

    def may_moderate() -> bool:
        return stack.ask("moderation", "GET", "/v1/queue", token=made["token"]).ok

    wait_for(may_moderate)
    listed = {one["id"]: one for one in json.loads(newsroom(stack, "tokens", "--json"))["items"]}
    assert (listed[made["id"]]["roles"], listed[made["id"]]["expires_at"] is not None) == (["moderator"], True)
    assert "good for nothing" in newsroom(stack, "tokens", "revoke", made["token"])
    wait_for(lambda: not may_moderate())
    assert "refused DELETE" in newsroom(stack, "tokens", "revoke", "nobody", code=1)


def test_the_audit_is_intact(stack: Stack) -> None:
    assert json.loads(newsroom(stack, "audit", "verify", "--json"))["broken_at"] is None
