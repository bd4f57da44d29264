"""Nothing is published without source, outlet and credit: what of it an article lacks."""

from services.publishing.domain.content import Content


def missing(content: Content) -> tuple[str, ...]:
    """The names of the fields that keep an article from being attributed, in the order an editor fills them."""
    wanted = {
        "headline": content.headline.strip(),
        "body_html": content.body_html.strip(),
        "source_url": content.source_url,
        "outlet": content.outlet,
        "credit": content.credit or content.byline or content.wire or content.authors,
    }
    return tuple(name for name, value in wanted.items() if not value)
