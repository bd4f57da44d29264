"""What an operator may turn in moderation."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from shared.runtime import ServiceSettings


class ScorerSettings(BaseModel):
    """One scorer beside the built-in learner: asked over HTTP, or (`onnx`) a model in a folder here, named by `url`.

    It only notes its scores until the desk's decisions bear thresholds; `live: false` keeps it in shadow even then.
    `seconds` is its time limit; `on_failure` says whether its silence holds a comment or is passed over. `harmless`
    names labels that speak for a comment: what counts is the highest of the others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    kind: Literal["openai", "generic", "onnx"] = "generic"
    url: str
    key: SecretStr | None = None
    model: str = "default"
    seconds: float = Field(2.0, gt=0, le=30)
    on_failure: Literal["hold", "ignore"] = "hold"
    live: bool = False
    harmless: frozenset[str] = frozenset(
        {"neutral", "normal", "clean", "safe", "non-toxic", "non_toxic", "not_toxic", "nothate", "LABEL_0", "ok"}
    )

    @field_validator("name")
    @classmethod
    def _not_the_learners(cls, name: str) -> str:
        if name == "learner":
            raise ValueError("`learner` is the built-in one's name; give this scorer another")
        return name


class Settings(ServiceSettings):
    """Every name is prefixed `MODERATION_` in the environment. `MODERATION_SCORERS` is a JSON list."""

    model_config = SettingsConfigDict(env_prefix="MODERATION_")

    scorers: list[ScorerSettings] = []
    lease_seconds: Annotated[int, Field(ge=10, le=3600)] = 300
    appeal_days: Annotated[int, Field(ge=1, le=90)] = 14
    redecide_days: Annotated[int, Field(ge=1, le=365)] = 30
    relearn_hours: Annotated[int, Field(ge=0, le=24 * 30)] = 24
    redecide_batch: Annotated[int, Field(ge=1, le=2000)] = 200
