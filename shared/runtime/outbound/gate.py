"""The gate every connection passes: resolve once, refuse if any address is closed, dial an address that was checked."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import ip_address

import httpcore2

from shared.runtime.outbound.addresses import Address, AllowList, why_closed
from shared.runtime.outbound.errors import OutboundError, OutboundRefused

_TRIED_ADDRESSES = 4

Resolve = Callable[[str, int], Awaitable[list[Address]]]


async def resolve_by_system(host: str, port: int) -> list[Address]:
    """All addresses of a host, as the system's resolver gives them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(entry[4][0])) for entry in found]


class Gate(httpcore2.AsyncNetworkBackend):
    """Opens TCP connections, and only to addresses that were checked; there is no other way out of the pool."""

    def __init__(self, allowed: AllowList, resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._dial = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception | None = None
        for address in (await self.checked(host, port))[:_TRIED_ADDRESSES]:
            try:
                return await self._dial.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or OutboundError("dns", f"{host} has no address.")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise OutboundRefused("scheme", f"Unix sockets are never dialled ({path}, {timeout}, {socket_options}).")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def checked(self, host: str, port: int) -> list[Address]:
        """The addresses of a host, all open. Raises OutboundRefused where one is closed, OutboundError for no name."""
        try:
            addresses = list(dict.fromkeys(await self._resolve(host.strip("[]"), port)))
        except (OSError, UnicodeError, ValueError) as error:
            raise OutboundError("dns", f"The host name {host!r} could not be resolved: {error}") from error
        if self._allowed.names(host, port):
            return addresses
        for address in addresses:
            reason = None if self._allowed.covers(address, port) else why_closed(address)
            if reason:
                raise OutboundRefused(
                    "closed_address",
                    f"{host} points to {address} ({reason}), which is not on the public internet. "
                    "If you mean it, add it to NEWSROOM_OUTBOUND_ALLOW.",
                )
        return addresses
