"""AsyncAPI 3.0.0 of the public channels: the Redis stream, server-sent events and webhooks."""

from typing import Any

from services.publishing.outlets.catalogue import Described, described


def document(title: str, server: str, stream: str = "publications") -> dict[str, Any]:
    """The whole document. Every channel carries every type of the log."""
    messages = {item.type: _message(item) for item in described()}
    carried = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    channels = {name: {**channel, "messages": carried} for name, channel in _channels(stream).items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": title,
            "version": "1.0.0",
            "description": "One ordered log; every entry has a position. Fields are only ever added.",
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": _servers(server),
        "channels": channels,
        "operations": {
            f"tell_{name}": {"action": "send", "channel": {"$ref": f"#/channels/{name}"}} for name in channels
        },
        "components": {
            "messages": messages,
            "schemas": {k: v for item in described() for k, v in item.words.items()},
            "securitySchemes": {"reader": {"type": "userPassword", "description": "A user of the Redis stream."}},
        },
    }


def _servers(address: str) -> dict[str, dict[str, Any]]:
    protocol, _, host = address.partition("://")
    return {
        "site": {
            "host": host,
            "pathname": "/",
            "protocol": protocol,
            "description": "Pull, SSE and webhooks.",
        },
        "redis": {
            "host": "redis:6379",
            "pathname": "/0",
            "protocol": "redis",
            "description": "Where `newsroom consumers add` says.",
            "security": [{"$ref": "#/components/securitySchemes/reader"}],
        },
    }


def _channels(stream: str) -> dict[str, dict[str, Any]]:
    site = [{"$ref": "#/servers/site"}]
    return {
        "stream": {
            "address": stream,
            "servers": [{"$ref": "#/servers/redis"}],
            "description": "Redis stream; entry ids are `<position>-0`, fields `id`, `type` and `event`.",
        },
        "events": {"address": "/v1/events", "servers": site, "description": "Server-sent events; `id` = position."},
        "webhook": {
            "address": "{url}",
            "description": "POSTs after Standard Webhooks 1.0.0: `webhook-id` (the event's id), `webhook-timestamp`, "
            "`webhook-signature`.",
            "parameters": {"url": {"description": "Your endpoint, as you subscribed it."}},
        },
    }


def _message(item: Described) -> dict[str, Any]:
    return {
        "name": item.type,
        "summary": item.about,
        "contentType": "application/cloudevents+json",
        "payload": _envelope_schema(item),
        "examples": [{"payload": item.example}],
    }


def _envelope_schema(item: Described) -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["position", "specversion", "id", "source", "type", "subject", "time", "data"],
        "properties": {
            "position": {"type": "integer", "minimum": 1},
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "format": "uuid"},
            "source": text,
            "type": {"const": item.type},
            "subject": text,
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "correlationid": text,
            "traceparent": text,
            "data": item.schema,
        },
    }
