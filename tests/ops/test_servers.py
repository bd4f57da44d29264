"""The embedded servers: real, durable, private, and gone when whoever started them is gone."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
import redis

from ops import servers


def wait_for(true: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


async def sql(url: str, statement: str) -> object:
    link = await asyncpg.connect(user="postgres", database="postgres", host=url.partition("host=")[2])
    try:
        return await link.fetchval(statement)
    finally:
        await link.close()


def test_postgres_keeps_its_data_over_a_restart_and_a_kill(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    url = servers.start_postgres(data)
    try:
        asyncio.run(sql(url, "CREATE TABLE kept AS SELECT 42 AS answer"))
        process = servers.process_on(data)
        assert process is not None
        process.kill()
        process.wait()
        assert servers.start_postgres(data) == url
        assert asyncio.run(sql(url, "SELECT answer FROM kept")) == 42
    finally:
        servers.stop_postgres(data)


def test_postgres_starts_over_a_pid_file_whose_number_another_process_has_now(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    url = servers.start_postgres(data)
    lines = (data / "postmaster.pid").read_text().splitlines()
    servers.stop_postgres(data)
    (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    try:
        assert servers.start_postgres(data) == url
        assert asyncio.run(sql(url, "SELECT 1")) == 1
    finally:
        servers.stop_postgres(data)


def test_postgres_serves_a_home_whose_path_is_too_long_for_a_socket(tmp_path: Path) -> None:
    data = tmp_path / ("a" * 60) / ("b" * 60) / "postgres"
    url = servers.start_postgres(data, durable=False)
    try:
        assert asyncio.run(sql(url, "SELECT 1")) == 1
    finally:
        servers.stop_postgres(data)


def test_valkey_keeps_every_write_over_a_stop_and_asks_for_its_password(tmp_path: Path) -> None:
    url = servers.start_valkey(tmp_path / "valkey", password="made-up")
    with redis.Redis.from_url(url) as link:
        link.xadd("kept", {"event": "one"})
    servers.stop_valkey(tmp_path / "valkey")
    again = servers.start_valkey(tmp_path / "valkey", password="made-up")
    try:
        with redis.Redis.from_url(again) as link:
            assert link.xlen("kept") == 1
        with (
            redis.Redis.from_url(again.replace("default:made-up@", "")) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()
    finally:
        servers.stop_valkey(tmp_path / "valkey")


def test_a_server_that_cannot_start_says_why_and_where_its_log_is(tmp_path: Path) -> None:
    with pytest.raises(servers.ServerError, match=r"Valkey on port 1 ended at once.*valkey\.log") as failure:
        servers.start_valkey(tmp_path / "valkey", port=1, config="no-such-setting yes")
    assert "no-such-setting" in str(failure.value)


def test_no_server_outlives_the_process_that_started_it(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from ops import servers\n"
        "home = Path(sys.argv[1]); servers.start_postgres(home / 'pg'); servers.start_valkey(home / 'valkey')\n"
        "print(servers.process_on(home / 'pg').pid, servers.process_on(home / 'valkey').pid, flush=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pids = [int(word) for word in starter.stdout.readline().split()]
        assert len(pids) == 2
        assert not any(is_gone(pid) for pid in pids)
        starter.send_signal(signal.SIGKILL)
    wait_for(lambda: all(is_gone(pid) for pid in pids))
