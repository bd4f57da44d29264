"""Chooses and joins moderation's parts."""

from fastapi import FastAPI

from services.moderation.api import routers
from services.moderation.api.desk_door import desk_principal
from services.moderation.handlers import events
from services.moderation.rules.scorers import Scorers
from services.moderation.schedule import clock
from services.moderation.settings import Settings
from services.moderation.use_cases.court import Court
from services.moderation.web.pages import Pages
from shared.runtime import Service


def build(settings: Settings | None = None) -> FastAPI:
    """The service, ready to be served."""
    settings = settings or Settings.read()
    service = Service("moderation", settings)
    scorers = Scorers(settings.scorers)
    service.provide(scorers)
    service.provide(Court(scorers))
    service.provide(Pages(settings.public_url))
    service.authenticate(desk_principal)
    return service.join(handlers=events, routers=routers, clock=clock)
