"""What an operator may turn in every service; each service adds its own under its own prefix."""

import logging
import re
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from shared.runtime.redis import Place

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
Wait = Annotated[float, Field(ge=0)]


class ServiceSettings(BaseSettings):
    """Settings read from the environment, `<SERVICE>_<NAME>`; the ones every service shares carry a house-wide name."""

    model_config = SettingsConfigDict(
        extra="ignore", validate_by_name=True, validate_by_alias=True, hide_input_in_errors=True
    )

    database_url: str = Field(description="postgresql://user:password@host/database, this service's own.")
    redis_url: str = Field(alias="REDIS_URL", description="redis://… or unix://…: where the streams are.")
    token: SecretStr | None = Field(
        default=None, alias="NEWSROOM_TOKEN", description="A bootstrap token that holds every role."
    )
    public_url: str = Field(default="http://127.0.0.1:8000", alias="NEWSROOM_URL", description="Where the site stands.")
    stream_partitions: int = Field(
        default=1, ge=1, alias="NEWSROOM_STREAM_PARTITIONS", description="Partitions of each internal stream."
    )

    log_level: str = "INFO"
    log_json: bool = False
    pool_size: Annotated[int, Field(ge=2)] = 10
    batch_size: Annotated[int, Field(ge=1, le=2000)] = Field(default=200, description="Messages in one transaction.")
    poll_ms: Annotated[int, Field(ge=50, le=3000)] = Field(default=1000, description="How long one read may wait.")
    claim_after: float = Field(default=30.0, gt=0, description="Seconds after which a silent consumer's work is taken.")
    retry_waits: list[Wait] = Field(default=[1.0, 5.0, 30.0, 120.0], description="Seconds before attempts 2, 3, …")
    retry_lease: float = Field(default=60.0, description="Seconds one retry may take before another may start.")
    command_timeout: float = Field(default=30.0, description="Seconds one database statement may take.")
    stop_within: float = Field(default=8.0, description="Seconds a batch may still take after SIGTERM.")
    keep_days: int = Field(default=30, ge=1, description="Days internal events are kept in the database.")
    keep_stream_seconds: float = Field(
        default=3600.0, ge=0, description="How long a settled entry stays in Redis before it is trimmed."
    )
    relay_batch: Annotated[int, Field(ge=1, le=5000)] = 500

    @property
    def max_attempts(self) -> int:
        """Attempts before a message becomes a dead letter: the first, and one after each wait."""
        return len(self.retry_waits) + 1

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: str) -> str:
        try:
            kind = make_url(url).get_backend_name()
        except ArgumentError:
            kind = ""
        if kind not in {"postgresql", "postgres"}:
            raise ValueError("is no URL that begins with postgresql://")
        return url

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: str) -> str:
        if not re.match(r"(rediss?(-sentinel|-cluster)?|unix)://", url):
            raise ValueError("begins with none of redis://, rediss://, unix://, redis-sentinel://, redis-cluster://")
        Place.of(url)
        return url

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, level: str) -> str:
        if level.upper() not in logging.getLevelNamesMapping():
            raise ValueError(f"is {level!r}; it takes {', '.join(_LEVELS)}")
        return level

    @classmethod
    def read(cls) -> Self:
        """This process's settings. Where the environment is wrong the process ends with a sentence a variable."""
        try:
            return cls()
        except ValidationError as error:
            wrong = [_sentence(cls._named(error.title), str(each["loc"][0]), each["msg"]) for each in error.errors()]
        except SettingsError as error:
            field = re.search(r'field "(\w+)"', str(error))
            wrong = [_sentence(cls, field[1] if field else "", "is no JSON, as in [1, 5, 30]")]
        raise SystemExit("Newsroom cannot start; mend the environment:\n" + "\n".join(wrong))

    @classmethod
    def _named(cls, title: str) -> type[BaseSettings]:
        """The settings that an error is about: these, or those inside them with a prefix of their own."""
        kinds = [field.annotation for field in cls.model_fields.values()]
        inside = (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseSettings))
        return next((kind for kind in inside if kind.__name__ == title), cls)


def _sentence(kind: type[BaseSettings], name: str, what: str) -> str:
    """What is wrong with a variable, without its value, and what it is for."""
    known = next((field for own, field in kind.model_fields.items() if name in (own, field.alias)), None)
    variable = name if known and name == known.alias else f"{kind.model_config.get('env_prefix', '')}{name}".upper()
    told = what.removeprefix("Value error, ").removeprefix(variable).lstrip(": ")
    told = "is not set" if told == "Field required" else told
    return f"  {variable}: {told}. {known.description or '' if known else ''}".rstrip()
