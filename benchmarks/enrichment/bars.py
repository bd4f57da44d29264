"""A figure beside its bar, and what the whole run is worth: exit status 1 where a bar is missed, 0 where none is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Line(NamedTuple):
    """What was measured: our figure and its bar (at least; at most where `most`), or a baseline, which has none."""

    what: str
    figure: float
    bar: float | None = None
    most: bool = False

    @property
    def missed(self) -> bool:
        """Whether there is a bar, and the figure on the wrong side of it."""
        return self.bar is not None and (self.figure > self.bar if self.most else self.figure < self.bar)

    @property
    def verdict(self) -> str:
        """Met, missed by how much, or nothing where there is no bar."""
        if self.bar is None:
            return ""
        return f"{self.bar:g}: missed by {abs(self.figure - self.bar):.4g}" if self.missed else f"{self.bar:g}: met"

    def __str__(self) -> str:
        return f"| {self.what} | {self.figure:.4f} | {self.verdict} |"


#: What an article may cost, by articles stored: name of the figure, bar, whether at most.
_COSTS: Mapping[int, Sequence[tuple[str, float, bool]]] = {
    100_000: [
        ("cpu_ms_mean", 15, True), ("cpu_ms_p95_of_batches", 40, True), ("alone_cpu_ms_p95", 40, True),
        ("articles_a_second_a_core", 65, False), ("bytes_together", 2_500, True),
    ],
    1_000_000: [("candidates_ms_p95", 25, True), ("bytes_together", 2_500, True), ("memory_mib", 1_024, True)],
}  # fmt: skip
_GROWTH = 1.5  # what an article may cost beside a million, in what it costs beside ten thousand


def costs(measured: Sequence[Mapping[str, float]]) -> list[Line]:
    """The bars on what was measured with so many stored, and on growth where both ends were measured."""
    lines = []
    for figures in measured:
        beside = f"{figures['stored']:,.0f} stored"
        lines += [
            Line(f"{beside}, {n}", figures[n], bar, most) for n, bar, most in _COSTS.get(int(figures["stored"]), [])
        ]
        lines.append(Line(f"{beside}, listed right after the commit", figures["fresh_found"], figures["fresh_asked"]))
    mean = {int(figures["stored"]): figures["cpu_ms_mean"] for figures in measured}
    if mean.keys() >= {10_000, 1_000_000}:
        lines.append(
            Line("1,000,000 stored / 10,000 stored, cpu_ms_mean", mean[1_000_000] / mean[10_000], _GROWTH, True)
        )
    return lines


def status(lines: Iterable[Line]) -> int:
    """Say how many bars were met and name those that were missed; answer the exit status."""
    judged = [line for line in lines if line.bar is not None]
    missed = [line for line in judged if line.missed]
    print(f"\n{len(judged) - len(missed)} bars met, {len(missed)} missed")
    for line in missed:
        print(f"missed: {line.what}: {line.figure:.4g}, bar {line.verdict}")
    return 1 if missed else 0
