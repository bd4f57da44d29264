"""Kept connections: an origin's own while it is asked, and no more of the idle than were allowed."""

from collections.abc import Callable

import httpcore2
import pytest

from shared.runtime.outbound import pools
from shared.runtime.outbound.pools import Origin, Pools


class Pool(httpcore2.AsyncConnectionPool):
    """A pool that says whether it was closed."""

    closed = False

    async def aclose(self) -> None:
        self.closed = True
        await super().aclose()


def origin(name: str) -> Origin:
    return "https", name, None


@pytest.fixture
def made() -> list[Pool]:
    return []


@pytest.fixture
def make(made: list[Pool]) -> Callable[[], Pool]:
    def one() -> Pool:
        made.append(Pool())
        return made[-1]

    return one


async def test_requests_to_one_origin_share_their_connections_and_others_have_their_own(
    make: Callable[[], Pool],
) -> None:
    kept = Pools(make, most=10)
    async with kept.of(origin("a")) as first, kept.of(origin("a")) as beside, kept.of(origin("b")) as other:
        assert first is beside
        assert other is not first
    async with kept.of(origin("a")) as later:
        assert later is first


async def test_the_longest_idle_is_closed_where_too_many_are(make: Callable[[], Pool], made: list[Pool]) -> None:
    kept = Pools(make, most=2)
    for name in ("a", "b", "c", "a", "d", "e"):
        async with kept.of(origin(name)):
            pass
    assert [pool.closed for pool in made] == [False, True, True, False, False]  # a was asked after b and c


async def test_what_nobody_asks_any_more_is_closed(
    make: Callable[[], Pool], made: list[Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Pools(make, most=10)
    async with kept.of(origin("a")):
        pass
    monkeypatch.setattr(pools, "KEPT", -1.0)
    async with kept.of(origin("b")):
        assert [pool.closed for pool in made] == [True, False]


async def test_all_are_closed_at_the_end(make: Callable[[], Pool], made: list[Pool]) -> None:
    kept = Pools(make, most=10)
    async with kept.of(origin("a")):
        async with kept.of(origin("b")):
            pass
        await kept.close()
    assert all(pool.closed for pool in made)
