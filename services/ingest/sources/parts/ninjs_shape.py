"""The shape of a ninjs item, versions 2.0 to 3.1 (iptc.org/std/ninjs): what may stand where, with lower-case names.

Version 3 writes names in camelCase, version 2 in lower case; both are read after `lowered`. Dates of an embargo are not
checked here: one that cannot be parsed must hold the story, not lose it.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

_DEEPEST = 20
Uri = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Percent = Annotated[int, Field(ge=0, le=100)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Address(_Part):
    lines: list[str] | None = None
    locality: str | None = None
    area: str | None = None
    postalcode: str | None = None
    country: str | None = None


class _Contact(_Part):
    type: str | None = None
    role: str | None = None
    lang: str | None = None
    name: str | None = None
    value: str | None = None
    address: _Address | None = None


class _Words(_Part):
    role: str | None = None
    contenttype: str | None = None
    charcount: int | float | None = None
    wordcount: int | float | None = None
    value: str


class _Concept(_Part):
    id: str | None = None
    name: str | None = None
    rel: str | None = None
    role: str | None = None
    uri: Uri | None = None
    literal: str | None = None
    contactinfo: list[_Contact] | None = None
    symbols: list[dict[str, Any]] | None = None
    geojson: dict[str, Any] | None = None
    creator: str | None = None
    relevance: Percent | None = None
    confidence: Percent | None = None


class _Rendition(_Part):
    name: str
    href: Uri | None = None
    contenttype: str | None = None
    title: str | None = None
    height: int | float | None = None
    width: int | float | None = None
    sizeinbytes: int | float | None = None
    duration: int | float | None = None
    format: str | None = None
    aspectratio: str | int | float | None = None
    bitrate: int | float | None = None
    framerate: int | float | None = None
    poi: dict[str, Any] | None = None
    scantype: Literal["progressive", "interlaced"] | None = None
    transportprotocol: str | None = None
    videocodec: str | None = None


class _Named(_Part):
    role: str | None = None
    value: str | None = None


class NinjsItem(_Part):
    """One ninjs item; associations are items too."""

    uri: Uri
    schema_: str | None = Field(default=None, alias="$schema")
    type: (
        Literal["text", "audio", "video", "picture", "graphic", "composite", "component", "event", "planning"] | None
    ) = None
    representationtype: Literal["full", "partial"] | None = None
    profile: str | None = None
    version: str | None = None
    firstcreated: str | None = None
    versioncreated: str | None = None
    contentcreated: str | None = None
    embargoed: Any = None
    embargoeduntil: Any = None
    pubstatus: Literal["usable", "withheld", "canceled"] | None = None
    urgency: int | float | None = None
    copyrightholder: str | None = None
    copyrightnotice: str | None = None
    usageterms: str | None = None
    ednote: str | None = None
    language: str | None = None
    descriptions: list[_Words] | None = None
    bodies: list[_Words] | None = None
    headlines: list[_Words] | None = None
    people: list[_Concept] | None = None
    organisations: list[_Concept] | None = None
    places: list[_Concept] | None = None
    subjects: list[_Concept] | None = None
    events: list[_Concept] | None = None
    objects: list[_Concept] | None = None
    infosources: list[_Concept] | None = None
    genres: list[_Concept] | None = None
    title: str | None = None
    by: str | None = None
    slugline: str | None = None
    located: str | None = None
    renditions: list[_Rendition] | None = None
    associations: list["_Association"] | None = None
    altids: list[_Named] | None = None
    trustindicators: list[dict[str, Any]] | None = None
    standard: dict[str, Any] | None = None
    expires: str | None = None
    rightsinfo: dict[str, Any] | None = None
    digitalsourcetype: dict[str, Any] | None = None
    eventdetails: dict[str, Any] | None = None
    plannedcoverage: list[dict[str, Any]] | None = None


class _Association(NinjsItem):
    name: str
    rel: str | None = None


NinjsItem.model_rebuild()


def lowered(value: Any, depth: int = 0) -> Any:
    """The same document with lower-case names. Raises ValueError where it is nested deeper than any item is."""
    if depth > _DEEPEST:
        raise ValueError(f"nested deeper than {_DEEPEST} levels")
    if isinstance(value, dict):
        return {
            name.lower(): part if name.lower() == "geojson" else lowered(part, depth + 1)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [lowered(part, depth + 1) for part in value]
    return value


def problems_of(document: dict[str, Any]) -> list[str]:
    """Every place where a lowered document breaks the standard, as sentences; empty where it is valid."""
    try:
        NinjsItem.model_validate(document)
    except ValidationError as error:
        return [f"{'.'.join(map(str, e['loc'])) or 'item'}: {e['msg'].lower()}" for e in error.errors()[:20]]
    return []
