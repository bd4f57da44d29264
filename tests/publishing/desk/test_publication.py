"""What readers see: people's choices outlive the machine's, and nothing leaves without its attribution."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.publishing.domain.attribution import missing
from services.publishing.domain.content import Content
from services.publishing.domain.editing import patched, told_fields
from services.publishing.domain.html import clean_html, plain_text
from services.publishing.domain.intake import may_leave
from services.publishing.domain.publication import Place, changed_fields, published_article, shown_related, shown_tags
from services.publishing.domain.slugs import article_slug, slugify
from shared.events import ArticleEnriched, Picture, RelatedStory, SectionGuess, Tag

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))
WHOLE = Content(
    headline="Bridge opens",
    body_html="<p>Today.</p>",
    language="en",
    outlet="VTC News",
    credit="Hoa Vu",
    source_url="https://vtc.example/bridge",
)


def understood(**fields: object) -> ArticleEnriched:
    given = {
        "article_id": ONE,
        "of": "ingested",
        "revision": 1,
        "enricher": "t",
        "language": "en",
        "language_score": 1.0,
    }
    return ArticleEnriched.model_validate({**given, "enriched_at": NOW, **fields})


def place(**fields: object) -> Place:
    given = {"article_id": ONE, "revision": 2, "slug": "bridge-opens-1", "site": "http://x", "first_published_at": NOW}
    return Place(**{**given, "updated_at": NOW, "now": NOW, **fields})  # type: ignore[arg-type]  # the test's own words


@pytest.mark.parametrize("field", ["source_url", "outlet", "credit", "body_html"])
def test_attribution_names_what_is_missing(field: str) -> None:
    assert missing(WHOLE) == ()
    empty = "" if field == "body_html" else None
    assert missing(WHOLE.model_copy(update={field: empty})) == (field,)


def test_tags_of_people_come_first_and_rejected_ones_stay_away() -> None:
    machine = understood(
        tags=[
            Tag(id="hanoi", name="Hanoi", score=0.9),
            Tag(id="putin", name="Putin", score=0.8),
            Tag(id="unsure", name="Unsure", status="proposed"),
            Tag(id="guess", name="Guess", kind="topic", score=0.7, status="proposed"),
            Tag(id="coral", name="coral", kind="topic", score=0.8, status="proposed", origin="source"),
        ]
    )
    content = WHOLE.model_copy(update={"tags_chosen": [Tag(id="bridge", name="Bridge")], "tags_rejected": ["putin"]})
    assert [tag.id for tag in shown_tags(content, machine)] == ["bridge", "hanoi", "coral"]


def test_a_section_a_person_chose_stays_and_a_sources_gives_way() -> None:
    machine = understood(section=SectionGuess(slug="news", name="News", score=0.7))
    by_source = WHOLE.model_copy(update={"section": "the-gioi"})
    assert published_article(by_source, place(), machine).section == "news"
    assert published_article(by_source, place(), None).section == "the-gioi"
    by_person = patched(WHOLE, {"section": "Heritage"})
    assert published_article(by_person, place(), machine).section_name == "Heritage"


def test_pinned_stories_lead_and_hidden_ones_and_itself_are_left_out() -> None:
    machine = understood(related=[RelatedStory(article_id=i, score=0.5) for i in (ONE, TWO, THREE)])
    content = WHOLE.model_copy(update={"related_pinned": [UUID(int=9)], "related_hidden": [TWO]})
    assert [story.article_id for story in shown_related(content, ONE, machine)] == [UUID(int=9), THREE]


def test_a_picture_whose_licence_ended_is_not_shown() -> None:
    pictures = [
        Picture(url="https://x/a.jpg", licence_expires_at=NOW - timedelta(seconds=1)),
        Picture(url="https://x/b.jpg", licence_expires_at=NOW + timedelta(seconds=1)),
        Picture(url="https://x/c.jpg"),
    ]
    shown = published_article(WHOLE.model_copy(update={"pictures": pictures}), place(), None)
    assert [picture.url[-5] for picture in shown.pictures] == ["b", "c"]


def test_changed_names_what_readers_see_differently() -> None:
    old = published_article(WHOLE, place(), None)
    new = published_article(WHOLE.model_copy(update={"headline": "Other"}), place(revision=5), None)
    assert changed_fields(old, new) == ["headline"]
    assert changed_fields(None, new) == []


def test_a_trusted_story_waits_for_its_tags_and_an_embargoed_one_for_its_hour() -> None:
    assert may_leave(WHOLE, False, NOW, 3).due_at is None
    assert may_leave(WHOLE, True, NOW, 3).due_at == NOW + timedelta(seconds=3)
    until = NOW + timedelta(hours=2)
    assert may_leave(WHOLE.model_copy(update={"embargoed_until": until}), True, NOW, 3).due_at == until
    held = may_leave(WHOLE.model_copy(update={"held": "embargo unreadable"}), True, NOW, 3)
    assert held.due_at is None
    assert "embargo unreadable" in (held.why_not or "")
    assert "outlet" in (may_leave(WHOLE.model_copy(update={"outlet": None}), True, NOW, 3).why_not or "")


def test_what_a_person_sends_is_cleaned_and_marked_as_theirs() -> None:
    changed = patched(
        WHOLE, {"body_html": "<p onclick=x>Hi<script>y</script></p>", "tags_chosen": [{"id": "a", "name": "A"}]}
    )
    assert changed.body_html == "<p>Hi</p>"
    assert changed.tags_chosen[0].origin == "person"
    assert told_fields(WHOLE, changed) == {"body_html", "tags_chosen"}


@pytest.mark.parametrize(
    "html",
    ["<p>a</p>", "<a href='javascript:x'>y</a>", "<img src=x onerror=y>", "<svg><script>z</script></svg>", "a < b & c"],
)
def test_cleaning_twice_changes_nothing(html: str) -> None:
    once = clean_html(html)
    assert clean_html(once) == once
    assert "javascript" not in once
    assert "onerror" not in once


def test_plain_text_keeps_one_line_a_block() -> None:
    assert plain_text("<p>One &amp; two<br>three</p><ul><li>four</li></ul>") == "One & two\nthree\nfour"


def test_slugs_read_vietnamese_and_tell_twins_apart() -> None:
    assert slugify("Đường sắt Hà Nội: tuyến số 3!") == "duong-sat-ha-noi-tuyen-so-3"
    assert article_slug("北京", UUID(int=255)) == "story-000000ff"
    assert article_slug("Same", uuid4()) != article_slug("Same", uuid4())
    assert len(slugify("word " * 60)) <= 80
