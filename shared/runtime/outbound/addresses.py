"""Which network addresses belong to the public internet: our own table, so that no library's idea of "private" decides.

Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries, RFC 6890 and its updates.
"""

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_V4_CLOSED = tuple(
    (IPv4Network(network), name)
    for network, name in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),
        ("169.254.0.0/16", "link local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_V6_GLOBAL = IPv6Network("2000::/3")
_V6_CLOSED = tuple(
    (IPv6Network(network), name)
    for network, name in (
        ("2001::/23", "protocol assignments, Teredo, ORCHID"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"),
    )
)


def why_closed(address: Address) -> str | None:
    """Say why an address must not be dialled, or None where it is public.

    IPv6 is open only inside 2000::/3, which leaves out loopback, ULA, link local, mapped (::ffff:0:0/96) and NAT64
    (64:ff9b::/96, 64:ff9b:1::/48) addresses: each of those can stand for a private IPv4 host.
    """
    if isinstance(address, IPv4Address):
        return next((name for network, name in _V4_CLOSED if address in network), None)
    if address.scope_id is not None:
        return "link local"
    if address not in _V6_GLOBAL:
        return "IPv4 in IPv6" if address.ipv4_mapped else "outside the global range 2000::/3"
    return next((name for network, name in _V6_CLOSED if address in network), None)


class AllowList:
    """What an operator opens on purpose: host names, addresses or networks, each with an optional `:port`.

    Examples: `wire.intranet.example`, `127.0.0.1:8099`, `10.20.0.0/16`, `[fd00::5]:443`. Raises ValueError for others.
    """

    def __init__(self, entries: tuple[str, ...] = ()) -> None:
        self._hosts: set[tuple[str, int | None]] = set()
        self._networks: list[tuple[Network, int | None]] = []
        for entry in entries:
            host, port = _split(entry.strip())
            try:
                self._networks.append((ipaddress.ip_network(host, strict=False), port))
            except ValueError:
                if "/" in host or not host:
                    raise ValueError(f"{entry!r} is no host, address or network with an optional :port") from None
                self._hosts.add((host.lower().rstrip("."), port))

    def names(self, host: str, port: int) -> bool:
        """Whether the host is opened by its name, wherever the name points."""
        host = host.lower().rstrip(".")
        return (host, None) in self._hosts or (host, port) in self._hosts

    def covers(self, address: Address, port: int) -> bool:
        """Whether the address lies in a network the operator opened."""
        return any(
            address.version == network.version and address in network and allowed in (None, port)
            for network, allowed in self._networks
        )


def _split(entry: str) -> tuple[str, int | None]:
    if entry.startswith("["):
        host, _, port = entry[1:].partition("]")
        return host, int(port.removeprefix(":")) if port else None
    if entry.count(":") == 1:
        host, _, port = entry.partition(":")
        return host, int(port)
    return entry, None
