"""The log says what an operator turned it to, and no secret."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared.runtime import ServiceSettings, logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    kept = structlog.get_config()
    yield
    structlog.configure(**kept)


def _settings(**given: object) -> ServiceSettings:
    return ServiceSettings.model_validate({"database_url": "postgresql://x/y", "redis_url": "redis://x", **given})


def test_a_line_is_json_with_its_service_and_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("ingest", _settings(log_json=True))
    structlog.get_logger().warning("đã nhận", token="nwr_1_secret", stream="article.ingested")
    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["service"], line["level"]) == ("đã nhận", "ingest", "warning")
    assert line["token"] == "•••"


def test_what_libraries_log_is_json_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("", "uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        for kept in ("handlers", "level", "propagate"):
            monkeypatch.setattr(logger, kept, list(logger.handlers) if kept == "handlers" else getattr(logger, kept))
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # as a server that was told to be quiet leaves it
    logs.configure("ingest", _settings(log_json=True))
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    [line] = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert (said["event"], said["service"], said["level"]) == ("Started server process [7]", "ingest", "info")


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("ingest", _settings(log_level="warning"))
    structlog.get_logger().info("quiet")
    structlog.get_logger().error("loud")
    written = capsys.readouterr().out
    assert "quiet" not in written
    assert "loud" in written


def test_an_unknown_level_is_refused_with_the_levels_there_are() -> None:
    with pytest.raises(ValueError, match="'CHATTY'; it takes DEBUG, INFO"):
        logs.configure("ingest", _settings(log_level="CHATTY"))
