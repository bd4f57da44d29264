"""A made-up day at the desk: editors at once, each with what they saw last, and what must be true whatever they do."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import httpx2
from hypothesis import strategies as st

from services.publishing.domain.workflow import STATE_AFTER, WORKFLOW

LIVE = {"published", "corrected", "updated"}
#: What the desk may answer to any of these steps; everything else is a fault.
EXPECTED = {200, 201, 304, 403, 404, 409, 412, 422, 428}


@dataclass(frozen=True)
class Step:
    """What one editor does to one article. `stale`: with the ETag seen earlier instead of a fresh one."""

    do: Literal["save", "replace", "verb", "look", "lock", "restore"]
    article: int
    editor: int
    verb: str = "publish"
    stale: bool = False
    merge: bool = False
    soon: bool = False  # leave the seconds of an undo


_EDITORS, _ARTICLES = 3, 3
steps = st.builds(
    Step,
    do=st.sampled_from(["save", "save", "replace", "verb", "verb", "verb", "look", "lock"]),
    article=st.integers(0, _ARTICLES - 1),
    editor=st.integers(0, _EDITORS - 1),
    verb=st.sampled_from(sorted(WORKFLOW)),
    stale=st.booleans(),
    merge=st.booleans(),
    soon=st.booleans(),
)
#: Groups of steps; those of a group happen at the same time.
_groups = st.lists(steps, min_size=1, max_size=3)
days = st.lists(_groups, min_size=1, max_size=33)
_busy = st.lists(_groups, min_size=10, max_size=33)
_full = st.lists(st.lists(steps, min_size=3, max_size=3), min_size=25, max_size=33)
#: Most days are short, as those find most; some have dozens of steps, some a hundred.
long_days = st.one_of(*[days] * 8, _busy, _full)


@dataclass
class Day:
    """Runs steps against a desk and remembers what was promised."""

    client: httpx2.AsyncClient
    ids: list[str] = field(default_factory=list)
    seen: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    kept: dict[int, set[str]] = field(default_factory=dict)
    answers: int = 0
    words: int = 0

    async def run(self, groups: Sequence[Sequence[Step]]) -> None:
        """Live the day, then look whether every promise held."""
        for number in range(_ARTICLES):
            made = await self.ask("POST", "/v1/articles", {**_STORY, "headline": f"Story {number}"})
            self.ids.append(made.json()["id"])
            self.kept[number] = set()
        for group in groups:
            await asyncio.gather(*(self.step(step) for step in group))
        for number in range(_ARTICLES):
            await self.check(number)

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """One request. Raises AssertionError for an answer nobody promised."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.client.request(method, path, json=body, headers=sent)
        self.answers += 1
        assert answer.status_code in EXPECTED, f"{method} {path} {body}: {answer.status_code} {answer.text}"
        if answer.status_code >= 400:
            assert answer.json()["type"].startswith("/problems/")
            assert answer.json()["detail"]
        return answer

    async def step(self, step: Step) -> None:
        """Do one step."""
        path, key = f"/v1/articles/{self.ids[step.article]}", (step.article, step.editor)
        if step.do == "look" or not step.stale or key not in self.seen:
            self.seen[key] = (await self.ask("GET", path)).json()
        match step.do:
            case "save" | "replace":
                await self._save(step, path, self.seen[key])
            case "verb":
                await self._verb(step, path, self.seen[key])
            case "lock":
                await self.ask("PUT", f"{path}/lock?takeover={str(step.merge).lower()}")

    async def _save(self, step: Step, path: str, seen: dict[str, Any]) -> None:
        self.words += 1
        word = f"word{self.words}end"
        body: dict[str, Any] = {"body_html": f"{seen['body_html']}<p>Editor {step.editor} adds {word}.</p>"}
        method = "PATCH"
        if step.do == "replace":
            method, body = "PUT", {**_STORY, "headline": seen["headline"], **body}
        merge = str(step.merge).lower()
        answer = await self.ask(method, f"{path}?merge={merge}", body, if_match=seen["etag"])
        if answer.status_code == 200:
            assert word in answer.json()["body_html"]
            self.kept[step.article].add(word)
        elif answer.json()["type"] == "/problems/changed-meanwhile":
            assert answer.json()["revision"] > answer.json()["base"]

    async def _verb(self, step: Step, path: str, seen: dict[str, Any]) -> None:
        order: dict[str, Any] = {
            "note": "because",
            "correction": {"note": "it was wrong"},
            "at": "2099-01-01T00:00:00Z",
        }
        order["undo_seconds"] = 0 if step.soon else 600
        headers = {"if_match": seen["etag"]} if step.stale else {}
        answer = await self.ask("POST", f"{path}/{step.verb}", order, **headers)
        if answer.status_code == 200:
            assert legal(step.verb, None, answer.json()["state"])

    async def check(self, number: int) -> None:
        """No word that was confirmed is missing, and the article's history is one the workflow allows."""
        path = f"/v1/articles/{self.ids[number]}"
        now = (await self.ask("GET", path)).json()
        missing = {word for word in self.kept[number] if word not in now["body_html"]}
        assert not missing, f"lost: {missing}"
        revisions = (await self.ask("GET", f"{path}/revisions?limit=200")).json()["items"][::-1]
        assert [revision["number"] for revision in revisions] == list(range(1, now["revision"] + 1))
        assert revisions[-1]["state"] == now["state"]
        for before, after in pairwise(revisions):
            assert legal(after["act"], before["state"], after["state"]), (before, after)
        for action in (await self.ask("GET", f"{path}/actions")).json():
            assert action["allowed"] is (action["why_not"] is None)


_STORY = {
    "body_html": "<p>The bridge opened today.</p>",
    "outlet": "VTC News",
    "credit": "Hoa Vu",
    "source_url": "https://vtc.example/bridge",
    "language": "en",
}


def legal(act: str, before: str | None, after: str) -> bool:
    """Whether the workflow knows a way from one state to another by this act."""
    if act in {"create", "save", "restore_words", "take", "ingest"}:
        return before == after
    rule = WORKFLOW[act]  # type: ignore[index]  # a KeyError is a failed test
    if before is not None and before not in rule.start:
        return False
    if act in STATE_AFTER:
        return (
            after in {STATE_AFTER[act], "scheduled"} | ({before} if before in LIVE or before is None else set()) | LIVE
        )
    if act == "schedule":
        return after == "scheduled" or after in LIVE
    if rule.end is None:
        return after != "killed"
    return after == rule.end
