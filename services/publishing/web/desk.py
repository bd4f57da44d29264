"""The desk's form: an article's content as the fields of a page, and what of them somebody changed."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.publishing.domain.content import Content
from services.publishing.domain.slugs import slugify
from shared.events import Picture, Tag
from shared.runtime.browsers import Sent, one

_BETWEEN_BLOCKS = re.compile(r"(</(?:p|h[2-4]|ul|ol|blockquote|figure|table|pre)>)(?=<)")
_SAID_OF_PICTURES = ("caption", "credit", "alt")


@dataclass(frozen=True)
class Field:
    """A field of the form: how a value of the content is written in it, and how that is read back."""

    label: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    rows: int = 1
    hint: str = ""


def _maybe(text: str) -> str | None:
    return text.strip() or None


def _listed(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := " ".join(part.split()))]


def _plain(label: str, hint: str = "", rows: int = 1) -> Field:
    return Field(label, lambda value: value or "", _maybe, rows, hint)


FIELDS: Mapping[str, Field] = {
    "headline": Field("Headline", str, str.strip),
    "summary": _plain("Summary", rows=2),
    "body_html": Field(
        "Text",
        lambda body: _BETWEEN_BLOCKS.sub(r"\1\n\n", body),
        lambda text: re.sub(r"(</\w+>)\r?\n\r?\n(?=<)", r"\1", text).strip(),
        rows=22,
        hint="HTML: p, h2, ul, blockquote, a, em, strong … Whatever acts is taken out.",
    ),
    "section": _plain("Section"),
    "outlet": _plain("Outlet"),
    "credit": _plain("Credit", "Who is to be credited, where it is not the outlet or the wire."),
    "wire": _plain("Wire"),
    "byline": _plain("Byline", "As printed."),
    "authors": Field("Authors", ", ".join, _listed, hint="Separated by commas."),
    "language": Field("Language", str, str.strip, hint="BCP 47: en, vi, …"),
    "source_url": _plain("Source address"),
    "urgency": Field(
        "Urgency",
        lambda value: str(value or ""),
        lambda text: int(text) if text.isdigit() else _maybe(text),
        hint="1–9",
    ),
    "ednote": _plain("Note to editors", rows=2),
    "held": _plain("Hold", "Why it must not leave. Empty: it may."),
}


def form_of(content: Content, zone: ZoneInfo) -> dict[str, str]:
    """What stands in the form's single fields; moments by the clock of `zone`."""
    form = {name: field.write(getattr(content, name)) for name, field in FIELDS.items()}
    form["embargoed_until"] = clock(content.embargoed_until, zone)
    form["tags"] = ", ".join(tag.name for tag in content.tags_chosen)
    for number, picture in enumerate(content.pictures):
        form |= {f"{name}_{number}": getattr(picture, name) or "" for name in _SAID_OF_PICTURES}
    return form


def clock(at: datetime | None, zone: ZoneInfo) -> str:
    """A moment as a browser's date-and-time field has it."""
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" if at else ""


def changes_of(seen: Content, sent: Sent, zone: ZoneInfo) -> dict[str, Any]:
    """What somebody who looked at `seen` made of it: the fields that differ, as the API takes them.

    A field that was not sent stays. Moments come without an offset, by the clock of `zone`.
    """
    shown = form_of(seen, zone)
    typed = {name: one(sent, name) for name in sent}
    changed = {name for name, text in shown.items() if name in typed and typed[name] != _lines(text)}
    changes: dict[str, Any] = {name: FIELDS[name].read(typed[name]) for name in FIELDS if name in changed}
    if "embargoed_until" in changed:
        changes["embargoed_until"] = typed["embargoed_until"] or None
    if "tags" in changed:
        changes["tags_chosen"] = _tags(seen.tags_chosen, _listed(typed["tags"]))
    pictures = _pictures(seen.pictures, typed, sent)
    if pictures != seen.pictures:
        changes["pictures"] = pictures
    return changes | _choices(seen, sent)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _tags(known: Iterable[Tag], names: Iterable[str]) -> list[Tag]:
    by_name = {tag.name.casefold(): tag for tag in known}
    made = (by_name.get(name.casefold()) or Tag(id=slugify(name), name=name) for name in names)
    return list({tag.id: tag for tag in made if tag.id}.values())


def _pictures(known: Sequence[Picture], typed: Mapping[str, str], sent: Sent) -> list[Picture]:
    kept = []
    for number, picture in enumerate(known):
        said = {
            name: typed[f"{name}_{number}"].strip() or None
            for name in _SAID_OF_PICTURES
            if f"{name}_{number}" in typed and typed[f"{name}_{number}"] != (getattr(picture, name) or "")
        }
        if str(number) not in sent.get("picture_out", ()):
            kept.append(picture.model_copy(update=said) if said else picture)
    return kept


def _choices(seen: Content, sent: Sent) -> dict[str, Any]:
    """The boxes beside what the machine suggests: a tag or story that was offered and is not ticked is not wanted."""
    found: dict[str, Any] = {}
    for offered, kept, field in (("tag_offered", "tag", "tags_rejected"), ("story_offered", "story", "related_hidden")):
        refused = {str(word) for word in getattr(seen, field)}
        now = (refused - set(sent.get(offered, ()))) | (set(sent.get(offered, ())) - set(sent.get(kept, ())))
        if now != refused:
            found[field] = sorted(now)
    return found
