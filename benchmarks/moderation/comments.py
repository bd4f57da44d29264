"""A thousand and more clean comments on news, in English and Vietnamese: what a word list must leave alone.

They are put together from our own sentences, among them many whose words only look like listed ones.
"""

from itertools import islice, product

_OPENINGS = (
    "I read this twice.",
    "Thank you for the clear report.",
    "My grandfather from Scunthorpe worked there.",
    "As a class we discussed this assessment at school.",
    "The analyst from Essex is right.",
    "Nobody asked the shiitake growers.",
    "In Middlesex we had the same problem.",
    "The cockpit crew deserve praise.",
    "A peacock crossed the road while I read this.",
    "The assassin theory is for films.",
    "We passed the grass and the glass houses.",
    "Dickens would have written it better.",
    "The bass player lives next door.",
    "My cat Titus and I agree.",
    "It hit us on Monday and it hit hard.",
    "The shuttlecock club meets there.",
    "Hancock and Babcock wrote the first study.",
    "Such a constitution needs amendment.",
    "The ship it carried was late.",
    "Who re-read the contract?",
)
_MIDDLES = (
    "The council should publish the figures before the vote,",
    "My neighbours pay 455 dollars a month,",
    "The new bridge cost $1,500 a metre,",
    "The classic car show moved to Saturday,",
    "They will raise the embarrassing question again,",
    "The document was signed at 10:30 on 06/11/2024,",
    "The farmers count their cocks and hens every spring,",
    "Prices rose 5% in 2023 and 7% in 2024,",
    "The Pakistani and Chinese delegations met,",
    "The Niger and Nigeria borders were opened,",
    "Our snowdrops and snowflakes melted early,",
    "A chink in the curtain let the light in,",
    "The vermin inspector came on Tuesday,",
    "The rapist was sentenced to twelve years,",
)
_ENDINGS = (
    "and that is good news.",
    "so let us wait and see.",
    "but the bus still does not stop here.",
    "and I hope the museum stays open.",
    "which is more than I expected.",
)
_VI_OPENINGS = (
    "Cảm ơn toà soạn.",
    "Các bạn nói đúng.",
    "Tôi đi du lịch buổi sáng.",
    "Con lợn đất của cháu đầy rồi.",
    "Lon bia lon nước vứt đầy đường.",
    "Anh ấy lớn lên ở làng này.",
    "Bưởi Năm Roi năm nay được mùa.",
    "Hạt óc chó tốt cho sức khoẻ.",
    "Chị phó phòng trả lời rất rõ.",
    "Cầu này đi lại khó khăn.",
)
_VI_MIDDLES = (
    "Dự án cần được công khai chi phí,",
    "Bọn trẻ đi học qua cầu mỗi ngày,",
    "Giá điện tăng 5% từ ngày 06/11/2024,",
    "Bác sĩ nói bệnh nhân thiểu năng tuần hoàn não,",
    "Công an bắt nhóm lừa đảo qua mạng,",
    "Đàn gia súc vật nuôi bị rét,",
    "Các cụ đụng chuyện gì cũng hỏi nhau,",
)
_VI_ENDINGS = ("mong sớm có kết quả.", "rất đáng mừng.", "bà con đỡ khổ.", "xin cảm ơn.", "tôi đồng ý.")


def clean_comments(most: int = 1800) -> list[str]:
    """Every combination, up to `most`."""
    english = (" ".join(parts) for parts in product(_OPENINGS, _MIDDLES, _ENDINGS))
    vietnamese = (" ".join(parts) for parts in product(_VI_OPENINGS, _VI_MIDDLES, _VI_ENDINGS))
    return [*islice(english, most), *islice(vietnamese, max(0, most - 1400))]
