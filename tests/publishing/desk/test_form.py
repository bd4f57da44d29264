"""The desk's form: sent back untouched it changes nothing, and what was typed is all that changes."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.publishing.domain.content import Content
from services.publishing.domain.editing import tidied
from services.publishing.web.desk import changes_of, form_of
from shared.events import Picture, Tag

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=40)
_NAME = st.text(st.sampled_from("abcđ ệ,"), min_size=1, max_size=12)
_BODY = st.lists(
    st.sampled_from(["<p>One.</p>", "<h2>Two</h2>", "\n\n", "<ul><li>a</li></ul>", "<br>", "words"]), max_size=6
)
CONTENTS = st.builds(
    Content,
    headline=_TEXT.filter(str.strip),
    summary=st.none() | _TEXT,
    body_html=_BODY.map("".join),
    outlet=st.none() | _TEXT,
    authors=st.lists(_NAME, max_size=3),
    urgency=st.none() | st.integers(1, 9),
    embargoed_until=st.none() | st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    tags_chosen=st.lists(st.builds(Tag, id=st.sampled_from(["a", "b"]), name=_NAME), max_size=2),
    pictures=st.lists(
        st.builds(Picture, url=st.just("https://x.example/a.jpg"), caption=st.none() | _TEXT), max_size=2
    ),
).map(lambda content: tidied(content.model_dump()))


@settings(deadline=None)
@given(CONTENTS, st.booleans())
def test_a_form_sent_back_untouched_changes_nothing(content: Content, from_windows: bool) -> None:
    form = form_of(content, HANOI)
    ends = "\r\n" if from_windows else "\n"  # browsers send line ends as CR LF
    assert changes_of(content, {name: [text.replace("\n", ends)] for name, text in form.items()}, HANOI) == {}
    assert changes_of(content, {}, HANOI) == {}


def test_what_was_typed_is_all_that_changes() -> None:
    story = UUID("01930000-0000-7000-8000-000000000001")
    content = Content(
        headline="Bridge opens",
        body_html="<p>One.</p><p>Two.</p>",
        authors=["Mai Tran"],
        tags_chosen=[Tag(id="lagoon", name="Lagoon", kind="place")],
        tags_rejected=["boat", "old"],
        pictures=[Picture(url="https://x.example/1.jpg", caption="A"), Picture(url="https://x.example/2.jpg")],
    )
    form = {name: [text] for name, text in form_of(content, HANOI).items()}
    assert form["body_html"] == ["<p>One.</p>\n\n<p>Two.</p>"]
    typed = form | {
        "body_html": ["<p>One.</p>\r\n\r\n<p>Three.</p>"],
        "authors": ["Mai Tran,  Hoa Vu"],
        "urgency": ["3"],
        "embargoed_until": ["2026-12-01T07:00"],
        "tags": ["lagoon, Cầu mới"],
        "caption_1": ["B"],
        "picture_out": ["0"],
        "tag_offered": ["boat", "bridge", "storm"],
        "tag": ["boat", "storm"],
        "story_offered": [str(story)],
    }
    assert changes_of(content, typed, HANOI) == {
        "body_html": "<p>One.</p><p>Three.</p>",
        "authors": ["Mai Tran", "Hoa Vu"],
        "urgency": 3,
        "embargoed_until": "2026-12-01T07:00",
        "tags_chosen": [Tag(id="lagoon", name="Lagoon", kind="place"), Tag(id="cau-moi", name="Cầu mới")],
        "pictures": [Picture(url="https://x.example/2.jpg", caption="B")],
        "tags_rejected": ["bridge", "old"],
        "related_hidden": [str(story)],
    }
