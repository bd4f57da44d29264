"""A service with a door that names nobody does not start."""

import pytest

from shared.events.access import Role
from shared.runtime import DoorRouter, Service, ServiceSettings, allow


@pytest.mark.parametrize("nested", [False, True])
def test_a_door_without_a_permission_keeps_the_service_from_starting(nested: bool) -> None:
    inner, outer = DoorRouter(), DoorRouter()

    @inner.get("/v1/forgotten")
    async def forgotten() -> None:
        """Nobody said who may."""

    @outer.get("/v1/guarded", dependencies=[allow(Role.EDITOR)])
    async def guarded() -> None:
        """Editors may."""

    if nested:
        outer.include_router(inner)
    service = Service(
        "ingest", ServiceSettings(database_url="postgresql://localhost/none", redis_url="redis://localhost")
    )
    with pytest.raises(TypeError, match="GET /v1/forgotten"):
        service.join(routers=[outer] if nested else [outer, inner])
