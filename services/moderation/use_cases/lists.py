"""The word lists that ship with the service."""

from importlib import resources


def shipped_list(name: str) -> str:
    """The list that ships under a name. LookupError when there is none."""
    source = resources.files("services.moderation.rules") / "lists" / f"{name}.txt"
    if not name.isalnum() or not source.is_file():
        raise LookupError(f"no word list ships under the name {name!r}; there are: en, vi")
    return source.read_text(encoding="utf-8")
