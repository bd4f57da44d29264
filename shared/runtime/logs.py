"""How a service writes its log: one line an event, as text for people or as JSON for machines, without secrets."""

import logging
import sys
from typing import Any

import structlog
from structlog.contextvars import merge_contextvars
from structlog.typing import EventDict

from shared.runtime.settings import ServiceSettings

#: Names under which a secret could be handed to a logger by mistake.
_SECRET = frozenset({"authorization", "cookie", "database_url", "password", "redis_url", "secret", "token"})


def configure(service: str, settings: ServiceSettings) -> None:
    """Let every logger of this process write at `log_level`, as JSON where `log_json` says so."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]

    def name_service(_logger: Any, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        return event

    about: list[Any] = [
        merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_service,
        hide_secrets,
    ]
    shown: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if settings.log_json
        # Plain tracebacks: drawing every local variable stalls the loop for seconds and shows what they hold.
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*about, *shown],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    if settings.log_json:  # who reads JSON reads nothing else: what libraries say through `logging` is JSON too
        _say_the_same_way([*about, structlog.stdlib.ExtraAdder()], shown, level)


def _say_the_same_way(about: list[Any], shown: list[Any], level: int) -> None:
    """Let `logging` write as structlog does, uvicorn's loggers too, which bring handlers of their own."""
    handler = logging.StreamHandler(sys.stdout)
    clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=about, processors=[clean, *shown]))
    # Warnings of all, and what the server says: HTTP clients tell every address, with what secrets stand in it.
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True
        server.setLevel(level)


def hide_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace the values that stand under a secret's name."""
    for name in _SECRET.intersection(event):
        event[name] = "•••"
    return event
