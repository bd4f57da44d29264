"""How many of the addresses that must not be reached are reached: through our client, and through a bare one.

Every door of ingest is tried with the same addresses by `tests/ingest/test_inward.py`; here the bare client shows that
the canary would have been seen.
"""

import asyncio
import contextlib

import httpx2

from shared.runtime.outbound import OutboundError, OutboundSettings, SafeClient
from tests.ingest.inward import CONTROLS, variants


async def measured() -> tuple[int, int, int, int]:
    """Variants; connections a canary saw from our client; from a bare client; public controls our client lets pass."""
    seen = [0]

    async def hear(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen[0] += 1
        writer.write(b"HTTP/1.1 200 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hear, "0.0.0.0", 0)  # noqa: S104 - a canary listens wherever one might knock
    urls = variants(server.sockets[0].getsockname()[1])
    async with server:
        async with SafeClient(OutboundSettings(seconds=2)) as client:
            for url in urls:
                with contextlib.suppress(OutboundError):
                    await client.get(url)
            ours, seen[0] = seen[0], 0
            open_ = 0
            for host in CONTROLS:
                with contextlib.suppress(OutboundError):
                    await client.check(f"http://{host}/")
                    open_ += 1
        async with httpx2.AsyncClient(trust_env=False, timeout=0.2) as bare:
            local = [url for url in urls if "127" in url or "localhost" in url or "://0" in url or "[::" in url]
            for url in local:
                with contextlib.suppress(Exception):
                    await bare.get(url)
        return len(urls), ours, seen[0], open_


def main() -> None:
    """Print the counts."""
    tried, ours, bare, open_ = asyncio.run(measured())
    print(f"inward: {tried} variants, canary connections {ours}  [bar 0 of 130]; a bare client makes {bare}")
    print(f"inward: {open_} of {len(CONTROLS)} public controls pass  [bar 12]")


if __name__ == "__main__":
    main()
