"""The catalogue names every event, its examples are real events, and the AsyncAPI document holds together."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema

from services.publishing.api.filters import TYPES
from services.publishing.outlets import asyncapi, catalogue
from shared.events import EVENTS
from tests.publishing.outlets.conftest import OpenHouse


def test_every_type_of_the_log_is_described_once() -> None:
    assert sorted(item.type for item in catalogue.described()) == sorted(TYPES)


def test_every_example_is_a_real_event() -> None:
    for item in catalogue.described():
        fact = EVENTS[item.type].model_validate(item.example["data"])
        assert fact.subject == item.example["subject"]


def test_asyncapi_messages_accept_their_own_examples() -> None:
    document = asyncapi.document("Newsroom", "https://news.example")
    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == {"stream", "events", "webhook"}
    for name, message in document["components"]["messages"].items():
        payload = message["payload"]
        schema = {**payload, "components": document["components"]}  # its references start at the document's root
        jsonschema.validate(message["examples"][0]["payload"], schema)
        assert payload["properties"]["type"]["const"] == name


def test_asyncapi_is_whole_and_every_reference_leads_somewhere() -> None:
    document = asyncapi.document("Newsroom", "https://news.example")
    ApplicationSchema.model_validate(document)
    for channel in document["channels"].values():
        named = set(re.findall(r"{(.*?)}", channel["address"]))
        assert named == set(channel.get("parameters", ()))
    for reference in _references(document):
        place: Any = document
        for word in reference.removeprefix("#/").split("/"):
            place = place[word]
    assert {operation["action"] for operation in document["operations"].values()} == {"send"}


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


async def test_the_page_and_the_document_are_served(open_house: OpenHouse) -> None:
    async with open_house() as house:
        page = await house.client.get("/docs/events")
        assert page.status_code == 200
        for name in TYPES:
            assert f'id="{name}"' in page.text
        assert (await house.client.get("/docs/asyncapi.json")).json()["asyncapi"] == "3.0.0"


async def test_the_sandbox_tells_a_made_up_story(open_house: OpenHouse) -> None:
    async with open_house() as house:
        answer = await house.client.get("/v1/sandbox/events?every=0.05&number=8")
        events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
        assert [event["position"] for event in events] == list(range(1, 9))
        assert {event["source"] for event in events} == {"/newsroom/sandbox"}
        assert len({event["id"] for event in events}) == 8
