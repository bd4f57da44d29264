"""A coverage-guided fuzz target for the parsers: `make fuzz-ingest` (atheris, in the dependency group `fuzz`).

Every crash is written to `var/fuzz/crash-…` and stops the run; whatever libFuzzer takes as an
option may be given, e.g. `-max_total_time=600 folder-of-seeds/`.
"""

import sys

import atheris

with atheris.instrument_imports(include=["services.ingest", "fastfeedparser", "feedparser", "trafilatura", "htmldate"]):
    from services.ingest.sources import feeds, jsonfeed, newsml, newsml1, ninjs, pages, sitemaps  # noqa: F401 - loaded under instruments
    from tests.ingest import generated

_BEGINNINGS = (
    b"",
    b"<rss><channel><item>",
    b"<feed><entry>",
    b"<html><body><h1>",
    b'{"items":[',
    b'{"uri":"u",',
    b"<urlset>",
    b"<newsItem ",
)


def one_input(content: bytes) -> None:
    """Read one input: its first byte chooses how it begins."""
    generated.read(_BEGINNINGS[content[0] % len(_BEGINNINGS)] + content[1:] if content else b"")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
