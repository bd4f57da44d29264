"""`newsroom-client`: try a receiver, or watch the log in a terminal."""

import argparse
import asyncio
import sys

from newsroom_client.conformance import check
from newsroom_client.cursors import FileCursor
from newsroom_client.events import Refused, events


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 where all is well."""
    parser = argparse.ArgumentParser(prog="newsroom-client", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="send good and bad webhooks to your receiver and judge its answers")
    checking.add_argument("url")
    checking.add_argument("--secret", required=True, help="the whsec_… your receiver verifies with")
    tailing = commands.add_parser("tail", help="print events as they come")
    tailing.add_argument("url", help="the site, e.g. http://127.0.0.1:8000")
    tailing.add_argument("--after", type=int, help="start after this position; 0 is the beginning")
    tailing.add_argument("--cursor", help="a file that remembers how far you got")
    tailing.add_argument("--token")
    given = parser.parse_args(arguments)
    try:
        return asyncio.run(_check(given.url, given.secret) if given.command == "check" else _tail(given))
    except KeyboardInterrupt:
        return 130
    except Refused as refused:
        sys.stderr.write(f"refused: {refused}\n")
        return 1


async def _check(url: str, secret: str) -> int:
    failed = 0
    async for finding in check(url, secret):
        failed += not finding.passed
        wanted = "2xx" if finding.case.taken else "4xx"
        mark = "ok  " if finding.passed else "FAIL"
        _say(f"{mark} {finding.case.name}: {finding.answer} (wanted {wanted}: {finding.case.why})")
    _say("all cases passed" if not failed else f"{failed} cases failed")
    return 1 if failed else 0


async def _tail(given: argparse.Namespace) -> int:
    cursor = FileCursor(given.cursor) if given.cursor else None
    async for event in events(given.url, after=given.after, cursor=cursor, token=given.token):
        words = event.data.get("headline") or event.data.get("text") or ""
        _say(f"{event.position} {event.time} {event.type} {words}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
