"""Cyclic garbage is looked for less often: a batch makes thousands of objects, and none of them is a cycle."""

import gc

_YOUNG = 20_000


def collect_less() -> None:
    """Leave what was made at the start out of every collection, and collect after 20,000 new objects instead of 700.

    Once a process, when all is imported and joined. Measured: a quarter of a consumer's time (docs/decisions/0060).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 50)
