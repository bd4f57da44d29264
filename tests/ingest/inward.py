"""Addresses that must never be reached, in every spelling we know; `{port}` is where a canary listens on loopback."""

import ipaddress

_HOSTS = """
127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 0177.0.0.1 017700000001
0177.0.0.0x1 127.000.000.001 0 0.0.0.0 0x0 00.0.0.0 localhost LOCALHOST localhost. localhost.localdomain
ip6-localhost 127.0.0.1. [::1] [0:0:0:0:0:0:0:1] [::] [0000::1] [::ffff:127.0.0.1] [::ffff:7f00:1]
[0:0:0:0:0:ffff:127.0.0.1] [::127.0.0.1] [::7f00:1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1]
[2002:7f00:1::] [2002:7f00:0001::1] [2001:0:4136:e378:8000:63bf:80ff:fffe] [fe80::1] [fe80::1%25lo] [fec0::1]
[fc00::1] [fd00::1] [fd12:3456:789a::1] [ff02::1] [ff0e::1] [2001:db8::1] [2001:10::1] [2001:20::1] [100::1]
[3fff::1] [5f00::1] [4000::1] [::ffff:10.0.0.1] [::ffff:169.254.169.254] [::ffff:0:127.0.0.1]
[2620:4f:8000::1] 10.0.0.1 10.255.255.255 012.0.0.1 0xa.0.0.1 167772161 172.16.0.1 172.31.255.255 192.168.0.1
192.168.1.254 3232235521 169.254.169.254 169.254.0.1 2852039166 0xa9fea9fe 0251.0376.0251.0376 100.64.0.1
100.100.100.200 100.127.255.255 168.63.129.16 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1
198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 192.31.196.1
192.52.193.1 192.175.48.1 0.1.2.3
""".split()  # noqa: SIM905 - as a list it would fill three screens
_WHOLE = [
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "FILE:///etc/hosts",
    "gopher://127.0.0.1:{port}/_x",
    "ftp://127.0.0.1:{port}/x",
    "dict://127.0.0.1:{port}/x",
    "ldap://127.0.0.1:{port}/x",
    "tftp://127.0.0.1:{port}/x",
    "data:text/html,x",
    "javascript:alert(1)",
    "jar:http://127.0.0.1:{port}!/x",
    "unix:/var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/x",
    "ws://127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "http:127.0.0.1:{port}",
    "http:///127.0.0.1:{port}/",
    "http://",
    "http://:{port}/",
    "http://[::1:{port}/",
    "http://example.com@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}@127.0.0.1:{port}/",
    "http://user:pass@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@example.com/",
    "http://127.0.0.1:{port}#@example.com/",
    "http://127.0.0.1:{port}?@example.com/",
    "http://127.0.0.1%2eexample.com@127.0.0.1:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://127%2e0%2e0%2e1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127。0。0。1:{port}/",
    "http://１２７.0.0.1:{port}/",
    "http://ⓛocalhost:{port}/",
    "http://127.0.0.1:{port}/\r\nHost: example.com",
    "http://exa\tmple@127.0.0.1:{port}/",
    " http://127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}/",
    "http://127.0.0.1:0{port}/",
    "https://127.0.0.1:{port}/",
    "http://inside.example:{port}/",
    "http://half.example:{port}/",
    "http://mapped.example:{port}/",
    "http://metadata.google.internal:{port}/",
]

#: What names resolve to in these tests; `half.example` has one public address and one that is not.
NAMES = {
    "inside.example": ["127.0.0.1"],
    "half.example": ["93.184.216.34", "127.0.0.1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
}

#: Public addresses that must stay reachable.
CONTROLS = """
1.1.1.1 8.8.8.8 93.184.216.34 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 169.253.255.255
192.167.255.255 198.17.255.255 [2606:4700:4700::1111] [2a00:1450:4001:81b::200e] [2001:4860:4860::8888]
11.0.0.1
""".split()  # noqa: SIM905 - as a list it would fill three screens


def variants(port: int) -> list[str]:
    """All of them, pointing at the canary's port where a port can be given."""
    return [f"http://{host}:{port}/" for host in _HOSTS] + [whole.replace("{port}", str(port)) for whole in _WHOLE]


def address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address from its text."""
    return ipaddress.ip_address(text)
