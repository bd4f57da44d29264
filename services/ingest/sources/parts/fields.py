"""Fields of parsed JSON whose shape nobody vouches for: what is not of the kind we ask for counts as missing."""

from typing import Any


def text_in(node: dict[str, Any], name: str) -> str:
    """A text; empty where there is none."""
    value = node.get(name)
    return value if isinstance(value, str) else ""


def list_in(node: dict[str, Any], name: str) -> list[Any]:
    """A list; empty where there is none."""
    value = node.get(name)
    return value if isinstance(value, list) else []
