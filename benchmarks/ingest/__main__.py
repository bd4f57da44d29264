"""`make bench-ingest`: extraction, feeds, identity, inward addresses, hostile documents, hostile sources beside good.

`python -m benchmarks.ingest feeds crowd` measures only these.
"""

import os
import sys

from benchmarks.ingest import crowd, extraction, feeds, hostile, identity, inward

_ALL = {
    "extraction": extraction.main,
    "feeds": feeds.main,
    "identity": identity.main,
    "inward": inward.main,
    "hostile": hostile.main,
    "crowd": crowd.main,
}

if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    for name in sys.argv[1:] or _ALL:
        _ALL[name]()
        sys.stdout.flush()
