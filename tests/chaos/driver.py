"""The world outside: writes down which pushes were acknowledged and which publications it saw."""

import asyncio
import contextlib
import itertools
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx2
from redis import asyncio as aioredis
from redis import exceptions as redis_errors

from shared.runtime.ending import end

_RETRY = 0.25
_WORDS = (
    "harbour",
    "lantern",
    "railway",
    "terrace",
    "storm",
    "ferry",
    "council",
    "anchovy",
    "viaduct",
    "market",
    "bridge",
    "school",
    "hospital",
    "museum",
    "festival",
    "engineer",
    "farmer",
    "minister",
    "teacher",
    "captain",
    "painter",
    "carpenter",
    "doctor",
    "mayor",
    "pilot",
    "opened",
    "measured",
    "promised",
    "repaired",
    "sold",
    "planted",
    "counted",
    "carried",
    "painted",
    "refused",
    "signed",
    "delayed",
    "yesterday",
    "tonight",
    "quietly",
    "twice",
    "carefully",
    "northern",
    "wooden",
    "yellow",
    "heavy",
    "narrow",
    "ancient",
    "public",
    "early",
    "rising",
    "empty",
    "copper",
    "gravel",
    "orchard",
    "river",
    "valley",
    "summit",
    "island",
)


@dataclass
class Ledger:
    """What the outside knows for sure."""

    acknowledged: dict[str, tuple[str, int]] = field(default_factory=dict)  # mark → (article id, revision)
    refused: dict[int, int] = field(default_factory=lambda: defaultdict(int))  # HTTP status → times
    unanswered: int = 0
    wrong: list[str] = field(default_factory=list)  # answers that break a promise


class Driver:
    """Pushes `rate` articles a second, a third of them changes of known ones, each until it is acknowledged.

    One push carries one mark and one Idempotency-Key however often it is repeated, as DESIGN's doors promise.
    """

    def __init__(self, url: str, token: str, seed: int, rate: float, *, long_texts: bool = False) -> None:
        self.url = url
        self.ledger = Ledger()
        self.long_texts = long_texts
        self._chance = random.Random(seed)
        self._rate = rate
        self._guids: list[str] = []
        self._busy: set[str] = set()
        self._under_way: set[asyncio.Task[None]] = set()
        self._stop = asyncio.Event()
        self._client = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=12.0)

    async def run(self) -> None:
        """Push until `finish`."""
        number = 0
        while not self._stop.is_set():
            if len(self._under_way) < 200:  # a service that is down must not make the driver grow without bound
                task = asyncio.create_task(self._push(self._choose(), f"mark {number}"))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
                number += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), 1 / self._rate)

    async def finish(self, seconds: float = 60.0) -> int:
        """Start nothing new, see through what is under way; how many pushes got no answer within `seconds`."""
        self._stop.set()
        if self._under_way:
            await asyncio.wait(list(self._under_way), timeout=seconds)
        left = len(self._under_way)
        await end(self._under_way)
        await self._client.aclose()
        return left

    def _choose(self) -> str:
        free = [guid for guid in self._guids[-500:] if guid not in self._busy]
        if free and self._chance.random() < 1 / 3:
            guid = self._chance.choice(free)
        else:
            guid = f"https://chaos.example/{len(self._guids)}"
            self._guids.append(guid)
        self._busy.add(guid)
        return guid

    async def _push(self, guid: str, mark: str) -> None:
        body = {
            "guid": guid,
            "url": guid,
            "headline": f"Report {guid.rsplit('/', 1)[1]}, {mark}",
            "body_text": self._text(mark),
            "published_at": "2026-11-19T08:00:00+00:00",
            "language": "en",
            "outlet": "Chaos Courier",
        }
        headers = {"Idempotency-Key": f"{guid} {mark}"}
        try:
            while not await self._attempt(body, headers, mark):  # noqa: ASYNC110  # there is nobody to tell us when to try
                await asyncio.sleep(_RETRY)
        finally:
            self._busy.discard(guid)

    def _text(self, mark: str) -> str:
        """The mark alone, or (for services that look into the text) a text that no other push shares."""
        if not self.long_texts:
            return mark
        words = random.Random(mark).choices(_WORDS, k=80)
        return f"{mark}. {' '.join(words)}."

    async def _attempt(self, body: dict[str, str], headers: dict[str, str], mark: str) -> bool:
        try:
            answer = await self._client.post(f"{self.url}/v1/items?trust=publish", json=body, headers=headers)
        except httpx2.HTTPError:
            self.ledger.unanswered += 1
            return False
        if answer.is_success:
            found = answer.json()
            self.ledger.acknowledged[mark] = (found["article_id"], found["revision"])
            return True
        self.ledger.refused[answer.status_code] += 1
        if answer.status_code == 503 and "retry-after" not in answer.headers:
            self.ledger.wrong.append("503 without Retry-After")
        if answer.status_code not in {409, 425, 429, 503}:
            self.ledger.wrong.append(f"{answer.status_code}: {answer.text[:200]}")
        return False


