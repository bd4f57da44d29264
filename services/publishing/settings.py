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

    site_name: str = Field(default="Newsroom", description="What the site calls itself.")
    site_language: str = Field(default="en", description="What the site itself speaks: en or vi.")
    site_zone: str = Field(default="UTC", description="The time zone of the dates on its pages, e.g. Asia/Ho_Chi_Minh.")
    site_sections: dict[str, str] = Field(
        default={
            "heritage": "Heritage",
            "figure": "Figure",
            "business": "Business",
            "news": "News",
            "political-system": "Political System",
            "local": "Local",
            "product": "Product",
            "videos": "Videos",
        },
        description="The navigation, slug to name, in order; other sections follow where they hold stories.",
    )
    requests_per_minute: int = Field(
        default=30_000, ge=0, description="API requests a minute of one token, session or address, by process; 0: any."
    )
    wrong_tokens_per_minute: int = Field(
        default=100, ge=1, description="Requests with a wrong token one address may make in a minute."
    )
    comments_per_minute: int = Field(default=10, ge=1, description="Comments one address may write in a minute.")
    streams_open: int = Field(default=10_000, ge=1, description="Event streams one process holds open at most.")
    stream_beat: float = Field(default=15.0, gt=0, description="Seconds between two beats on a quiet event stream.")
    stream_stuck: float = Field(default=15.0, gt=0, description="Seconds a write may hang before its stream is cut.")
    deliveries_kept: int = Field(default=30, ge=1, description="Days for which a webhook's delivery log is kept.")
