"""What every page needs to know beside its own story: the sections, looked up rarely, forgotten at a kill."""

import time
from collections.abc import Mapping

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.outlets.hub import Hub
from services.publishing.storage import public
from services.publishing.web.navigation import sections_of
from services.publishing.web.views import Section

_FRESH = 1.0  # seconds within which nothing is looked up again
_STALE = 30.0  # seconds after which it is, whatever happened
_REMOVALS = ("newsroom.article.killed.v1", "newsroom.article.unpublished.v1")


class Site:
    """The site's sections. A new one may take `_STALE` seconds to appear; what was taken off leaves with its event."""

    def __init__(self, house: Mapping[str, str], hub: Hub) -> None:
        self.house = house
        self.hub = hub
        self._sections: list[Section] = []
        self._at = float("-inf")
        self._position = 0

    async def sections(self, session: AsyncSession) -> list[Section]:
        """The navigation."""
        age = time.monotonic() - self._at
        if age > _STALE or (age > _FRESH and self._something_left()):
            filled = await public.list_shelves(session, "section", 30)
            self._sections = sections_of(self.house, filled)
            self._at, self._position = time.monotonic(), self.hub.head
        return self._sections

    def _something_left(self) -> bool:
        if not self.hub.holds(self._position):
            return True
        return any(frame.type in _REMOVALS for frame in self.hub.since(self._position))
