"""Two people's changes of one revision come together where they did not touch the same sentence."""

from hypothesis import given
from hypothesis import strategies as st

from services.publishing.domain.content import Content
from services.publishing.domain.differences import compare_words, differences
from services.publishing.domain.merging import merge, merge_prose
from services.publishing.domain.sentences import sentences, words
from shared.events import Tag

BASE = "<p>The bridge opened today. It is 2.3 km long.</p><p>Thousands came.</p>"

pieces = st.sampled_from(
    [
        "Một câu. ",
        "Two words! ",
        "Three (really)? ",
        "<p>",
        "</p>",
        "no stop ",
        "<em>x</em> ",
        "\n",
        "3.5 km. ",
        "“Quote.” ",
    ]
)
texts = st.lists(pieces, max_size=12).map("".join)


@given(texts)
def test_sentences_and_words_join_back_to_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text
    assert "".join(words(text)) == text


def test_changes_of_different_sentences_are_both_kept() -> None:
    mine = BASE.replace("2.3", "3.2")
    theirs = BASE.replace("Thousands", "Hundreds")
    merged, conflicts = merge_prose("body_html", BASE, mine, theirs)
    assert not conflicts
    assert merged == BASE.replace("2.3", "3.2").replace("Thousands", "Hundreds")


def test_different_changes_of_one_sentence_are_a_conflict_that_shows_all_three() -> None:
    mine, theirs = BASE.replace("2.3", "3.2"), BASE.replace("2.3", "2.4")
    merged, conflicts = merge_prose("body_html", BASE, mine, theirs)
    assert merged == theirs
    (conflict,) = conflicts
    assert "2.3" in conflict.base
    assert "3.2" in conflict.mine
    assert "2.4" in conflict.theirs


def test_the_same_change_by_both_is_no_conflict() -> None:
    mine = BASE.replace("2.3", "3.2")
    assert merge_prose("body_html", BASE, mine, mine) == (mine, [])


def test_two_insertions_at_one_place_are_a_conflict() -> None:
    mine, theirs = BASE.replace("Thousands", "Mine. Thousands"), BASE.replace("Thousands", "Theirs. Thousands")
    _, conflicts = merge_prose("body_html", BASE, mine, theirs)
    assert conflicts


_sentence = st.integers(0, 99).map(lambda n: f"Sentence number {n} stands here. ")


@given(st.lists(_sentence, min_size=2, max_size=8, unique=True), st.data())
def test_no_word_of_either_side_is_lost_without_a_conflict(base: list[str], data: st.DataObject) -> None:
    def edited(label: str) -> str:
        index = data.draw(st.integers(0, len(base) - 1))
        return "".join(s if i != index else f"{label} wrote {s}" for i, s in enumerate(base))

    mine, theirs = edited("Mai"), edited("Tom")
    merged, conflicts = merge_prose("body_html", "".join(base), mine, theirs)
    assert "Tom wrote" in merged
    assert conflicts or "Mai wrote" in merged


def test_fields_merge_apart_and_choices_merge_by_item() -> None:
    base = Content(headline="One", tags_chosen=[Tag(id="a", name="A"), Tag(id="b", name="B")])
    mine = base.model_copy(update={"tags_chosen": [Tag(id="a", name="A"), Tag(id="c", name="C")]})
    theirs = base.model_copy(update={"headline": "Two", "tags_chosen": [*base.tags_chosen, Tag(id="d", name="D")]})
    merged = merge(base, mine, theirs)
    assert not merged.conflicts
    assert merged.content.headline == "Two"
    assert [tag.id for tag in merged.content.tags_chosen] == ["a", "d", "c"]


def test_two_headlines_are_a_conflict() -> None:
    base = Content(headline="One")
    merged = merge(base, base.model_copy(update={"headline": "Mine"}), base.model_copy(update={"headline": "Theirs"}))
    assert [c.field for c in merged.conflicts] == ["headline"]
    assert merged.content.headline == "Theirs"


@given(texts, texts)
def test_a_comparison_holds_both_texts_whole(old: str, new: str) -> None:
    runs = compare_words(old, new)
    assert "".join(run.text for run in runs if run.kind != "in") == old
    assert "".join(run.text for run in runs if run.kind != "out") == new


def test_differences_name_the_fields_that_differ() -> None:
    old = Content(headline="The bridge is 2.3 km", outlet="A")
    new = old.model_copy(update={"headline": "The bridge is 3.2 km", "outlet": "B"})
    found = {d.field: d for d in differences(old, new)}
    assert set(found) == {"headline", "outlet"}
    assert [(r.kind, r.text) for r in found["headline"].words if r.kind != "same"] == [("out", "2.3"), ("in", "3.2")]
    assert found["outlet"].words == ()
