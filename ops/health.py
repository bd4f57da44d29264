"""A container's health: `python -I -S ops/health.py PORT` asks /readyz; standard library only, so it costs little."""

import socket
import sys


def main() -> int:
    """Exit 0 when the service on this port says it is ready."""
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=4) as link:
        link.sendall(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        answer = link.recv(4096)
    print(answer.decode(errors="replace"))
    return 0 if b" 200 " in answer.split(b"\r\n", 1)[0] else 1


if __name__ == "__main__":
    sys.exit(main())
