"""Reading: the text tidied, without the page's furniture, as words and sentences."""

from dataclasses import replace

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.text import READ_AT_MOST, sentences, tidy, unwrapped, without_furniture, words


def read_text(draft: Draft) -> Draft:
    """The draft with `title_words`, `body_words`, `sentences`; a headline repeated as first line is read once."""
    headline = tidy(draft.headline[:1000]).strip()
    body = without_furniture(unwrapped(tidy(draft.body[:READ_AT_MOST]))).strip()
    if headline and body.startswith(headline):
        body = body[len(headline) :].lstrip()
    return replace(
        draft,
        headline=headline,
        body=body,
        title_words=tuple(words(headline)),
        body_words=tuple(words(body)),
        sentences=tuple(sentences(body)[:400]),
    )
