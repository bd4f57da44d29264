"""The sections a reader can go to: those of the house in their order, then any other that holds stories."""

from collections.abc import Iterable, Mapping

from services.publishing.web.views import Section


def sections_of(house: Mapping[str, str], filled: Iterable[tuple[str, str, int]]) -> list[Section]:
    """The navigation: `house` (slug → name) always, then what else stands on the section shelves, fullest first."""
    others = [Section(slug, name) for slug, name, _ in filled if slug not in house]
    return [*(Section(slug, name) for slug, name in house.items()), *others]
