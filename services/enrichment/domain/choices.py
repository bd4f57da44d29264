"""What people chose of an article: it survives every re-enrichment and wins over what the machine finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.enrichment.domain.draft import Draft, TagFound


@dataclass(frozen=True, slots=True)
class Choices:
    """Section, tags and related articles that an editor chose or rejected."""

    section: str | None = None
    tags: tuple[TagFound, ...] = ()
    rejected: frozenset[str] = frozenset()
    pinned: tuple[UUID, ...] = ()
    hidden: frozenset[UUID] = frozenset()

    def to_row(self) -> dict[str, Any] | None:
        """As kept in the article's row; None where nothing was chosen."""
        if self == Choices():
            return None
        return {
            "section": self.section,
            "tags": [[t.slug, t.name, t.kind] for t in self.tags],
            "rejected": sorted(self.rejected),
            "pinned": [str(p) for p in self.pinned],
            "hidden": sorted(str(h) for h in self.hidden),
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Choices":
        """Read back what `to_row` wrote."""
        return cls(
            row.get("section"),
            tuple(chosen_tag(slug, name, kind) for slug, name, kind in row.get("tags", ())),
            frozenset(row.get("rejected", ())),
            tuple(UUID(p) for p in row.get("pinned", ())),
            frozenset(UUID(h) for h in row.get("hidden", ())),
        )


def chosen_tag(slug: str, name: str, kind: Any) -> TagFound:
    """A tag that a person put on the article."""
    return TagFound(slug, name, kind, 1.0, "Chosen by an editor.", "person", known=True)


def with_choices(draft: Draft, choices: Choices) -> Draft:
    """The draft with the chosen tags first and without the rejected ones."""
    chosen = {t.slug for t in choices.tags}
    found = [t for t in draft.tags if t.slug not in choices.rejected and t.slug not in chosen]
    return draft._replace(tags=(*choices.tags, *found))