class StreamSink:
    """A subscriber of `publications` that stores the last position it saw, as the README tells consumers to do."""

    def __init__(self, redis_url: str) -> None:
        self.seen: dict[int, str] = {}
        self.changed: list[int] = []  # positions that came again as another event
        self.backwards: list[int] = []  # positions that came after a higher one
        self.gaps: list[int] = []  # positions after which at least one was skipped
        self._url = redis_url
        self._last = 0

    async def run(self) -> None:
        """Read for ever, through every outage."""
        while True:
            client = aioredis.from_url(self._url, socket_timeout=10, decode_responses=True)
            with contextlib.suppress(redis_errors.RedisError, OSError):
                while True:
                    answer: Any = await client.xread({"publications": f"{self._last}-0"}, count=500, block=1000)
                    for _, entries in answer or []:
                        for entry_id, fields in entries:
                            self._note(int(entry_id.split("-")[0]), fields["id"])
            with contextlib.suppress(redis_errors.RedisError, OSError):
                await client.aclose()
            await asyncio.sleep(0.2)

    def _note(self, position: int, event_id: str) -> None:
        if position <= self._last:
            self.backwards.append(position)
        elif position > self._last + 1:
            self.gaps.append(self._last)
        if self.seen.setdefault(position, event_id) != event_id:
            self.changed.append(position)
        self._last = max(self._last, position)


class GroupSink:
    """A consumer group on `publications`: it may be handed an entry again, but never another event at its position."""

    def __init__(self, redis_url: str, group: str = "world") -> None:
        self.seen: dict[int, str] = {}
        self.again = 0
        self.changed: list[int] = []
        self._url = redis_url
        self._group = group

    async def run(self) -> None:
        """Read and acknowledge for ever; after a loss of Redis' data, begin again at the last position stored.

        On every connection what was handed out before and not acknowledged comes first: a server that goes down may
        have counted an answer as given that never arrived.
        """
        while True:
            client = aioredis.from_url(self._url, socket_timeout=10, decode_responses=True)
            with contextlib.suppress(redis_errors.RedisError, OSError):
                await self._read(client)
            with contextlib.suppress(redis_errors.RedisError, OSError):
                await client.aclose()
            await asyncio.sleep(0.2)

    async def _read(self, client: "aioredis.Redis") -> None:
        start = f"{max(self.seen, default=0)}-0"
        with contextlib.suppress(redis_errors.ResponseError):  # it is there already
            await client.xgroup_create("publications", self._group, id=start, mkstream=True)
        for after in itertools.chain(["0"], itertools.repeat(">")):
            answer: Any = await client.xreadgroup(self._group, "one", {"publications": after}, count=500, block=1000)
            for _, entries in answer or []:
                for entry_id, fields in entries:
                    position = int(entry_id.split("-")[0])
                    self.again += position in self.seen
                    if self.seen.setdefault(position, fields["id"]) != fields["id"]:
                        self.changed.append(position)
                if entries:
                    await client.xack("publications", self._group, *(entry_id for entry_id, _ in entries))
