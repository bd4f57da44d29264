"""Related lists and tags as a reader sees them: what is only mentioned, cut off, or told by an agency stays out."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from uuid import UUID, uuid4

import pytest

from services.enrichment.app import reading_steps
from services.enrichment.domain.draft import Draft, TagFound
from services.enrichment.domain.features import Features
from services.enrichment.domain.known import KnownArticle
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.relate import Asking, Likeness, four_lists, reasons
from services.enrichment.domain.vocabulary import KnownTag, Vocabulary
from services.enrichment.steps.dense import DenseStart
from services.enrichment.steps.section import GuessSection, cold_start
from services.enrichment.steps.tags import ChooseTags
from tests.enrichment.test_bad_input import READ

FILLER = "The council talked about roads, water and schools for a while and nothing was decided at all. " * 12


def like(number: int, score: float, outlet: str = "", tags: Sequence[str] = (), language: str = "en") -> Likeness:
    """A stored article so much alike; every one says something else."""
    known = KnownArticle(number, uuid4(), "published", language, outlet, tags=frozenset(tags))
    return Likeness(known, score, score / 2, [number / 10] * 6)


def page(asking: Asking, *found: Likeness) -> list[int]:
    """The numbers of the blended list."""
    return [r.article.number for r in four_lists(asking, found)["page"]]


def asking(**tags: str) -> Asking:
    """An English article with these tags (slug: kind)."""
    named = {slug.replace("_", "-"): kind for slug, kind in tags.items()}
    return Asking(Features.empty(), {}, language="en", tags={s: s for s in named}, kinds=named)


def test_what_is_hardly_alike_is_not_listed_only_to_fill_the_page() -> None:
    assert page(asking(), like(1, 0.9), like(2, 0.45), like(3, 0.3)) == [1, 2]


def test_a_shared_event_says_more_than_a_shared_place() -> None:
    mine = asking(storm_linh_lan="event", cua_nhan="place")
    assert page(mine, like(1, 0.25, tags=["cua-nhan"]), like(2, 0.25, tags=["storm-linh-lan"])) == [2]


def test_what_shares_but_a_place_must_be_alike_itself() -> None:
    mine = asking(cua_nhan="place", football="topic")
    assert page(mine, like(1, 0.55, tags=["cua-nhan"]), like(2, 0.45, tags=["cua-nhan"]), like(3, 0.45)) == [1, 3]
    assert page(mine, like(2, 0.45, tags=["cua-nhan", "football"])) == [2]
    story = uuid4()
    told = like(2, 0.2, tags=["cua-nhan"])
    own = told._replace(article=told.article._replace(story_id=story))
    assert page(replace(mine, story_id=story), own) == [2]


def test_a_third_article_of_one_outlet_gives_way_to_one_as_good_and_not_to_any_other() -> None:
    own = [like(1, 0.9, "A"), like(2, 0.88, "A"), like(3, 0.86, "A"), like(4, 0.8, "B"), like(5, 0.4, "C")]
    assert page(asking(), *own) == [1, 2, 4, 3, 5]


def test_an_article_in_the_readers_language_comes_before_one_that_is_as_near() -> None:
    assert page(asking(), like(1, 0.7, language="vi"), like(2, 0.65), like(3, 0.45, language="vi")) == [2, 1]


def test_a_reason_names_a_thing_once_and_by_its_fullest_name() -> None:
    mine = asking(storm="topic", storm_linh_lan="event", linh_lan="place", cua_nhan="place")
    found = reasons(mine, like(1, 0.9, tags=["storm", "storm-linh-lan", "linh-lan", "cua-nhan"]))
    assert found == ("Both about storm-linh-lan and cua-nhan.",)


def tagged(
    headline: str, body: str, *known: KnownTag, keywords: tuple[str, ...] = (), language: str = "en"
) -> list[TagFound]:
    """The tags of a text beside a vocabulary."""
    read = reading_steps(ChooseTags(Vocabulary.of(known)), GuessSection(Learner())) if known else READ
    return list(read(Draft(UUID(int=1), headline, body, language, keywords=keywords)).tags)


@pytest.mark.parametrize("known", [(), (KnownTag("tilda-marsh", "Tilda Marsh", "person"),)])
def test_who_is_only_mentioned_deep_in_a_text_is_no_tag(known: tuple[KnownTag, ...]) -> None:
    last = "Nobody asked Tilda Marsh."
    assert "tilda-marsh" not in {t.slug for t in tagged("Council meets", FILLER + last, *known)}
    assert "tilda-marsh" in {t.slug for t in tagged("Council meets", last + FILLER, *known)}
    assert "tilda-marsh" in {t.slug for t in tagged("Council meets", f"{FILLER}{last} She knew. {last}", *known)}


def test_a_wire_is_no_topic_of_what_it_reports() -> None:
    text = f"OSTMARK (Meridian Wire) - Ada Quill won, Meridian Wire said. The Dawn News Agency agreed. {FILLER}"
    assert not {t.slug for t in tagged("Ada Quill wins", text) if "wire" in t.slug or "dawn" in t.slug}
    chosen = KnownTag("meridian-wire", "Meridian Wire", "organisation")
    assert "meridian-wire" in {t.slug for t in tagged("Meridian Wire is sold", text, chosen)}


def test_half_a_name_is_no_tag_beside_the_whole_and_a_country_is() -> None:
    text = f"Boats lie in Linh Lan water. Storm Linh Lan left China on Monday. China Coast Line sails again. {FILLER}"
    slugs = {t.slug for t in tagged("Linh Lan passes", text, keywords=("Storm Linh Lan", "China Coast Line"))}
    assert {"storm-linh-lan", "china", "china-coast-line"} <= slugs
    assert "linh-lan" not in slugs


def test_a_proposed_tag_is_written_as_the_text_writes_it_and_a_chosen_one_as_people_do() -> None:
    text = "Bão vào Cửa Nhạn sáng nay, theo chính quyền địa phương. Cửa Nhạn mất điện trên diện rộng từ đêm qua."
    proposed = KnownTag("cua-nhan", "Cua Nhan", "place", settled=False)
    chosen = KnownTag("cua-nhan", "Cua Nhan town", "place", ("Cửa Nhạn",))
    assert {t.name for t in tagged("Bão", text, proposed, language="vi") if t.slug == "cua-nhan"} == {"Cửa Nhạn"}
    assert {t.name for t in tagged("Bão", text, chosen, language="vi") if t.slug == "cua-nhan"} == {"Cua Nhan town"}


def test_sections_by_nearness_are_an_extra_that_says_what_it_needs() -> None:
    draft = READ(Draft(UUID(int=1), "Strikers", "The strikers netted twice before halftime in the derby.", "en"))
    if find_spec("wordllama") is None:
        with pytest.raises(ValueError, match="extra `dense`"):
            DenseStart(cold_start)
        return
    start = DenseStart(cold_start)
    assert start(draft)[0].slug == "sport"
    vietnamese = READ(Draft(UUID(int=1), "Bóng đá", "Đội tuyển thắng trận chung kết trên sân vận động.", "vi"))
    assert start(vietnamese) == cold_start(vietnamese)
