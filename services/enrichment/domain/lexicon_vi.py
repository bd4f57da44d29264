"""Vietnamese words that tell what kind of thing a name names."""

from services.enrichment.domain.text import listed

SURNAMES = listed(
    """
    bùi, cao, chu, châu, doãn, dương, giang, hoàng, huỳnh, hà, hồ, hứa, khúc, kiều, la, lâm, lê, lý, lưu, lương,
    lại, lục, mai, mạc, nghiêm, nguyễn, ngô, ninh, nông, phan, phó, phùng, phạm, quang, quách, sầm, thái, thân,
    thạch, triệu, trương, trần, trịnh, tô, tôn, tăng, tạ, tất, tống, từ, ung, vi, viên, võ, văn, vũ, vương,
    đinh, đoàn, đàm, đào, đặng, đỗ
""",
    ",",
)
TITLES = listed(
    """
    bs, ks, ls, pgs,
    anh, bà, bác, bác sĩ, bé, bí thư, bị can, bị cáo, bộ trưởng, ca sĩ, chánh án, cháu, chú, chị, chủ tịch,
    chủ tịch nước, cô, công chúa, cầu thủ, cụ, cục trưởng, diễn viên, em, giám đốc, giáo hoàng, giáo sư, gs,
    hiệu trưởng, hlv, hoàng tử, huấn luyện viên, họa sĩ, kỹ sư, luật sư, nghi phạm, nghệ sĩ, nghị sĩ,
    ngoại trưởng, người phát ngôn, nhà báo, nhà vua, nhà văn, nhạc sĩ, nạn nhân, nữ hoàng, pgs, phát ngôn viên,
    phó bí thư, phó chủ tịch, phó giám đốc, phó giáo sư, phó thủ tướng, phóng viên, thiếu tá, thiếu tướng,
    thiếu úy, ths, thượng nghị sĩ, thượng tá, thượng tướng, thượng úy, thạc sĩ, thẩm phán, thủ tướng, thứ trưởng,
    tiến sĩ, trung tá, trung tướng, trung úy, trọng tài, ts, tài xế, tổng bí thư, tổng giám đốc, tổng thư ký,
    tổng thống, viện trưởng, vua, vụ trưởng, ông, ông chủ, đại sứ, đại tá, đại tướng, đại úy, đạo diễn
""",
    ",",
)
ORGANISATION_HEADS = listed(
    """
    thanh tra, công đoàn, nghiệp đoàn, hợp tác xã, xí nghiệp, nhà máy, thư viện, khách sạn, ngân hàng tmcp,
    ban, báo, bảo tàng, bệnh viện, bộ, bộ chỉ huy, bộ tư lệnh, cao đẳng, chi cục, chính phủ, clb, câu lạc bộ,
    công an, công ty, cảnh sát, cục, hiệp hội, hãng, hãng tin, hđnd, học viện, hội, hội đồng, liên minh,
    liên đoàn, lực lượng, mặt trận, ngân hàng, nhà hát, nhà xuất bản, phòng, quân đội, quốc hội, quỹ, sở,
    trung tâm, trường, trường đại học, tòa, tòa án, tạp chí, tập đoàn, tổ chức, tổng công ty, tổng cục,
    tổng liên đoàn, ubnd, uỷ ban, viện, viện kiểm sát, văn phòng, vụ, đoàn, đài, đại học, đại sứ quán, đảng, đội,
    đội tuyển, ủy ban
""",
    ",",
)
ORGANISATION_WORDS = listed(
    """
    an toàn thực phẩm, báo chí và tuyên truyền, bảo hiểm xã hội, bất động sản, biên phòng, ca cao, chứng khoán,
    chính phủ, chăn nuôi, cà phê, công nghệ, cổ phần, cựu chiến binh, dân chủ, dầu khí, dệt may, dược, dược phẩm,
    hàng hải, hóa chất, khí tượng thủy văn, khoáng sản, kinh tế, kiến trúc, luật sư, mỹ thuật, ngoại thương,
    nhà báo, nhà văn, năng lượng, nông dân, phụ nữ, quản lý thị trường, sinh viên, sân khấu, sư phạm, sữa,
    thanh niên, thiếu niên, thể thao, thống kê, thủy điện, truyền hình, trung ương, tuyên giáo, tổ quốc, viễn thông,
    văn hóa và thể thao, vận tải, xăng dầu, y học, y dược, âm nhạc, đường thủy, điện ảnh, điện lực, đầu tư, đô thị,
    bóng đá, bảo an, chính trị, công an, công thương, cạnh tranh, du lịch, gd&đt, gd-đt, giao thông vận tải,
    giáo dục và đào tạo, gtvt, hàng không, hải quan, khoa học và công nghệ, kế hoạch và đầu tư, lao động,
    lao động - thương binh và xã hội, ngoại giao, nhà nước, nhân dân, nhân dân tối cao, nn&ptnt,
    nông nghiệp và phát triển nông thôn, nội vụ, quốc gia, quốc phòng, thuế, thông tin và truyền thông, thế giới,
    thủy sản, tn&mt, tt&tt, tài chính, tài nguyên và môi trường, tư pháp, văn hóa, văn hóa - thể thao và du lịch,
    văn hóa thể thao và du lịch, xây dựng, y tế, đường sắt
""",
    ",",
)
PLACE_HEADS = listed(
    """
    bờ, buôn, cồn, cửa biển, cửa sông, dãy, dải, đầm, đường hoa, đồn biên phòng, điểm trường, kênh, ngoài khơi, phá,
    rạch, thung lũng, vườn quốc gia, xóm, bãi, bãi biển, bến, khu đô thị, khu công nghiệp, bang, biển, bán đảo, bản,
    bến xe, cao tốc, châu, chùa, chợ, công viên, cảng, cầu, cửa khẩu, ga, huyện, hẻm, hồ, khu, làng, miền, ngã ba,
    ngã tư, nhà thờ, núi, nước, phường, phố, quần đảo, quận, quốc lộ, svđ, sân bay, sân vận động, sông, thành phố,
    thôn, thị trấn, thị xã, thủ đô, tp, tỉnh, vùng, vịnh, xã, đèo, đường, đại lộ, đảo, đền, ấp
""",
    ",",
)
EVENT_HEADS = listed(
    """
    áp thấp nhiệt đới, festival, đêm hội, ngày hội, hội chợ, marathon,
    bão, chiến dịch, chiến tranh, chương trình, cuộc thi, cúp, diễn đàn, giải, hội nghị, hội thảo, liên hoan,
    lễ hội, siêu bão, thế vận hội, vòng chung kết, vòng loại, đại hội
""",
    ",",
)
PLACES = listed(
    """
    hcm, tp. hcm, dải gaza, gaza, nam bộ, bắc bộ, trung bộ, tây nguyên, đông nam bộ, anh quốc, liban, ả rập xê út,
    qatar, uae, himalaya, afghanistan, ai cập, an giang, anh, argentina, ba lan, bangkok, berlin, biển đông, brazil,
    bà rịa - vũng tàu, bình dương, bình nhưỡng, bình phước, bình thuận, bình định, bạc liêu, bắc giang, bắc kinh,
    bắc kạn, bắc ninh, bến tre, bỉ, bồ đào nha, california, campuchia, canada, cao bằng, châu mỹ, châu phi, châu á,
    châu âu, crimea, cuba, cà mau, côn đảo, cần thơ, florida, gia lai, hawaii, hong kong, hoàng sa, huế, hà giang,
    hà lan, hà nam, hà nội, hà tĩnh, hàn quốc, hòa bình, hưng yên, hải dương, hải phòng, hậu giang, hồ chí minh,
    hồng kông, indonesia, iran, iraq, israel, khánh hòa, kiev, kiên giang, kon tum, lai châu, libya, london, long
    an, lào, lào cai, lâm đồng, lạng sơn, malaysia, matxcơva, mexico, moskva, myanmar, mỹ, na uy, nam định, new
    york, new zealand, nga, nghệ an, nha trang, nhật bản, ninh bình, ninh thuận, pakistan, paris, philippines, phnom
    penh, pháp, phú quốc, phú thọ, phú yên, phần lan, quảng bình, quảng nam, quảng ngãi, quảng ninh, quảng trị,
    seoul, singapore, syria, sài gòn, sóc trăng, sơn la, texas, thanh hóa, thái bình, thái lan, thái nguyên, thượng
    hải, thổ nhĩ kỳ, thụy sĩ, thụy điển, thừa thiên - huế, tiền giang, tokyo, tp hcm, tp.hcm, tphcm, triều tiên,
    trung quốc, trung đông, trà vinh, trường sa, tuyên quang, tây ban nha, tây ninh, ukraina, ukraine, viêng chăn,
    việt nam, vĩnh long, vĩnh phúc, vũng tàu, washington, yên bái, úc, ý, đan mạch, điện biên, đà lạt, đà nẵng, đài
    loan, đông nam á, đắk lắk, đắk nông, đồng nai, đồng tháp, đức, ấn độ
""",
    ",",
)
CALENDAR = listed(
    """
    tết, tết nguyên đán, giáng sinh,
    chủ nhật, giờ, nguồn, ngày, năm, quý, theo, tháng, thứ, thứ ba, thứ bảy, thứ hai, thứ năm, thứ sáu, thứ tư,
    tuần, video, ảnh
""",
    ",",
)
WHOLE = listed(
    """
    chính phủ, quốc hội, liên hợp quốc, đảng cộng sản, tòa thánh, nhà trắng, lầu năm góc, điện kremlin,
    thế chiến ii, liên minh châu âu, ủy ban châu âu, ngân hàng thế giới, bộ chính trị, trung ương đảng,
    hội đồng bảo an
    """,
    ",",
)
COMPOUNDS = listed(
    """
    đổi mới, sáng tạo, hội nhập, thành ủy, thành phố, tỉnh ủy, doanh nghiệp, hợp tác, vận tải, giao thông, xây dựng,
    y tế, môi trường, tài chính, bất động, chiến lược, chính sách, chấp hành, chỉ đạo, cải cách, cứu hộ, cứu nạn,
    dân số, dân tộc, dân vận, giáo dục, giám sát, kiểm sát, kiểm tra, nghiên cứu, nội chính, phát triển, phòng
    chống, quản lý, quản trị, thanh tra, thường trực, thường vụ, tuyên truyền, tuyên giáo, tư vấn, tổ chức, tìm
    kiếm, xúc tiến, đầu tư, đối ngoại, điều tra, đào tạo, bách khoa, châu á, châu âu, chính trị, công nghiệp, công
    nghệ, hữu nghị, kinh tế, liên hợp, nhân dân, nhà nước, nông nghiệp, quân đội, quốc dân, quốc gia, quốc tế, thanh
    niên, thiếu nhi, thương mại, thế giới, trung tâm, trung ương, tự do, văn hóa, xã hội, độc lập, hòa bình, khoa
    học, kỹ thuật
""",
    ",",
)
APART = listed(
    """
    bắt đầu, bế mạc, chiếm, chinh phục, chạm trán, dâng, diễn ra, giành, giảng, giới thiệu, khai mạc, khánh thành, hoãn,
    khuyến cáo, kiểm tra, ký kết, lập, loại, mang, mời, nhận, phát hiện, phê duyệt, quét, ra mắt, suy yếu, thông báo,
    thông qua, truy tố, tăng, tạm, tiến, trở, vô địch, xét, đe dọa, đoạt, đạt, đánh, đánh bại, đấu, đổ, đổ bộ,
    ai, anh, bao, bà, bán, bị, bắn, bắt, bằng, bỏ, cho, chưa, các, còn, có, cùng, công bố, cần, của, do, dẫn, dự,
    giao, giúp, giảm, giữ, gây, gặp, hay, hoặc, họp, khi, khiến, không, là, làm, lên, mua, mỗi, một, mở, nay, ngày,
    nhiều, những, này, nêu, nói, nếu, phạt, phải, phóng, qua, ra, rằng, rời, sang, sau, sẽ, số, theo, thu, thua,
    thăm, thắng, thì, tiếp, trao, trong, trên, trước, tuyên, tìm, tại, tới, tổ chức, từ, từng, và, vào, vì, vẫn, về,
    với, vừa, vượt, xin, yêu, yêu cầu, ông, đang, đi, điều, đã, đòi, đón, đưa, được, đến, đề, đối, để, ở, hôm,
    chiều, sáng, tối, nguyên, cấp, ký, kéo, kêu, kiến, chỉ, kết, khởi, từ chối, hòa, hạ, nợ, nằm, thử, bác, rút,
    gửi
    """,
    ",",
)
NEVER = frozenset({"usd", "vnd", "vnđ", "eur", "gdp", "covid", "tết", "noel", "ii", "iii"})
#: Short forms by capitals that name nobody: schools of a kind, decrees, pupils, the price index.
SHORT_THINGS = listed("""
    atgt atvstp bđs bhxh bhyt bts bv cb cbcc cch clip cmnd cnxh cntt cp cpi cskh csgt cshs dn dnnn dntn dvd gd gđ
    gdp gpmb gs gv hđ hlv hs hsx khcn kcn kđt ktx lđ lhq lhs nđ nq ngđ nsnd nsưt oda ptth pgđ qđ qh ql sgk sv tb tc
    thcs thpt tnđ tngt tp tq tt ttcn tv tw tư vđv vbqppl vn vnd xd xh xhcn đb đbqh đh đhqg đt
""")
#: A direction behind "miền" or "phía" is no name.
DIRECTIONS = listed("bắc nam trung đông tây")
