"""What an operator may turn in moderation."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.runtime import ServiceSettings


class Settings(ServiceSettings):
    """Every name is prefixed `MODERATION_` in the environment."""

    model_config = SettingsConfigDict(env_prefix="MODERATION_")

    lease_seconds: Annotated[int, Field(ge=10, le=3600)] = 300
    appeal_days: Annotated[int, Field(ge=1, le=90)] = 14
    learner_bits: Annotated[int, Field(ge=12, le=24)] = 20
    redecide_days: Annotated[int, Field(ge=1, le=365)] = 30
    redecide_batch: Annotated[int, Field(ge=1, le=2000)] = 200
