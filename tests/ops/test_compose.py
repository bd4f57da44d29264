"""The composed stack as written: what must hold before any container runs."""

import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops import compose_env

COMPOSE: dict[str, Any] = yaml.safe_load(Path("docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_is_unprivileged_and_read_only(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service["user"].startswith(("0", "root"))


def test_only_the_services_doors_are_published_and_only_on_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if service.get("ports")}
    assert set(published) == {"publishing", "ingest", "enrichment", "moderation"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


@pytest.mark.parametrize("name", ["redis", "postgres", "publishing", "ingest", "enrichment", "moderation"])
def test_every_lasting_container_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


def test_images_need_no_digest_and_databases_stay_off_the_outer_network() -> None:
    assert {service["image"] for service in SERVICES.values()} == {
        "newsroom:local",
        "redis:8",
        "pgvector/pgvector:pg17",
    }
    assert SERVICES["redis"]["networks"] == ["data"]
    assert SERVICES["postgres"]["networks"] == ["data"]
    assert COMPOSE["networks"]["data"]["internal"] is True


@pytest.mark.parametrize("name", ["publishing", "ingest", "enrichment", "moderation", "migrate"])
def test_the_command_line_inside_a_container_finds_every_door(name: str) -> None:
    for door in ("publishing", "ingest", "enrichment", "moderation"):
        port = SERVICES[door]["ports"][0].rpartition(":")[2]
        assert SERVICES[name]["environment"][f"NEWSROOM_{door.upper()}_URL"] == f"http://{door}:{port}"


def test_every_secret_the_file_asks_for_is_written_by_make_up() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+(?:PASSWORD|TOKEN))", Path("docker-compose.yml").read_text()))
    assert asked == set(compose_env.NAMES)


def test_secrets_are_random_written_once_and_only_ours_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("NEWSROOM_TOKEN=chosen\nNEWSROOM_URL=https://news.example")
    compose_env.main()
    first = (tmp_path / ".env").read_text()
    compose_env.main()
    assert (tmp_path / ".env").read_text() == first
    assert "NEWSROOM_TOKEN=chosen\n" in first
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    values = [line.partition("=")[2] for line in first.splitlines() if "PASSWORD" in line]
    assert len(set(values)) == len(compose_env.NAMES) - 1
    assert all(len(value) >= 32 for value in values)
    assert not any(value in capsys.readouterr().out for value in values)
