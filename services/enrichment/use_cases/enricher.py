"""The enricher: the steps joined in order, their version, and the settings of the search for candidates."""

from collections.abc import Callable
from dataclasses import dataclass

from services.enrichment.domain.draft import Draft
from services.enrichment.settings import Settings

#: Named in every result; raise it when an answer would change, then `reindex`.
VERSION = "2026.9"


@dataclass(frozen=True)
class Enricher:
    """What reads an article. `read` is pure and takes a few milliseconds; `fixed` means that it computes nothing."""

    read: Callable[[Draft], Draft]
    settings: Settings
    fixed: bool = False

    @property
    def version(self) -> str:
        """The version told with every result."""
        return "fixed" if self.fixed else VERSION
