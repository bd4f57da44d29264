"""Enrichment: which steps read an article, in which order, and how the doors are joined to them."""

from fastapi import FastAPI

from services.enrichment.api import routers
from services.enrichment.domain.draft import Pipeline
from services.enrichment.domain.gazetteer import gazetteer
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.rarity import Lately
from services.enrichment.domain.vocabulary import Vocabulary
from services.enrichment.handlers import events
from services.enrichment.schedule import clock
from services.enrichment.settings import Settings
from services.enrichment.steps.dense import DenseStart
from services.enrichment.steps.fingerprint import take_fingerprints
from services.enrichment.steps.language import TellLanguage
from services.enrichment.steps.names import FindNames
from services.enrichment.steps.phrases import find_phrases
from services.enrichment.steps.read import number_words, read_text
from services.enrichment.steps.section import GuessSection, Start, cold_start
from services.enrichment.steps.summary import pick_summary
from services.enrichment.steps.tags import ChooseTags
from services.enrichment.steps.terms import WeighTerms
from services.enrichment.use_cases.enricher import Enricher
from services.enrichment.use_cases.knowledge import Knowledge
from shared.runtime import Service


def reading_steps(tags: ChooseTags, section: GuessSection, lately: Lately | None = None) -> Pipeline:
    """The steps in their order: each reads what earlier ones found. `lately` is what articles before had to say."""
    return Pipeline(
        [
            read_text,
            TellLanguage(),
            number_words,
            WeighTerms(lately),
            take_fingerprints,
            FindNames(gazetteer()),
            find_phrases,
            section,
            tags,
            pick_summary,
        ]
    )


def dense_start(settings: Settings) -> Start | None:
    """How sections are guessed at first where an operator asked for more than words; the extra is read only then."""
    return DenseStart(cold_start) if settings.dense else None


def build(settings: Settings | None = None) -> FastAPI:
    """The service, ready to be served."""
    settings = settings or Settings.read()
    service = Service("enrichment", settings)
    tags, section, lately = ChooseTags(Vocabulary.of([])), GuessSection(Learner(), dense_start(settings)), Lately()
    service.provide(Enricher(reading_steps(tags, section, lately), settings, settings.steps == "fixed"))
    service.provide(Knowledge(tags, section, lately, settings))
    return service.join(handlers=events, routers=routers, clock=clock)
