"""A probability, or an error that says what came instead."""

from typing import Any


def share(value: Any) -> float:
    """The number as a share in 0..1. Raises ValueError."""
    number = float(value)
    if not 0.0 <= number <= 1.0:
        raise ValueError(f"a score of {number} is no probability")
    return number
