"""Keeps the golden JSON Schema of every fact in tests/contract/schemas, and refuses changes that break who reads them.

`python -m ops.schemas` writes new and compatibly changed ones; `--check` only compares, for `make check`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.events import EVENTS

FOLDER = Path("tests/contract/schemas")
_WORDS = frozenset({"title", "description", "examples"})  # may change freely: no program depends on them
_WAY_OUT = "Keep it as it was, or tell a new class beside the old one for six months (`…V2`)."


def current() -> dict[str, dict[str, Any]]:
    """The schema of every fact as it is now, by its type on the wire."""
    return {name: event.model_json_schema(mode="serialization") for name, event in sorted(EVENTS.items())}


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What in `new` would break a reader of `old`, each naming the field. Only adding optional fields is free."""
    return list(_object(old, new, old.get("$defs", {}), new.get("$defs", {}), ""))


def _object(old: Any, new: Any, old_defs: Any, new_defs: Any, where: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before:
        path = f"{where}.{name}" if where else name
        if name not in after:
            yield f"`{path}` is gone"
            continue
        yield from _value(before[name], after[name], old_defs, new_defs, path)
        was, now = name in old.get("required", ()), name in new.get("required", ())
        if was != now:
            yield f"`{path}` was {'required' if was else 'optional'} and no longer is"
    for name in after.keys() - before.keys():
        if name in new.get("required", ()) and "default" not in after[name]:
            path = f"{where}.{name}" if where else name
            yield f"`{path}` is new and required; old facts in the log lack it"


def _value(old: Any, new: Any, old_defs: Any, new_defs: Any, where: str) -> Iterator[str]:
    old, new = _follow(old, old_defs), _follow(new, new_defs)
    if "properties" in old or "properties" in new:
        if ("properties" in old) != ("properties" in new):
            yield f"`{where}` has another shape"
            return
        yield from _object(old, new, old_defs, new_defs, where)
        return
    if "items" in old and "items" in new:
        yield from _value(old["items"], new["items"], old_defs, new_defs, f"{where}[]")
    elif "anyOf" in old and "anyOf" in new and len(old["anyOf"]) == len(new["anyOf"]):
        for one, other in zip(old["anyOf"], new["anyOf"], strict=True):
            yield from _value(one, other, old_defs, new_defs, where)
    elif _bare(old) != _bare(new):
        yield f"`{where}` was {json.dumps(_bare(old))} and is {json.dumps(_bare(new))}"


def _follow(schema: Any, definitions: Any) -> Any:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return schema


def _bare(schema: Any) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in _WORDS}


def differences() -> tuple[list[str], list[str]]:
    """Sentences about what would break readers, and types whose golden file is missing or only out of date."""
    broken, stale = [], []
    for name, new in current().items():
        path = FOLDER / f"{name}.json"
        old = json.loads(path.read_text()) if path.exists() else None
        found = breaks(old, new) if old else []
        broken += [f"{name}: {sentence}. {_WAY_OUT}" for sentence in found]
        if not found and old != new:
            stale.append(name)
    gone = {path.stem for path in FOLDER.glob("*.json")} - set(EVENTS)
    return broken + [f"{name} is told by nobody any more. {_WAY_OUT}" for name in sorted(gone)], stale


def main() -> None:
    """Write, or with `--check` compare; exit code 1 with the reasons when readers would break."""
    broken, stale = differences()
    if broken:
        raise SystemExit("\n".join(broken))
    if "--check" in sys.argv[1:]:
        if stale:
            raise SystemExit(f"The schemas of {', '.join(stale)} are out of date: run `make schemas` and commit them.")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    schemas = current()
    for name in stale:
        (FOLDER / f"{name}.json").write_text(json.dumps(schemas[name], indent=2, ensure_ascii=False) + "\n")
        print(f"{FOLDER / name}.json written")


if __name__ == "__main__":
    main()
