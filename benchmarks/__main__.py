"""`python -m benchmarks`: the figures of the README, one after the other."""

import asyncio

from benchmarks.pipeline.__main__ import main

if __name__ == "__main__":
    asyncio.run(main(5, []))
