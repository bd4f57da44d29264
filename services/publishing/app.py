"""Publishing: chooses its parts and joins its doors."""

from fastapi import FastAPI

from services.publishing.api import (
    articles,
    audit,
    bulk,
    comments,
    consumers,
    deliveries,
    desk,
    desk_acts,
    desk_list,
    desk_story,
    docs,
    dry_run,
    events,
    export,
    feeds,
    locks,
    people,
    problems,
    public,
    replays,
    revisions,
    rules,
    site,
    story,
    subscriptions,
    threads,
    tokens,
    verbs,
    websub,
)
from services.publishing.api.limits import RateLimit
from services.publishing.api.nowhere import nothing_here
from services.publishing.api.readers import Limits
from services.publishing.handlers import events as facts
from services.publishing.outlets.courier import Courier
from services.publishing.outlets.hub import Hub
from services.publishing.outlets.keeper import Keeper
from services.publishing.outlets.routes import Routes
from services.publishing.outlets.sse import Listeners
from services.publishing.outlets.websub import Herald
from services.publishing.schedule import clock
from services.publishing.settings import Settings
from services.publishing.web.pages import Face, Pages
from services.publishing.web.site import Site
from shared.runtime import Service
from shared.runtime.outbound import OutboundSettings, SafeClient

#: Groups on the stream that are services of this house, not consumers of it.
OWN_GROUPS = frozenset({"ingest", "enrichment", "moderation", "publishing"})


def build(settings: Settings | None = None) -> FastAPI:
    """The service, ready for a server. Settings come from the environment (`PUBLISHING_…`) unless given."""
    settings = settings or Settings.read()
    service = Service("publishing", settings)
    service.provide(settings)
    service.authenticate(people.desk_principal)
    # `{verb}` takes any word, so the doors with a name of their own stand before it.
    rooms = (
        revisions,
        locks,
        export,
        bulk,
        desk,
        desk_acts,
        desk_list,
        desk_story,
        threads,
        rules,
        tokens,
        people,
        audit,
        problems,
        verbs,
    )
    provide_outlets(service, settings)
    world = (docs, consumers, site, story, feeds, comments, events, replays, deliveries, dry_run, subscriptions, websub)
    # What is asked for most stands first: a request tries one door after the other.
    routers = [room.router for room in (articles, public, *world, *rooms)]
    app = service.join(handlers=facts, routers=routers, clock=clock)
    app.add_exception_handler(404, nothing_here)
    if settings.requests_per_minute:
        app.add_middleware(RateLimit, most=settings.requests_per_minute, wrong=settings.wrong_tokens_per_minute)
    return app


def provide_outlets(service: Service, settings: Settings) -> None:
    """The parts through which what was published leaves: pages, the live log, webhooks."""
    hub = Hub(service.database, service.redis)
    # Lanes bound what one endpoint may use. A bound for each host would let those that share one delay each other.
    client = SafeClient(OutboundSettings(connections=1000, per_host=1000, seconds=20.0))
    courier = Courier(service.database, hub, client.post)
    face = Face(settings.site_name, settings.public_url.rstrip("/"), settings.site_language, settings.site_zone)
    listeners = Listeners(hub, settings.stream_beat, settings.stream_stuck, settings.streams_open)
    keeper = Keeper(service.database, service.redis, listeners, OWN_GROUPS)
    service.provide(service.database, hub, client, courier, listeners, keeper, Pages(face))
    service.provide(Routes(service.database, hub, courier))
    service.provide(Herald(service.database, hub, client, face, settings.site_sections))
    service.provide(
        Limits(service.redis, {"comment": (settings.comments_per_minute, 60), "report": (20, 60), "sign_in": (10, 60)}),
        Site(settings.site_sections, hub),
    )
