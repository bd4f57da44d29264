"""The one table of `make bench`: a line for everything measured, with median and spread."""

import statistics

from benchmarks.measure import Spread


class Table:
    """Values by line, in the order in which lines came."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = {}

    def add(self, line: str, *values: float) -> None:
        """More values of a line."""
        self._values.setdefault(line, []).extend(values)

    def median(self, line: str) -> float:
        """The median of a line; 0.0 where it was not measured."""
        return statistics.median(self._values[line]) if line in self._values else 0.0

    def ratio(self, line: str, other: str, times: float = 1.0) -> float:
        """How many times `other` a line is, by medians, divided by `times`; 0.0 where one was not measured."""
        return self.median(line) / self.median(other) / times if self.median(other) else 0.0

    def __str__(self) -> str:
        shown = []
        for line, values in self._values.items():
            spread = Spread.of(values)
            digits = 0 if spread.median >= 100 else 2
            span = f"({spread.low:,.{digits}f} to {spread.high:,.{digits}f}, {spread.runs} runs)"
            shown.append(f"{line:<62}{spread.median:>12,.{digits}f}  {span}")
        return "\n".join(shown)

    def as_json(self) -> dict[str, object]:
        """Every line with its spread and every value."""
        return {line: {**Spread.of(v).__dict__, "values": v} for line, v in self._values.items()}
