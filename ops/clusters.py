"""A Redis Cluster, or a master watched by Sentinels, of embedded Valkeys on this machine: for tests and benchmarks.

Real servers, a process each, that fail over as they do in production; only their timeouts are short.
"""

import contextlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis

from ops import servers

_SILENT_MS = 1500  # after which the others take a node for dead
_SLOTS = 16384


class Cluster:
    """Masters that share the slots, each with replicas."""

    def __init__(self, folder: Path, masters: int = 3, replicas: int = 1) -> None:
        self.folder, self.masters, self.replicas = folder, masters, replicas
        self.ports: list[int] = []

    @property
    def url(self) -> str:
        """Where it is, for `REDIS_URL`."""
        return "redis-cluster://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def start(self) -> "Cluster":
        """Start every node, join them and wait until each says that the cluster is whole."""
        for number in range(self.masters * (1 + self.replicas)):
            config = f"cluster-enabled yes\ncluster-node-timeout {_SILENT_MS}\ncluster-port {servers.free_port()}"
            url = servers.start_valkey(self.folder / str(number), config=config)
            self.ports.append(int(url.rpartition(":")[2].partition("/")[0]))
        links = [_link(port) for port in self.ports]
        for number, link in enumerate(links):
            link.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            if number < self.masters:
                first, last = (_SLOTS * each // self.masters for each in (number, number + 1))
                link.execute_command("CLUSTER ADDSLOTSRANGE", first, last - 1)
        for number in range(1, len(links)):
            links[0].execute_command("CLUSTER MEET", "127.0.0.1", self.ports[number], _bus(self.folder / str(number)))
        _until(lambda: all(link.cluster("INFO")["cluster_known_nodes"] == str(len(links)) for link in links))
        for number, link in enumerate(links[self.masters :]):
            master = links[number % self.masters].cluster("MYID")
            _until(lambda link=link, master=master: _follow(link, master))  # type: ignore[misc]  # bound now
        _until(lambda: all(link.cluster("INFO")["cluster_state"] == "ok" for link in links))
        _until(lambda: all(_synced(link) for link in links[self.masters :]))
        _until(lambda: all(_places(link) == len(links) for link in links))
        for link in links:
            link.close()
        return self

    def holder(self, key: str) -> int:
        """Which of our nodes holds this key now."""
        client: Any = redis.RedisCluster(host="127.0.0.1", port=self._living())
        port = client.get_node_from_key(key).port
        client.close()
        return self.ports.index(int(port))

    def kill(self, number: int) -> None:
        """kill -9 one node."""
        _kill(self.folder / str(number))

    def _living(self) -> int:
        for number, port in enumerate(self.ports):
            process = servers.process_on(self.folder / str(number))
            if process is not None and process.poll() is None:
                return port
        raise RuntimeError("no node of the cluster is alive")

    def stop(self) -> None:
        """Stop what still runs and remove its data."""
        for number in range(len(self.ports)):
            servers.stop_valkey(self.folder / str(number))
        shutil.rmtree(self.folder, ignore_errors=True)


class Watched:
    """One master, one replica and three Sentinels who agree by two when it is gone."""

    name = "newsroom"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports: dict[str, int] = {}

    @property
    def url(self) -> str:
        """Where it is, for `REDIS_URL`."""
        watchers = ",".join(f"127.0.0.1:{port}" for name, port in self.ports.items() if name.startswith("sentinel"))
        return f"redis-sentinel://{watchers}/{self.name}"

    def start(self) -> "Watched":
        """Start all five and wait until the Sentinels know each other and the replica."""
        self._start("master", "")
        self._start("replica", f"replicaof 127.0.0.1 {self.ports['master']}")
        _until(lambda: _synced(_link(self.ports["replica"])))
        watch = [
            f"sentinel monitor {self.name} 127.0.0.1 {self.ports['master']} 2",
            f"sentinel down-after-milliseconds {self.name} {_SILENT_MS}",
            f"sentinel failover-timeout {self.name} 5000",
        ]
        for number in (1, 2, 3):
            port = servers.start_sentinel(self.folder / f"sentinel-{number}", "\n".join(watch))
            self.ports[f"sentinel-{number}"] = port
        for number in (1, 2, 3):
            link = _link(self.ports[f"sentinel-{number}"])
            _until(lambda link=link: self._knows_all(link))  # type: ignore[misc]  # bound now
        return self

    def _start(self, name: str, config: str) -> None:
        url = servers.start_valkey(self.folder / name, config=config)
        self.ports[name] = int(url.rpartition(":")[2].partition("/")[0])

    def _knows_all(self, link: Any) -> bool:
        about = link.sentinel_master(self.name)
        return int(about["num-other-sentinels"]) == 2 and int(about["num-slaves"]) == 1

    def kill(self, name: str) -> None:
        """kill -9 one of them."""
        _kill(self.folder / name)

    def stop(self) -> None:
        """Stop what still runs and remove its data."""
        for name in reversed(self.ports):
            servers.stop_valkey(self.folder / name)
        shutil.rmtree(self.folder, ignore_errors=True)


def _kill(data: Path) -> None:
    if process := servers.process_on(data):
        process.kill()
        process.wait()


def _link(port: int) -> Any:  # redis-py's types of its administration commands are not of use
    return redis.Redis(port=port, decode_responses=True)


def _bus(folder: Path) -> int:
    lines = (folder / "valkey.conf").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("cluster-port"))


def _follow(link: Any, master: str) -> bool:
    with contextlib.suppress(redis.ResponseError):  # it has not heard of that node yet
        link.execute_command("CLUSTER REPLICATE", master)
        return True
    return False


def _places(link: Any) -> int:
    """How many nodes this one tells a client of."""
    return sum(len(span) - 2 for span in link.execute_command("CLUSTER", "SLOTS"))


def _synced(link: Any) -> bool:
    return str(link.info("replication").get("master_link_status")) == "up"


def _until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise servers.ServerError(f"the servers did not find together within {seconds:.0f} s")
        time.sleep(0.05)
