"""Articles, publications and a running enricher for the tests of enrichment."""

from typing import Any
from uuid import UUID

from services.enrichment.app import reading_steps
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.rarity import Lately
from services.enrichment.domain.vocabulary import Vocabulary
from services.enrichment.settings import Settings
from services.enrichment.steps.section import GuessSection
from services.enrichment.steps.tags import ChooseTags
from services.enrichment.use_cases.enricher import Enricher
from services.enrichment.use_cases.knowledge import Knowledge
from shared.events import ArticleEdited, ArticleIngested, ArticleKilled, ArticlePublished, ArticleUnpublished
from shared.runtime import Database, utc_now
from tests.builders import an_article

BRIDGE = """The first span of the Cau Hai lagoon viaduct was lowered into place on Monday, engineers of the Ministry of
Transport said. The viaduct will carry the North-South railway over four kilometres of shallow water, and should cut
the journey from Hue to Da Nang by eleven minutes. Chief engineer Tran Quoc Bao said the 900-tonne girder had been
floated out at dawn. Fishermen from the village of Vinh Hien watched from their boats. The builders expect to lay rails
by the end of 2026. The project has cost 3.2 trillion dong so far, the ministry said."""
BRIDGE_AGAIN = """Trains will cross the Cau Hai lagoon on a new viaduct whose first 900-tonne girder was set on its
piers on Monday. Tran Quoc Bao, the chief engineer, told reporters that the Ministry of Transport would lay rails by
the end of 2026. Fishermen in Vinh Hien had asked for wider passages under the North-South railway. The viaduct
shortens the trip between Hue and Da Nang by eleven minutes."""
BRIDGE_LATER = """Rails are now being laid on the Cau Hai lagoon viaduct, chief engineer Tran Quoc Bao said. The viaduct
carries the North-South railway between Hue and Da Nang. The Ministry of Transport said the last girder, of 900 tonnes,
was placed in March, and that fishermen of Vinh Hien can pass under it again."""
COFFEE = """Coffee growers around Buon Ma Thuot say prices have doubled since spring. Robusta fetched 120,000 dong a
kilogram at the weekend, traders said, after a drought in the Central Highlands ruined a third of the harvest. Exporters
in Ho Chi Minh City are struggling to fill contracts signed last year with roasters in Germany and Italy."""
TENNIS = """Linh Pham won her first tour title on Sunday, beating the second seed Petra Novak 6-4 7-5 in the final at
Wuhan. The Vietnamese player saved three set points and hit eleven aces. Novak said the heat had been hard on both
of them. Pham will rise to 31st in the rankings."""
RAIL_VI = """Sáng 6/11, nhịp dầm đầu tiên của cầu cạn qua đầm Cầu Hai đã được lao lắp, theo Bộ Giao thông Vận tải. Cầu
cạn đưa đường sắt Bắc - Nam vượt bốn kilômét mặt nước, rút ngắn hành trình Huế - Đà Nẵng mười một phút. Kỹ sư trưởng
Trần Quốc Bảo cho biết phiến dầm nặng 900 tấn được chở ra từ rạng sáng. Ngư dân xã Vinh Hiền theo dõi từ thuyền."""
RAIL_VI_AGAIN = """Cầu cạn đường sắt qua đầm Cầu Hai vừa lắp xong phiến dầm 900 tấn đầu tiên. Kỹ sư trưởng Trần Quốc
Bảo nói đường sắt Bắc - Nam sẽ rút ngắn hành trình Huế - Đà Nẵng mười một phút. Bộ Giao thông Vận tải dự kiến lắp ray
cuối năm 2026. Ngư dân Vinh Hiền mong khoang thông thuyền rộng hơn."""

COLLECTION: dict[str, tuple[str, str, str]] = {
    "bridge": ("First girder of lagoon viaduct set in place", BRIDGE, "en"),
    "again": ("Lagoon viaduct: trains to save eleven minutes", BRIDGE_AGAIN, "en"),
    "later": ("Rails laid on Cau Hai lagoon viaduct", BRIDGE_LATER, "en"),
    "coffee": ("Coffee prices double after Central Highlands drought", COFFEE, "en"),
    "tennis": ("Pham beats Novak for first tour title", TENNIS, "en"),
    "rail_vi": ("Lao lắp nhịp dầm đầu tiên cầu cạn đầm Cầu Hai", RAIL_VI, "vi"),
    "rail_vi_again": ("Cầu cạn đường sắt qua đầm Cầu Hai lắp phiến dầm đầu", RAIL_VI_AGAIN, "vi"),
}


def from_collection(name: str, **given: Any) -> ArticleIngested:
    """One of the collected stories as ingest tells it."""
    headline, body, language = COLLECTION[name]
    base: dict[str, Any] = {"headline": headline, "body_text": body, "language": language, "outlet": f"The {name} Post"}
    return an_article(**{**base, "byline": None, **given})


def published(article: ArticleIngested, revision: int = 1, **given: Any) -> ArticlePublished:
    """The publication of an article."""
    base: dict[str, Any] = {
        "article_id": article.article_id,
        "revision": revision,
        "slug": f"slug-{article.article_id}",
        "url": f"http://127.0.0.1:8000/articles/slug-{article.article_id}",
        "headline": article.headline,
        "body_html": f"<p>{article.body_text}</p>",
        "language": article.language,
        "outlet": article.outlet or "",
        "source_url": "https://outlet.example/1",
        "published_at": article.published_at or utc_now(),
        "first_published_at": utc_now(),
        "updated_at": utc_now(),
    }
    return ArticlePublished(**{**base, **given})


def unpublished(article_id: UUID, revision: int = 2) -> ArticleUnpublished:
    """The article is taken off."""
    return ArticleUnpublished(
        article_id=article_id, revision=revision, slug="s", reason="Under review.", unpublished_at=utc_now()
    )


def killed(article_id: UUID, revision: int = 2) -> ArticleKilled:
    """The article is killed."""
    return ArticleKilled(article_id=article_id, revision=revision, slug="s", reason="Wrong.", killed_at=utc_now())


def edited(article: ArticleIngested, revision: int = 1, **given: Any) -> ArticleEdited:
    """The desk's version of an article."""
    base: dict[str, Any] = {
        "article_id": article.article_id,
        "revision": revision,
        "headline": article.headline,
        "body_text": article.body_text,
        "language": article.language,
        "outlet": article.outlet,
        "edited_at": utc_now(),
    }
    return ArticleEdited(**{**base, **given})


class Bench:
    """An enricher on a database of its own, without transport."""

    def __init__(self, url: str, **given: Any) -> None:
        self.settings = Settings(database_url=url, redis_url="redis://127.0.0.1:1", **given)
        self.database = Database(self.settings, "enrichment")
        tags, section, lately = ChooseTags(Vocabulary.of([])), GuessSection(Learner()), Lately()
        self.knowledge = Knowledge(tags, section, lately, self.settings)
        self.enricher = Enricher(reading_steps(tags, section, lately), self.settings, self.settings.steps == "fixed")

    @property
    def parts(self) -> list[object]:
        """What app.py would provide."""
        return [self.enricher, self.knowledge]
