"""What an operator may turn in every service; each service adds its own under its own prefix."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings read from the environment, `<SERVICE>_<NAME>`; the ones every service shares carry a house-wide name."""

    model_config = SettingsConfigDict(extra="ignore", validate_by_name=True, validate_by_alias=True)

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
    retry_waits: list[float] = Field(default=[1.0, 5.0, 30.0, 120.0], description="Seconds before attempts 2, 3, …")
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
