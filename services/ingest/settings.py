"""What an operator may turn in ingest (`INGEST_…`)."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.runtime import ServiceSettings
from shared.runtime.outbound import OutboundSettings


class Settings(ServiceSettings):
    """Ingest's settings; `outbound` are those of the one client for the outside (`NEWSROOM_OUTBOUND_…`)."""

    model_config = SettingsConfigDict(
        env_prefix="INGEST_", extra="ignore", validate_by_name=True, validate_by_alias=True
    )

    outbound: OutboundSettings = Field(default_factory=OutboundSettings)
    readers: Annotated[int, Field(ge=1, le=32)] = Field(default=1, description="Processes that read documents.")
    slow_readers: Annotated[int, Field(ge=1, le=8)] = Field(
        default=1, description="Processes that read what takes long, and the documents of sources that are not well."
    )
    quick_seconds: float = Field(
        default=2.0, gt=0, description="Seconds after which a document is handed from a reader to a slow one."
    )
    slow_answer_seconds: float = Field(
        default=5.0, gt=0, description="Seconds after which a server's answer sends its source to those that are slow."
    )
    read_seconds: float = Field(default=10.0, gt=0, description="Seconds one document may take to read.")
    read_memory_mib: Annotated[int, Field(ge=224)] = Field(default=256, description="MiB one reader process may use.")
    polls: Annotated[int, Field(ge=0, le=500)] = Field(
        default=32, description="Sources looked at at once; 0: this replica looks at none by itself."
    )
    new_polls: Annotated[int, Field(ge=0, le=100)] = Field(
        default=8, description="Sources looked at at once among those that were never looked at before."
    )
    slow_polls: Annotated[int, Field(ge=0, le=100)] = Field(
        default=4, description="Sources looked at at once, and a second, among those that fail or are slow."
    )
    pages_per_poll: Annotated[int, Field(ge=0)] = Field(
        default=60, description="Article pages followed from one reading."
    )
    obey_robots: bool = Field(default=True, description="Whether robots.txt is obeyed; its verdict is kept either way.")
    most_bytes: int = Field(default=10 * 1024 * 1024, gt=0, description="Bytes of a document handed over.")
    keep_payload_days: int = Field(default=60, ge=1, description="Days that raw documents and the fetch log are kept.")
    callback_url: str | None = Field(
        default=None,
        description="Where hubs reach this service from outside, e.g. https://desk.example/ingest; unset: no WebSub.",
    )
