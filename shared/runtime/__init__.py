"""The machinery: how a fact travels. It knows no article."""

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.runtime.auth import Principal
from shared.runtime.clock import Clock
from shared.runtime.database import Database, Later, Transaction
from shared.runtime.doors import DoorRouter, Reading, Tx, Who, allow, part
from shared.runtime.envelope import Envelope
from shared.runtime.handlers import Handlers
from shared.runtime.moments import new_id, utc_now
from shared.runtime.paging import Page, decode_cursor, encode_cursor, link_next
from shared.runtime.problems import Problem
from shared.runtime.service import Service
from shared.runtime.settings import ServiceSettings

log = structlog.get_logger()

__all__ = [
    "AsyncSession",
    "Clock",
    "Database",
    "DoorRouter",
    "Envelope",
    "Handlers",
    "Later",
    "Page",
    "Principal",
    "Problem",
    "Reading",
    "Service",
    "ServiceSettings",
    "Transaction",
    "Tx",
    "Who",
    "allow",
    "decode_cursor",
    "encode_cursor",
    "link_next",
    "log",
    "new_id",
    "part",
    "utc_now",
]
