"""Moderation's own tools: `python -m services.moderation evaluate FILE.csv --text COL --label COL`, `… check`."""

import sys

from services.moderation.use_cases.evaluating import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
