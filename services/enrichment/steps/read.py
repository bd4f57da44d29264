"""Reading: the text tidied, without the page's furniture, as words and sentences."""

from itertools import chain

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.lexicon import Numbered
from services.enrichment.domain.text import (
    READ_AT_MOST,
    opening,
    plain,
    sentences,
    tidy,
    unwrapped,
    without_furniture,
    words,
)

_SENTENCES = 400


def read_text(draft: Draft) -> Draft:
    """The draft with its words, its sentences and theirs; a headline repeated as first line is read once."""
    headline = tidy(opening(draft.headline, 1000)).strip()
    body = without_furniture(unwrapped(tidy(plain(opening(draft.body, READ_AT_MOST))))).strip()
    if headline and body.startswith(headline):
        body = body[len(headline) :].lstrip()
    told = sentences(body)
    by_sentence = tuple(map(tuple, map(words, told[:_SENTENCES])))
    rest = words(" ".join(told[_SENTENCES:]))
    return draft._replace(
        headline=headline,
        body=body,
        title_words=tuple(words(headline)),
        body_words=(*chain.from_iterable(by_sentence), *rest),
        sentences=tuple(told[:_SENTENCES]),
        sentence_words=by_sentence,
    )


def number_words(draft: Draft) -> Draft:
    """The draft with its words as numbers of its language's lexicon: they are looked up once for all steps."""
    return draft._replace(numbered=Numbered.of(draft.language, draft.title_words, draft.body_words))
