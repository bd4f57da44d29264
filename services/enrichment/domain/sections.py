"""The sections a newsroom begins with, and the words that speak for each before anybody chose, in both languages."""

from dataclasses import dataclass

from services.enrichment.domain.text import listed, slug


@dataclass(frozen=True, slots=True)
class Section:
    """A section, its names, and the words that speak for it (small letters; Vietnamese ones of several syllables)."""

    slug: str
    name: str
    vietnamese: str
    english_words: frozenset[str]
    vietnamese_words: frozenset[str]
    iptc: tuple[str, ...] = ()


def _section(slug: str, name: str, vietnamese: str, iptc: str, english: str, local: str) -> Section:
    return Section(slug, name, vietnamese, listed(english), listed(local, ","), tuple(iptc.split()))


SECTIONS: tuple[Section, ...] = (
    _section(
        "politics",
        "Politics",
        "Chính trị",
        "11000000",
        """
        administration ambassador ballot bill cabinet campaign candidate coalition congress congressman democrat
        democrats diplomacy diplomat election elections embassy foreign government governor kremlin lawmaker
        lawmakers legislation minister opposition parliament parliamentary party policy politician premier
        president prime referendum republican republicans sanctions senate senator summit treaty vote voter voters
        white-house
        """,
        """
        bầu cử, bộ chính trị, bộ trưởng, chính phủ, chính sách, chủ tịch nước, cử tri, nghị quyết, nghị sĩ,
        ngoại giao, quốc hội, thủ tướng, trung ương, tổng bí thư, tổng thống, đại biểu, đại sứ, đảng, đối lập,
        ứng cử viên
        """,
    ),
    _section(
        "world",
        "World",
        "Thế giới",
        "16000000",
        """
        afghanistan army attack attacks baghdad bomb bombing border ceasefire china chinese conflict darfur
        embassy foreign gaza hostage hostages india insurgents iran iraq iraqi islamic israel israeli killed korea
        korean militants military missile missiles muslim nations nato nuclear pakistan palestinian peace rebels
        refugees russia russian soldiers sudan syria taliban terrorism terrorist troops ukraine un united war
        weapons
        """,
        """
        binh sĩ, chiến tranh, hạt nhân, iran, israel, khủng bố, liên hợp quốc, lệnh trừng phạt, mỹ, nato, nga,
        phiến quân, quân đội, syria, triều tiên, trung quốc, tên lửa, tị nạn, ukraine, xung đột, đánh bom
        """,
    ),
    _section(
        "business",
        "Business",
        "Kinh doanh",
        "04000000",
        """
        acquisition airline airlines analyst analysts bank bankruptcy banks barrel bid billion ceo companies
        company consumer crude deal debt dollar dow earnings economic economy euro executive exports fed
        federal-reserve forecast fund funds growth imports inflation insurance interest investor investors jobs
        loan market markets merger million nasdaq oil percent price prices profit profits quarter quarterly rates
        retail retailer revenue sales share shares spending stock stocks takeover tax trade treasury unemployment
        wall-street
        """,
        """
        bất động sản, chứng khoán, công ty, cổ phiếu, cổ phần, doanh nghiệp, doanh thu, giá vàng, giá xăng,
        kinh tế, lãi suất, lạm phát, lợi nhuận, ngân hàng, nhà đầu tư, nhập khẩu, thuế, thương mại, thị trường,
        tăng trưởng, tập đoàn, tỷ giá, tỷ đồng, usd, vn-index, xuất khẩu, đầu tư
        """,
    ),
    _section(
        "sport",
        "Sport",
        "Thể thao",
        "15000000",
        """
        baseball basketball beat champion champions championship coach cricket cup defeat defeated fans final
        finals football game games goal goalkeeper goals gold golf grand homer injury inning innings league match
        medal midfielder mlb nba nfl nhl olympic olympics open pitcher player players playoff playoffs prix
        quarterback race roster round rugby score scored season seed soccer sox stadium striker team teams tennis
        touchdown tournament victory wicket win wins won yankees
        """,
        """
        bàn thắng, bán kết, bóng đá, chung kết, clb, câu lạc bộ, cầu thủ, ghi bàn, giải đấu, hlv, huy chương,
        huấn luyện viên, hậu vệ, ngoại hạng anh, olympic, premier league, sea games, sân vận động, tennis,
        thủ môn, tiền vệ, tiền đạo, trận đấu, v-league, vòng loại, vô địch, vđv, world cup, đội tuyển
        """,
    ),
    _section(
        "technology",
        "Technology",
        "Công nghệ",
        "13000000",
        """
        ai app apple apps artificial broadband browser chip chips computer computers console data desktop digital
        download downloads email games google hacker hackers ibm intel intelligence internet ipod linux microsoft
        mobile music network networks nintendo online pc phone phones playstation robot search security server
        servers smartphone software sony spam startup technologies technology user users video virus web windows
        wireless worm xbox
        """,
        """
        5g, apple, bảo mật, chip, công nghệ, dữ liệu, facebook, google, hacker, internet, iphone, máy tính,
        mạng xã hội, người dùng, phần mềm, robot, samsung, smartphone, trí tuệ nhân tạo, điện thoại, ứng dụng
        """,
    ),
    _section(
        "science",
        "Science",
        "Khoa học",
        "13000000",
        """
        astronaut astronauts astronomers cassini cells climate dinosaur discovery dna fossil gene genes genetic
        laboratory launch mars moon nasa orbit physics planet researcher researchers rocket satellite saturn
        scientific scientist scientists shuttle space spacecraft species stem study telescope university
        """,
        """
        gene, hành tinh, hóa thạch, khoa học, nasa, nghiên cứu, nhà khoa học, thiên văn, tàu vũ trụ, vũ trụ,
        vệ tinh
        """,
    ),
    _section(
        "health",
        "Health",
        "Sức khỏe",
        "07000000",
        """
        aids cancer clinic covid diabetes disease diseases doctor doctors drug drugs epidemic fda flu health heart
        hiv hospital infection medical medicine mental nurse nurses obesity outbreak pandemic patient patients
        pharmaceutical surgery symptoms treatment vaccine vaccines virus
        """,
        """
        bác sĩ, bệnh, bệnh nhân, bệnh viện, covid-19, dinh dưỡng, dịch bệnh, phẫu thuật, sức khỏe, thuốc,
        tim mạch, tiểu đường, triệu chứng, ung thư, vaccine, virus, vắc xin, y tế, điều trị
        """,
    ),
    _section(
        "crime",
        "Crime and law",
        "Pháp luật",
        "02000000",
        """
        arrest arrested attorney charged convicted court crime criminal custody defendant fraud guilty gunman
        homicide investigators jail judge jury kidnapped lawsuit murder murdered police prison prosecutor
        prosecutors robbery sentenced shooting shot stolen suspect suspects theft trial verdict victim
        """,
        """
        bắt giữ, bị can, bị cáo, công an, cướp, cảnh sát, giết người, hung thủ, khởi tố, lừa đảo, ma túy,
        nghi phạm, nạn nhân, phạt tù, trộm, tòa án, tạm giam, viện kiểm sát, vụ án, xét xử, án tù, điều tra,
        đối tượng
        """,
    ),
    _section(
        "disaster",
        "Disasters and accidents",
        "Thiên tai, tai nạn",
        "03000000",
        """
        aftershock blast collision crash crashed damage derailed earthquake evacuated explosion fire firefighters
        flood flooding floods hurricane injured landslide magnitude quake rescue rescuers storm survivors toll
        tornado tsunami typhoon victims volcano wildfire
        """,
        """
        bão, cháy, chìm tàu, cứu hộ, hỏa hoạn, lũ, lũ lụt, lật xe, mưa lớn, mất tích, nổ, sóng thần, sạt lở,
        tai nạn, tai nạn giao thông, thiệt mạng, thương vong, va chạm, áp thấp nhiệt đới, động đất
        """,
    ),
    _section(
        "culture",
        "Arts and entertainment",
        "Văn hóa, giải trí",
        "01000000",
        """
        actor actress album art artist author award awards band book box celebrity concert director emmy fashion
        festival film films grammy hollywood model movie movies museum music novel office oscar oscars premiere
        rapper series show singer song songs star stars television theater theatre tv
        """,
        """
        album, bài hát, ca sĩ, diễn viên, gameshow, hoa hậu, khán giả, lễ hội, mv, nghệ sĩ, người mẫu, nhà hát,
        phim, showbiz, sân khấu, thời trang, tiểu thuyết, triển lãm, âm nhạc, điện ảnh, đạo diễn
        """,
    ),
    _section(
        "heritage",
        "Heritage",
        "Di sản",
        "01000000",
        """
        ancient archaeologists archaeology citadel conservation craft craftsmen dynasty excavation folk heritage
        imperial monument pagoda relic relics restoration temple tradition traditional unesco
        """,
        """
        chùa, cố đô, cổ vật, di sản, di tích, dân ca, hoàng thành, khảo cổ, làng nghề, lăng, triều nguyễn,
        truyền thống, trùng tu, unesco, đình làng, đền
        """,
    ),
    _section(
        "education",
        "Education",
        "Giáo dục",
        "05000000",
        """
        campus classroom college curriculum education exam exams graduates pupils scholarship school schools
        student students teacher teachers tuition universities university
        """,
        """
        giáo dục, giáo viên, hiệu trưởng, học bổng, học phí, học sinh, phụ huynh, sinh viên, sách giáo khoa, thi,
        thí sinh, trường, tuyển sinh, tốt nghiệp, điểm chuẩn, đại học
        """,
    ),
    _section(
        "environment",
        "Environment",
        "Môi trường",
        "06000000",
        """
        biodiversity carbon climate conservation deforestation emissions endangered environment environmental
        forest glacier greenhouse ocean plastic pollution recycling renewable solar warming waste wildlife
        """,
        """
        biến đổi khí hậu, khí hậu, khí thải, môi trường, năng lượng tái tạo, nước biển dâng, rác thải, rừng,
        ô nhiễm, động vật hoang dã
        """,
    ),
    _section(
        "society",
        "Society",
        "Xã hội",
        "14000000",
        """
        transport transportation railway rail train trains bridge viaduct traffic road roads highway airport metro
        subway infrastructure construction engineers builders commuters passengers
        charity children church community families family gay homeless housing immigrants immigration marriage men
        pope poverty protest protesters race religion religious rights strike union wages welfare women workers
        """,
        """
        an sinh, công nhân, cầu, gia đình, giao thông, hạ tầng, hộ nghèo, lao động, metro, người dân, phụ nữ,
        quy hoạch, thành phố, trẻ em, từ thiện, việc làm, xã hội, đường sắt, đời sống
        """,
    ),
    _section(
        "travel",
        "Travel",
        "Du lịch",
        "10000000",
        """
        beach chef cruise cuisine destination destinations flight flights food hotel hotels itinerary recipe
        resort restaurant tourism tourist tourists travel travelers vacation visitors
        """,
        """
        bãi biển, check-in, du khách, du lịch, khu nghỉ dưỡng, khách sạn, món ăn, nhà hàng, tour, điểm đến,
        ẩm thực
        """,
    ),
)

BY_SLUG = {s.slug: s for s in SECTIONS}

#: Sections no words speak for (they say how a story is told, not what it is about), and other names of those above.
_ALSO = {
    "figure": "figure figures people profile profiles nhan-vat",
    "news": "news thoi-su tin-tuc",
    "political-system": "political-system he-thong-chinh-tri",
    "local": "local dia-phuong",
    "product": "product products san-pham",
    "business": "doanh-nghiep kinh-te economy finance",
    "sport": "sports",
    "technology": "tech",
    "culture": "arts entertainment giai-tri",
}
_BY_NAME = {name: also for also, names in _ALSO.items() for name in names.split()} | {
    name: s.slug for s in SECTIONS for name in (s.slug, slug(s.name), slug(s.vietnamese))
}


def section_named(name: str) -> str | None:
    """The slug of the section that an outlet calls so, in English or Vietnamese, with or without accents."""
    return _BY_NAME.get(slug(name))


def section_name(slug: str) -> str:
    """A section's English name; an unknown slug reads as itself."""
    known = BY_SLUG.get(slug)
    return known.name if known else slug.replace("-", " ").capitalize()
