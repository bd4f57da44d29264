"""The one HTTP client of the whole project for addresses that others chose: it dials the public internet, nothing else.

A name is resolved once per connection; when *any* of its addresses is not public the request is refused, otherwise one
of the checked addresses is dialled (a second DNS answer cannot move the target). Every redirect passes the same gate.
"""

from shared.runtime.outbound.addresses import AllowList, why_closed
from shared.runtime.outbound.client import Answer, Hop, SafeClient
from shared.runtime.outbound.errors import OutboundError, OutboundRefused
from shared.runtime.outbound.settings import HasOutbound, OutboundSettings

__all__ = [
    "AllowList",
    "Answer",
    "HasOutbound",
    "Hop",
    "OutboundError",
    "OutboundRefused",
    "OutboundSettings",
    "SafeClient",
    "why_closed",
]
