"""What an operator may turn in enrichment (`ENRICHMENT_…`)."""

from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.runtime import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the enrichment service."""

    model_config = SettingsConfigDict(env_prefix="ENRICHMENT_")

    steps: Literal["full", "fixed"] = Field(
        default="full", description="`fixed` answers every article alike: to measure transport without computing."
    )
    terms_asked: int = Field(default=64, ge=8, le=96, description="Rare terms of an article looked up in the index.")
    cap: int = Field(default=256, ge=20, le=2000, description="Newest articles taken from one term's list.")
    candidates: int = Field(default=40, ge=10, le=500, description="Candidates compared in full.")
    together: int = Field(
        default=16, ge=1, le=200, description="Articles whose candidates are fetched in one question."
    )
    vocabulary_seconds: float = Field(
        default=15.0, ge=0, description="How often is looked for proposed tags that have become known ones."
    )
    keep_fresh: int = Field(default=256, ge=1, description="Newest articles whose index rows are never packed.")
    reread_rate: int = Field(default=50, ge=1, le=1000, description="Articles a replica reads again in a second.")
    refresh_rate: int = Field(
        default=10, ge=1, le=1000, description="Of these, older articles that a newer one is near, in a second."
    )
    dense: bool = Field(
        default=False,
        description="Guess English sections by word vectors (extra `dense`) until editors chose.",
    )
    known_after: int = Field(default=3, ge=1, description="Articles that make a proposed tag a known one.")
