"""Hostile and generated documents: nothing but the declared exception, bounded in time and memory."""

import asyncio
import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.ingest.corpus import documents
from services.ingest.domain.items import Lane, Unreadable
from services.ingest.sources.feeds import MOST_ENTRIES, read_feed
from services.ingest.sources.parsers import Parsers
from services.ingest.sources.reading import read_document
from tests.ingest import generated
from tests.ingest.builders import PARAGRAPHS, a_feed, a_page, an_entry, hints

_LANES: tuple[Lane, ...] = ("quick", "slow")
_MEMORY_IS_TOLD = Path("/proc/self/statm").exists()
_SMALL = [(name, content) for name, content in documents() if len(content) < 20_000]


def test_there_are_enough_of_them() -> None:
    assert len(documents()) >= 300


def test_small_hostile_documents_raise_nothing_but_what_is_declared() -> None:
    for _name, content in _SMALL[::2]:
        try:
            read_document("auto", content, hints(url="https://hostile.example/x"))
        except Unreadable:
            continue


def test_a_feed_of_too_many_entries_is_cut_and_says_so() -> None:
    harvest = read_feed(a_feed(*(an_entry(f"g{n}") for n in range(MOST_ENTRIES + 5))), hints())
    assert len(harvest.items) == MOST_ENTRIES
    assert harvest.complaints[0].cause == "too_many"


async def test_a_reader_that_hangs_or_swells_is_killed_and_the_next_document_is_read() -> None:
    slow = next(content for name, content in documents() if name == "many paragraphs")
    async with Parsers(1, 0.5, 300) as parsers:
        assert (await parsers.read("feed", a_feed(an_entry()), hints(), "slow")).items
        first = {child.process.pid for child in parsers.children}
        with pytest.raises(Unreadable) as caught:
            await parsers.read("page", slow, hints(), "slow")
        assert caught.value.cause in ("too_slow", "too_complex")
        assert (await parsers.read("feed", a_feed(an_entry()), hints(), "slow")).items
        assert not first & {child.process.pid for child in parsers.children}


async def test_what_takes_the_quick_lane_too_long_is_read_in_the_slow_one(tmp_path: Path) -> None:
    long = a_page(paragraphs=PARAGRAPHS * 300)
    async with Parsers(1, 60.0, 300, quick_seconds=0.02) as parsers:
        harvest = await parsers.read("page", long, hints())
        assert (len(harvest.items), harvest.slow) == (1, True)
    async with Parsers(1, 60.0, 300, quick_seconds=60.0) as parsers:
        assert not (await parsers.read("page", long, hints())).slow


async def test_a_large_document_never_keeps_the_quick_lane() -> None:
    large = a_feed(an_entry()).replace(b"<item>", b" " * 1_100_000 + b"<item>")
    async with Parsers(1, 60.0, 300) as parsers:
        assert not (await parsers.read("feed", a_feed(an_entry()), hints())).slow
        (quick,) = parsers.children
        harvest = await parsers.read("feed", large, hints())
        assert (len(harvest.items), harvest.slow, quick.read) == (1, True, 1)


async def test_slow_readers_are_nice_to_the_quick_ones_even_where_sessions_are_groups() -> None:
    async with Parsers(1, 60.0, 300) as parsers:
        pids = []
        for lane in _LANES:
            await parsers.read("feed", a_feed(an_entry()), hints(), lane)
            pids += [child.process.pid for child in parsers.children if child.process.pid not in pids]
        quick, slow = (os.getpriority(os.PRIO_PROCESS, pid) for pid in pids)
        assert slow > quick
        groups = [Path(f"/proc/{pid}/autogroup") for pid in pids]
        if all(group.exists() for group in groups):
            assert int(groups[1].read_text().split()[-1]) > int(groups[0].read_text().split()[-1])


async def test_a_reader_that_keeps_too_much_memory_is_replaced_before_it_fails_the_next_document() -> None:
    async with Parsers(1, 60.0, 92) as parsers:  # hardly more than what the libraries take
        for _ in range(2):
            assert (await parsers.read("feed", a_feed(an_entry()), hints())).items
            assert not any(child.read for child in parsers.children) or not _MEMORY_IS_TOLD


async def test_a_canceled_reading_leaves_a_working_pool() -> None:
    async with Parsers(1, 20.0, 300) as parsers:
        await parsers.read("feed", a_feed(an_entry()), hints())
        reading = asyncio.create_task(parsers.read("page", a_page(), hints()))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert (await parsers.read("feed", a_feed(an_entry()), hints())).items


async def test_no_reader_is_left_behind() -> None:
    async with Parsers(2, 20.0, 300) as parsers:
        await asyncio.gather(*(parsers.read("feed", a_feed(an_entry()), hints()) for _ in range(2)))
        pids = [child.process.pid for child in parsers.children]
    assert pids
    assert not [pid for pid in pids if _lives(pid)]


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(generated.documents)
def test_generated_documents_raise_nothing_but_what_is_declared(content: bytes) -> None:
    generated.read(content)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=500))
def test_any_bytes_at_all_raise_nothing_but_what_is_declared(content: bytes) -> None:
    with contextlib.suppress(Unreadable):
        read_document("auto", content, hints())
