"""What an operator may turn in publishing."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.runtime import ServiceSettings


class Settings(ServiceSettings):
    """Publishing's settings, `PUBLISHING_…` in the environment."""

    model_config = SettingsConfigDict(env_prefix="PUBLISHING_")

    enrichment_wait: float = Field(
        default=3.0, ge=0, description="Seconds a trusted source's story waits for its tags before it leaves without."
    )
    undo_seconds: float = Field(
        default=10.0, ge=0, description="Seconds during which what an editor published has not left and can be undone."
    )
    lock_seconds: float = Field(default=60.0, gt=0, description="How long a lock lives without a heartbeat.")
