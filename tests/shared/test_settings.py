"""A service that is told nonsense says which variable, what is wrong and what it is for; it shows no value."""

import os

import pytest
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.runtime import ServiceSettings
from shared.runtime.outbound import OutboundSettings


class Settings(ServiceSettings):
    """Settings as a service has them."""

    model_config = SettingsConfigDict(env_prefix="INGEST_")

    outbound: OutboundSettings = Field(default_factory=OutboundSettings)


SOUND = {"INGEST_DATABASE_URL": "postgresql://me:hush@host/db", "REDIS_URL": "redis://:hush@host"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"INGEST_DATABASE_URL": ""}, "INGEST_DATABASE_URL: is no URL that begins with postgresql://"),
        ({"INGEST_DATABASE_URL": "mysql://me:hush@host/db"}, "INGEST_DATABASE_URL: is no URL that begins with"),
        ({"REDIS_URL": "http://me:hush@host"}, "REDIS_URL: begins with none of redis://, "),
        ({"REDIS_URL": "redis-sentinel://me:hush@host"}, "REDIS_URL: names no master: add /NAME"),
        ({"INGEST_BATCH_SIZE": "many"}, "INGEST_BATCH_SIZE: Input should be a valid integer"),
        ({"INGEST_RETRY_WAITS": "1,5"}, "INGEST_RETRY_WAITS: is no JSON, as in [1, 5, 30]. Seconds before attempts"),
        ({"INGEST_RETRY_WAITS": "[-1]"}, "INGEST_RETRY_WAITS: Input should be greater than or equal to 0"),
        ({"INGEST_LOG_LEVEL": "chatty"}, "INGEST_LOG_LEVEL: is 'chatty'; it takes DEBUG, INFO"),
        ({"NEWSROOM_STREAM_PARTITIONS": "0"}, "NEWSROOM_STREAM_PARTITIONS: Input should be greater than"),
        ({"NEWSROOM_OUTBOUND_SECONDS": "long"}, "NEWSROOM_OUTBOUND_SECONDS: Input should be a valid number"),
    ],
)
def test_a_wrong_variable_is_named_with_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    for name, value in {**SOUND, **given}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        Settings.read()
    assert said in str(ended.value)
    assert "hush" not in str(ended.value)


def test_every_variable_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in {*SOUND, *(name for name in os.environ if name.startswith("INGEST_"))}:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit, match=r"(?s)INGEST_DATABASE_URL: is not set.*REDIS_URL: is not set"):
        Settings.read()


def test_sound_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SOUND.items():
        monkeypatch.setenv(name, value)
    assert Settings.read().redis_url == SOUND["REDIS_URL"]
