"""An event is one fact, one class, one stream: the names on the wire are derived from the class, never typed twice."""

import re
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Moment = Annotated[AwareDatetime, Field(description="An instant with its UTC offset (RFC 3339).")]

#: Every event class by its CloudEvents `type`. Filled as classes are defined.
EVENTS: dict[str, type["Event"]] = {}

#: Bases that group events and are told by nobody.
_KINDS = frozenset({"Publication", "ArticlePublication", "CommentPublication"})
_WORD = re.compile(r"[A-Z][a-z0-9]*")
_TELLER = re.compile(r"Told by (\w+)\.\s*$")


def empty(kind: type[list[Any] | dict[str, Any]]) -> Any:
    """The default of a field that holds several: an empty one, made when it is needed.

    A default of `[]` would be copied for every fact by `copy.deepcopy`, which took a third of making one.
    """
    return Field(default_factory=kind, json_schema_extra={"default": kind()})


class Word(BaseModel):
    """A value that facts are made of. Frozen; unknown fields are ignored so that a newer teller can be understood."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Word):
    """A fact that one service tells and others may hear.

    A subclass is named noun + past participle (`ArticleIngested`), ends its docstring with "Told by <service>." and
    names the field whose value keeps related facts together (`key`): it becomes the CloudEvents `subject` and, where
    streams are partitioned, chooses the partition.
    """

    key: ClassVar[str] = "article_id"
    on_stream: ClassVar[str | None] = None  # several classes may share one stream only where their order is a promise
    teller: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.__name__ in _KINDS:
            return
        told = _TELLER.search(cls.__doc__ or "")
        if told is None:
            raise TypeError(f'{cls.__name__}: its docstring must end with "Told by <service>."')
        cls.teller = told.group(1)
        if cls.type_name() in EVENTS and EVENTS[cls.type_name()].__qualname__ != cls.__qualname__:
            raise TypeError(f"{cls.__name__}: another class already has the type {cls.type_name()}")
        EVENTS[cls.type_name()] = cls

    @classmethod
    def _words(cls) -> tuple[list[str], int]:
        words = _WORD.findall(cls.__name__)
        if words and re.fullmatch(r"V\d+", words[-1]):
            return [w.lower() for w in words[:-1]], int(words[-1][1:])
        return [w.lower() for w in words], 1

    @classmethod
    @cache  # asked for every message, and the same for ever
    def stream_name(cls) -> str:
        """The Redis stream of this fact: `ArticleIngested` → `article.ingested`."""
        if cls.on_stream:
            return cls.on_stream
        words, version = cls._words()
        return ".".join(words) + (f".v{version}" if version > 1 else "")

    @classmethod
    @cache
    def type_name(cls) -> str:
        """The CloudEvents type: `ArticleIngested` → `newsroom.article.ingested.v1`."""
        words, version = cls._words()
        return f"newsroom.{'.'.join(words)}.v{version}"

    @property
    def subject(self) -> str:
        """What the fact is about, as text: the value of its key field."""
        return str(getattr(self, self.key))
