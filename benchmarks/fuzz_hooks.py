"""What schemathesis asks for while it fuzzes publishing: mostly things that are there, so that doors open behind which
something happens. Every fourth request keeps the ids that were made up. `fuzz_publishing` names this module to it.
"""

import os
import random
from pathlib import Path
from typing import Any

import orjson
import schemathesis
from hypothesis import Phase, settings

# Hypothesis would spend four fifths of its time, and half of the examples, on making slow answers' requests small.
settings.register_profile("broad", phases=[Phase.generate, Phase.shrink])
settings.load_profile("broad")

#: Ids by what they name, as `fuzz_publishing` wrote them down.
_KNOWN: dict[str, list[str]] = orjson.loads(Path(os.environ["NEWSROOM_FUZZ_KNOWN"]).read_bytes())
_NAMED = {
    **{name: name.removesuffix("_id") for name in ("article_id", "rule_id", "user_id", "token_id", "job_id")},
    "replay_id": "replay",
    "delivery_id": "delivery",
    "slug": "slug",
    "number": "number",
    "extension": "extension",
}
#: What a plain `{id}` names, by the beginning of the path.
_PLAIN = {
    "/v1/articles/": "article",
    "/v1/public/articles/": "article",
    "/v1/public/comments/": "comment",
    "/v1/subscriptions/": "subscription",
}


@schemathesis.hook
def before_call(_ctx: Any, case: Any, _kwargs: Any) -> None:
    """Put known ids, an ETag that may be right, and no wait into a made-up request."""
    luck = random.Random(repr((case.path_parameters, case.query, case.headers)))
    path = case.operation.path
    if case.path_parameters and luck.random() < 0.75:
        case.path_parameters |= {
            name: luck.choice(_KNOWN[kind]) for name in case.path_parameters if (kind := _kind(path, name)) in _KNOWN
        }
        if "replay_id" in case.path_parameters:  # it belongs to one of them
            case.path_parameters["id"] = _KNOWN["subscription"][0]
    if path == "/v1/sandbox/events":
        case.query = {"every": luck.choice(["0.05", "0.05", "-1", "x"]), "number": luck.choice(["2", "2", "0", "x"])}
    if path == "/v1/events":  # a stream has no end, and a wait for news is one of half a minute
        case.headers["accept"] = luck.choice(["application/json", "application/x-ndjson"])
        case.query = {**(case.query or {}), "wait": "0"}
        if case.query.get("format") == "sse":
            case.query["format"] = "json"
    if case.headers.get("If-Match") and luck.random() < 0.75:
        case.headers["If-Match"] = f'"{luck.randint(1, 5)}.0"'


def _kind(path: str, name: str) -> str | None:
    if name == "id":
        return next((kind for start, kind in _PLAIN.items() if path.startswith(start)), None)
    return "problem" if path.startswith("/problems/") else _NAMED.get(name)
