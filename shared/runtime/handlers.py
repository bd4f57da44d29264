"""The facts' door: which function hears which fact, and what each of its parameters is filled with."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sqlmodel.ext.asyncio.session import AsyncSession
from structlog.contextvars import bound_contextvars

from shared.events.base import Event
from shared.runtime.database import Later, Told, Transaction
from shared.runtime.envelope import Cause, Envelope

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True)
class Handler:
    """One function and the fact it hears. `batch`: it takes a list of them."""

    event: type[Event]
    function: Callable[..., Awaitable[Any]]
    batch: bool
    wants: Mapping[str, Any]  # parameter after the first → its annotation

    @property
    def name(self) -> str:
        """The function's name, for logs and metrics."""
        return str(getattr(self.function, "__name__", "handler"))


class Handlers:
    """What one service hears. `group` is its consumer group's name and its own."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.registry: dict[str, Handler] = {}

    def on(self, event: type[Event]) -> Callable[[F], F]:
        """Let the decorated function hear this fact; hands the plain function back."""

        def register(function: F) -> F:
            stream = event.stream_name()
            if stream in self.registry:
                raise TypeError(
                    f"{self.group}: {getattr(function, '__name__', 'it')} and {self.registry[stream].name} both hear "
                    f"{stream}; two handlers would share its messages. Let one call both acts."
                )
            self.registry[stream] = _read(event, function)
            return function

        return register

    def __iter__(self) -> Iterator[Handler]:
        return iter(self.registry.values())


def _read(event: type[Event], function: Callable[..., Awaitable[Any]]) -> Handler:
    names = list(inspect.signature(function).parameters)
    hints = get_type_hints(function)
    if not names:
        raise TypeError(f"{getattr(function, '__name__', function)} has no parameter for {event.__name__}")
    first = hints.get(names[0])
    batch = get_origin(first) is list
    heard = get_args(first)[0] if batch else first
    if not (isinstance(heard, type) and issubclass(heard, Event)):
        raise TypeError(
            f"{getattr(function, '__name__', function)}: its first parameter must be a fact or a list of facts"
        )
    wants = {name: hints.get(name) for name in names[1:]}
    if batch and any(_is_envelope(kind) for kind in wants.values()):
        raise TypeError(f"{getattr(function, '__name__', function)}: a handler of batches has no single envelope")
    return Handler(event, function, batch, wants)


def _is_envelope(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Envelope)


class Parts:
    """What app.py provides, found by type."""

    def __init__(self) -> None:
        self._by_type: dict[type, Any] = {}

    def add(self, *parts: Any) -> None:
        """Provide parts under their own types."""
        for part in parts:
            self._by_type[type(part)] = part

    def find(self, kind: type) -> Any:
        """The part of this type. Raises LookupError that names what is missing."""
        if kind in self._by_type:
            return self._by_type[kind]
        for part in self._by_type.values():
            if isinstance(part, kind):
                return part
        raise LookupError(f"nothing of type {kind.__name__} is provided; app.py must `service.provide(...)` one")

    def __iter__(self) -> Any:
        return iter(self._by_type.values())


def fill(
    wants: Mapping[str, Any], parts: Parts, tx: Transaction | None, envelope: Envelope[Any] | None
) -> dict[str, Any]:
    """The arguments for a function's annotated parameters."""
    filled: dict[str, Any] = {}
    for name, kind in wants.items():
        if kind is Transaction:
            filled[name] = tx
        elif isinstance(kind, type) and issubclass(kind, AsyncSession):
            filled[name] = tx.session if tx else None
        elif _is_envelope(kind):
            filled[name] = envelope
        else:
            filled[name] = parts.find(kind)
    return filled


def told_by(result: Any) -> list[Told]:
    """What a handler or a clock task returned, as the list of what it tells."""
    if result is None or isinstance(result, bool):
        return []
    if isinstance(result, Event | Later):
        return [result]
    return list(result)


def cause_of(envelope: Envelope[Any]) -> Cause:
    """What facts that follow from this one inherit."""
    return Cause(envelope.correlationid, envelope.traceparent, str(envelope.id))


async def handle(handler: Handler, heard: Sequence[Envelope[Any]], tx: Transaction, parts: Parts) -> None:
    """Let a handler hear these facts in this transaction; what it returns is told with the cause it came from."""
    if handler.batch:
        known = {"correlation_id": heard[0].correlationid} if len(heard) == 1 else {}
        with bound_contextvars(**known):
            result = await handler.function([e.data for e in heard], **fill(handler.wants, parts, tx, None))
        by_subject = {e.subject: e for e in heard}
        for told in told_by(result):
            fact = told.fact if isinstance(told, Later) else told
            tx.tell(told, cause=cause_of(by_subject.get(fact.subject, heard[0])))
        return
    for envelope in heard:
        tx.cause = cause_of(envelope)
        with bound_contextvars(correlation_id=envelope.correlationid):
            result = await handler.function(envelope.data, **fill(handler.wants, parts, tx, envelope))
        tx.tell(*told_by(result), cause=tx.cause)
