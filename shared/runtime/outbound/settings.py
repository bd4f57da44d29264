"""What an operator may turn about requests that leave the house."""

from typing import Annotated, Protocol

from pydantic import field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.runtime.outbound.addresses import AllowList


class OutboundSettings(BaseSettings):
    """What an operator may turn about requests that leave the house (`NEWSROOM_OUTBOUND_…`)."""

    model_config = SettingsConfigDict(env_prefix="NEWSROOM_OUTBOUND_", extra="ignore", frozen=True)

    allow: Annotated[tuple[str, ...], NoDecode] = ()  # comma-separated hosts, addresses, networks; `:port` optional
    seconds: float = 30.0  # for everything: names, connections, redirects, body
    max_bytes: int = 10 * 1024 * 1024  # of a body, after decompression
    max_ratio: int = 100  # decompressed : received
    max_redirects: int = 5
    per_host: int = 2
    connections: int = 64
    user_agent: str = "Newsroom/0.1"
    contact: str = "set NEWSROOM_OUTBOUND_CONTACT"  # an address or page where a site finds the operator

    @field_validator("allow", mode="before")
    @classmethod
    def _split_allow(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("allow")
    @classmethod
    def _check_allow(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        AllowList(value)
        return value


class HasOutbound(Protocol):
    """Settings that carry the outbound ones."""

    @property
    def outbound(self) -> OutboundSettings: ...
