"""The seeded schedule: which fault strikes whom, when and for how long. The same seed gives the same schedule."""

import random
from dataclasses import dataclass

#: Fault → (weight, shortest and longest duration in seconds). `{claim}` faults last longer than the claim time.
PROCESS_FAULTS = {"kill": (4, 0.0, 0.0), "terminate": (2, 0.0, 0.0), "freeze": (2, 1.3, 1.8)}
NETWORK_FAULTS = {
    "cut": (2, 0.0, 0.0),
    "blackhole": (2, 1.0, 6.0),
    "slow": (1, 2.0, 5.0),
    "sliced": (1, 2.0, 5.0),
    "deaf": (2, 0.5, 2.0),
}
SERVER_FAULTS = {
    "redis-kill": (2, 0.2, 2.0),
    "redis-restart": (1, 0.2, 2.0),
    "redis-flush": (2, 0.0, 0.0),
    "redis-lost-tail": (2, 0.1, 1.0),
    "postgres-kill": (2, 0.2, 2.0),
    "postgres-restart": (1, 0.2, 2.0),
}
SIDES = ("redis", "postgres", "doors")


@dataclass(frozen=True)
class Fault:
    """One fault: `at` seconds after the start, on `target` (a process, or process:side, or a server)."""

    at: float
    kind: str
    target: str
    seconds: float

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:6.1f} s  {self.kind} {self.target}{lasting}"


def parade(
    kinds: list[str], seconds: float, processes: list[str], claim_after: float, every: float = 1.5
) -> list[Fault]:
    """The named kinds in turn on the processes in turn, one `every` so many seconds: for what one suspects already.

    A kind may name its target: `deaf@ingest:doors`.
    """
    faults: list[Fault] = []
    for number in range(int((seconds - 2) / every)):
        kind, _, aimed = kinds[number % len(kinds)].partition("@")
        process = processes[number % len(processes)]
        lasting = claim_after * 1.5 if kind == "freeze" else {"deaf": 0.8, "blackhole": 1.0}.get(kind, 0.2)
        side = SIDES[number // len(kinds) % len(SIDES)]
        anywhere = f"{process}:{side}" if kind in NETWORK_FAULTS else process if kind in PROCESS_FAULTS else ""
        faults.append(Fault(1 + number * every, kind, aimed or anywhere, lasting))
    return faults


def plan(
    seed: int, seconds: float, processes: list[str], claim_after: float, gap: tuple[float, float] = (3.0, 7.0)
) -> list[Fault]:
    """The faults of a run of `seconds`, one every `gap` seconds; a freeze lasts 1.3 to 1.8 times `claim_after`."""
    chance = random.Random(seed)
    kinds = {**PROCESS_FAULTS, **NETWORK_FAULTS, **SERVER_FAULTS}
    names, weights = list(kinds), [kinds[name][0] for name in kinds]
    deck = chance.sample(names, len(names))  # every kind once before chance decides
    faults: list[Fault] = []
    at = chance.uniform(*gap)
    while at < seconds:
        kind = deck.pop() if deck else chance.choices(names, weights)[0]
        _, shortest, longest = kinds[kind]
        lasting = chance.uniform(shortest, longest) * (claim_after if kind == "freeze" else 1.0)
        process, side = chance.choice(processes), chance.choice(SIDES)
        target = f"{process}:{side}" if kind in NETWORK_FAULTS else process if kind in PROCESS_FAULTS else ""
        faults.append(Fault(round(at, 3), kind, target, round(lasting, 3)))
        at += chance.uniform(*gap)
    return faults
