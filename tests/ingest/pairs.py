"""Labelled pairs for identity: a story of a source and a later item of the same source; the same story, or another.

Stories are put together from sentences about made-up events, in English and Vietnamese, so that stories of one
 kind share
their manner and many of their words, as real ones of one desk do.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.ingest.domain.items import Item

_PLACES = ["Con Se", "Vinh Moc", "Port Amal", "Kessel", "Lagoon City", "Nam Phu", "Ba Den", "Orrin", "Tarn", "Hoa Binh"]
_PEOPLE = [
    "Tran Minh Duc",
    "Lena Hart",
    "Pham Thu Ha",
    "Omar Diaz",
    "Ines Moreau",
    "Vo Quang",
    "Ada Finch",
    "Le Van An",
]
_THINGS = [
    "ferry",
    "bridge",
    "tram line",
    "market hall",
    "reservoir",
    "library",
    "hospital wing",
    "cable car",
    "fish auction",
    "rail yard",
]
_GROUPS = ["residents", "fishermen", "teachers", "shop owners", "engineers", "students", "drivers", "farmers"]
_ENGLISH = [
    "The council of {place} decided on {day} to rebuild the {thing}, which has been closed since a storm in {month}.",
    "{person}, who leads the works, said that {number} people would be needed until the end of the year.",
    "The plan costs {money} million and will be paid in {parts} parts, the first of them before the summer.",
    "{group} who gathered outside the hall asked for a say in where the new {thing} will stand.",
    "A report seen by this newspaper warns that the ground under the old {thing} moves by {small} millimetres a year.",
    "{other} of the opposition called the vote hasty and promised to bring it before the court in {place}.",
    "Work is to begin in week {week}, when the river is low and the trains can be led around the town.",
    "For {group} the decision ends a wait of {years} years in which three mayors promised the same.",
    "The builders want to use timber from the hills above {place} and to keep the old clock over the door.",
    "Only {small} of the {number} objections that were sent in were judged to be worth a hearing.",
    "{person} said the {thing} would open with a feast to which everyone who had signed the petition was invited.",
    "An architect from {place} won the contest with a drawing that shows a roof of glass and {parts} low towers.",
    "Critics doubt the figures, because a similar {thing} in the next province cost {money} million more than planned.",
    "The ministry has until the {week}th to object, and officials there say they see no reason to.",
]
_VIETNAMESE = [
    "Hội đồng {place} hôm {day} quyết định xây lại {thing}, công trình đã đóng cửa từ sau cơn bão hồi tháng {week}.",
    "{person}, người phụ trách thi công, cho biết cần khoảng {number} người làm việc đến hết năm nay.",
    "Kế hoạch trị giá {money} tỷ đồng sẽ được chi trong {parts} đợt, đợt đầu tiên trước mùa hè.",
    "{group} tập trung trước trụ sở yêu cầu được góp ý về vị trí của {thing} mới.",
    "Một báo cáo mà chúng tôi có được cảnh báo nền đất dưới {thing} cũ dịch chuyển {small} milimét mỗi năm.",
    "{other} thuộc phe phản đối gọi cuộc bỏ phiếu là vội vàng và hứa sẽ đưa vụ việc ra tòa ở {place}.",
    "Công việc bắt đầu vào tuần thứ {week}, khi mực nước sông xuống thấp và tàu có thể đi vòng qua thị trấn.",
    "Với {group}, quyết định này chấm dứt {years} năm chờ đợi qua ba đời lãnh đạo với cùng một lời hứa.",
    "Các kỹ sư muốn dùng gỗ từ những ngọn đồi phía trên {place} và giữ lại chiếc đồng hồ cũ trên cửa.",
    "Chỉ {small} trong số {number} ý kiến phản đối gửi đến được cho là đáng xem xét trong phiên điều trần.",
]
_COLUMN_START = (
    "Good morning from the harbour desk. This is our daily look at what moves the coast, written before the"
    " first ferry leaves. "
    "As always, tell us what we missed, and pass this letter on to a friend who rises late."
)
_COLUMN_END = (
    "That is all for today. The desk wishes you fair weather and an empty inbox. Write to us, and we will"
    " answer, though not "
    "always before noon. The letter returns tomorrow at the same hour."
)


@dataclass(frozen=True)
class Pair:
    """Two items of one source; `same` is what a person would say."""

    kind: str
    one: Item
    other: Item
    same: bool


def pairs(seed: int = 7) -> list[Pair]:
    """At least 400 pairs, half of them the same story."""
    chance = random.Random(seed)
    return [pair for _ in range(36) for pair in _round(chance)]


def _round(chance: random.Random) -> Iterator[Pair]:
    story, other = _story(chance), _story(chance)
    lines = story.body_text.split("\n")
    yield Pair("retitled", story, _as(story, chance, headline=_headline(chance)), True)
    late = (story.published_at or datetime.now(UTC)) + timedelta(days=2)
    yield Pair("re-dated", story, _as(story, chance, published_at=late, same_guid=True), True)
    yield Pair("moved", story, _as(story, chance, same_guid=True), True)
    yield Pair("trimmed", story, _as(story, chance, body_text="\n".join(lines[: max(4, len(lines) * 6 // 10)])), True)
    yield Pair(
        "bylined",
        story,
        _as(story, chance, body_text=f"By {chance.choice(_PEOPLE)}\n{story.body_text}\nEditing: desk"),
        True,
    )
    yield Pair("new guid", story, _as(story, chance, same_url=True), True)
    corrected = story.body_text.replace("first", "second").replace("đầu tiên", "thứ hai")
    yield Pair("corrected", story, _as(story, chance, body_text=corrected), True)
    yield Pair("similar", story, other, False)
    twin = _story(chance, like=story)
    yield Pair("same kind of event", story, twin, False)
    yield Pair("follow-up", story, _follow_up(chance, story), False)
    first, second = _instalments(chance)
    yield Pair("next instalment", first, second, False)
    yield Pair(
        "address used again", story, other.model_copy(update={"url": story.url, "canonical_url": story.url}), False
    )


def _story(chance: random.Random, like: Item | None = None) -> Item:
    vietnamese = like.language == "vi" if like else chance.random() < 0.4
    sentences = list(_VIETNAMESE if vietnamese else _ENGLISH)
    chance.shuffle(sentences)
    facts = _facts(chance)
    body = "\n".join(sentence.format(**facts) for sentence in sentences[: chance.randint(7, 10)])
    headline = like.headline if like else _headline(chance)
    moment = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(hours=chance.randint(0, 400))
    number = chance.randint(10**6, 10**7)
    url = f"https://lagoon.example/news/{number}"
    return Item(
        guid=f"lagoon-{number}",
        url=url,
        canonical_url=url,
        headline=headline,
        body_text=body,
        published_at=moment,
        language="vi" if vietnamese else "en",
    )


def _facts(chance: random.Random) -> dict[str, object]:
    people = chance.sample(_PEOPLE, 2)
    return {
        "place": chance.choice(_PLACES),
        "thing": chance.choice(_THINGS),
        "person": people[0],
        "other": people[1],
        "group": chance.choice(_GROUPS),
        "day": chance.choice(["Monday", "Tuesday", "Friday"]),
        "month": chance.choice(["March", "June"]),
        "number": chance.randint(40, 900),
        "money": chance.randint(3, 90),
        "parts": chance.randint(2, 6),
        "small": chance.randint(2, 30),
        "week": chance.randint(2, 30),
        "years": chance.randint(3, 25),
    }


def _headline(chance: random.Random) -> str:
    forms = [
        "{place} to rebuild its {thing}",
        "Vote on the {thing} divides {place}",
        "{group} want a say in the {thing} of {place}",
    ]
    return chance.choice(forms).format(**_facts(chance)).capitalize()


def _as(
    story: Item, chance: random.Random, *, same_guid: bool = False, same_url: bool = False, **changes: object
) -> Item:
    number = chance.randint(10**7, 10**8)
    url = (
        f"https://m.lagoon.example/news/{story.guid and story.guid[7:]}?utm_source=x"
        if same_url
        else f"https://lagoon.example/a/{number}"
    )
    guid = story.guid if same_guid else f"https://lagoon.example/?p={number}"
    return story.model_copy(update={"guid": guid, "url": url, "canonical_url": url, **changes})


def _follow_up(chance: random.Random, story: Item) -> Item:
    """A new story that ends with some background of the old one."""
    new = _story(chance)
    background = story.body_text.split("\n")[:2]
    return new.model_copy(
        update={"body_text": "\n".join([*new.body_text.split("\n"), *background]), "language": story.language}
    )


def _instalments(chance: random.Random) -> tuple[Item, Item]:
    made = []
    for day in (11, 12):
        middle = _story(chance).body_text.split("\n")[:7]
        body = "\n".join([_COLUMN_START, *middle, _COLUMN_END])
        number = chance.randint(10**6, 10**7)
        url = f"https://lagoon.example/letter/{number}"
        moment = datetime(2026, 2, day, 5, tzinfo=UTC)
        headline = f"Harbour letter, {day} February"
        made.append(
            Item(
                guid=str(number),
                url=url,
                canonical_url=url,
                headline=headline,
                body_text=body,
                published_at=moment,
                language="en",
            )
        )
    return made[0], made[1]
