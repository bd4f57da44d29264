"""The WebSub hub's door: a feed reader asks to be pushed a feed's news, or not any more."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Form
from fastapi.responses import Response

from services.publishing.outlets import websub
from services.publishing.outlets.shelves import NoFeed
from services.publishing.storage.websub import Follower, find_follower
from services.publishing.web.pages import Pages
from shared.events import Role
from shared.runtime import DoorRouter, Problem, Tx, allow, new_id, part, utc_now
from shared.runtime.outbound import OutboundRefused, SafeClient

router = DoorRouter(tags=["feeds"])


@router.post(
    "/websub",
    status_code=202,
    dependencies=[allow(Role.PUBLIC)],
    operation_id="askHub",
    summary="Follow a feed by push, or stop (WebSub: hub.mode, hub.topic, hub.callback, hub.secret, hub.lease_seconds)",
    responses={422: {"description": "The request is not one that the hub can take."}},
)
async def ask_hub(
    tx: Tx,
    pages: Annotated[Pages, part(Pages)],
    client: Annotated[SafeClient, part(SafeClient)],
    mode: Annotated[str, Form(alias="hub.mode", max_length=20, examples=["subscribe"])],
    topic: Annotated[str, Form(alias="hub.topic", max_length=2000)],
    callback: Annotated[str, Form(alias="hub.callback", max_length=2000)],
    secret: Annotated[str | None, Form(alias="hub.secret", max_length=199)] = None,
    lease_seconds: Annotated[int | None, Form(alias="hub.lease_seconds", ge=0, le=2**31)] = None,
) -> Response:
    """Nothing happens until the callback has confirmed it by answering our challenge."""
    if mode not in {"subscribe", "unsubscribe"}:
        raise _refused("hub.mode", f"{mode!r} is neither subscribe nor unsubscribe.")
    if urlsplit(callback).scheme not in {"http", "https"}:
        raise _refused("hub.callback", "Give an http or https address.")
    try:
        websub.topics_of(pages.face.base, [topic])
        await client.check(callback)
    except NoFeed as error:
        raise _refused("hub.topic", str(error)) from error
    except OutboundRefused as error:
        raise _refused("hub.callback", str(error)) from error
    follower = await find_follower(tx.session, topic, callback)
    if follower is None:
        follower = Follower(id=new_id(), topic=topic, callback=callback, created_at=utc_now())
    follower.asked, follower.asked_secret, follower.asked_seconds = mode, secret, websub.lease(lease_seconds)
    follower.verify_at, follower.verify_attempts = utc_now(), 0
    tx.session.add(follower)
    return Response(status_code=202)


def _refused(field: str, detail: str) -> Problem:
    return Problem(422, "websub-refused", "The hub cannot take this request.", detail=f"{field}: {detail}")
