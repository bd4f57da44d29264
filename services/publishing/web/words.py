"""What the site itself says, in the languages it speaks, and how each of them writes a date."""

from datetime import datetime
from zoneinfo import ZoneInfo

LANGUAGES = ("en", "vi")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_WORDS: dict[str, tuple[str, str]] = {
    "about_this_story": ("About this story", "Về bài viết này"),
    "after_moderation": (
        "Comments appear after a moderator has approved them.",
        "Bình luận được hiển thị sau khi ban biên tập duyệt.",
    ),
    "author": ("Author", "Tác giả"),
    "by": ("By", "Tác giả:"),
    "closed": ("Comments are closed on this story.", "Bài viết này đã đóng bình luận."),
    "comment": ("Comment", "Bình luận"),
    "comments": ("Comments", "Bình luận"),
    "correction": ("Correction", "Đính chính"),
    "corrections": ("Corrections", "Đính chính"),
    "credit": ("According to", "Theo"),
    "feeds": ("Feeds", "Nguồn tin RSS"),
    "first_comment": ("No comments yet. Be the first.", "Chưa có bình luận. Hãy là người đầu tiên."),
    "follows": ("Continues an earlier story", "Tiếp nối một bài trước"),
    "for_developers": ("For developers", "Dành cho nhà phát triển"),
    "gone": ("This story is no longer available", "Bài viết không còn nữa"),
    "gone_why": ("It was withdrawn by the newsroom.", "Bài viết đã được tòa soạn gỡ bỏ."),
    "home": ("Home", "Trang chủ"),
    "language": ("Language", "Ngôn ngữ"),
    "latest": ("Latest", "Mới nhất"),
    "missing": ("There is nothing at this address", "Không tìm thấy trang"),
    "missing_why": (
        "The link may be old or mistyped. The latest stories are on the front page.",
        "Liên kết có thể đã cũ hoặc bị gõ sai. Tin mới nhất ở trang chủ.",
    ),
    "more_in_section": ("Same category", "Cùng chuyên mục"),
    "more_by_author": ("Same author", "Cùng tác giả"),
    "more_like_this": ("Related stories", "Tin liên quan"),
    "more_with_tag": ("Same tag", "Cùng chủ đề"),
    "more_on_story": ("The same story", "Cùng sự kiện"),
    "name": ("Your name", "Tên của bạn"),
    "newer": ("Newest", "Mới nhất"),
    "no_stories": ("Nothing has been published here yet.", "Chưa có bài viết nào."),
    "no_videos": ("No videos available", "Chưa có video"),
    "older": ("Older stories", "Tin cũ hơn"),
    "outlet": ("Outlet", "Cơ quan báo chí"),
    "photo": ("Photo", "Ảnh"),
    "published": ("Published", "Đăng ngày"),
    "reply": ("Reply", "Trả lời"),
    "reply_to": ("In reply to", "Trả lời"),
    "report": ("Report", "Báo cáo"),
    "reported": ("Thank you. A moderator will look at it.", "Cảm ơn bạn. Ban biên tập sẽ xem xét."),
    "said": ("was", "trước đây"),
    "now": ("now", "nay là"),
    "send": ("Send comment", "Gửi bình luận"),
    "sections": ("Sections", "Chuyên mục"),
    "skip": ("Skip to content", "Đến nội dung"),
    "source": ("Source", "Nguồn"),
    "tag": ("Tag", "Chủ đề"),
    "tags": ("Tags", "Chủ đề"),
    "translated": ("Translated", "Bản dịch"),
    "updated": ("Updated", "Cập nhật"),
    "videos": ("Videos", "Video"),
    "waiting": (
        "Thank you. Your comment was received and waits for a moderator.",
        "Cảm ơn bạn. Bình luận đã được nhận và đang chờ duyệt.",
    ),
    "why": ("Why this is here", "Vì sao có ở đây"),
    "wire": ("Wire", "Hãng tin"),
    "your_comment": ("Your comment", "Bình luận của bạn"),
}


def spoken(language: str | None) -> str:
    """The language the site speaks to a reader of `language`: that one where it can, else English."""
    primary = (language or "").lower().split("-")[0]
    return primary if primary in LANGUAGES else LANGUAGES[0]


def say(key: str, language: str) -> str:
    """The site's own words for `key`."""
    return _WORDS[key][LANGUAGES.index(spoken(language))]


def day(at: datetime, language: str, zone: ZoneInfo) -> str:
    """A date as its readers write it: `06/11/2024` in Vietnamese (day first), `6 November 2024` in English."""
    local = at.astimezone(zone)
    if spoken(language) == "vi":
        return f"{local:%d/%m/%Y}"
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def moment(at: datetime, language: str, zone: ZoneInfo) -> str:
    """A date with its time and zone: `06/11/2024, 14:05 (GMT+7)`, `6 November 2024, 14:05 UTC`."""
    local = at.astimezone(zone)
    name = local.tzname() or ""
    if name.startswith(("+", "-")):
        hours, minutes = name[1:3].lstrip("0") or "0", name[3:5]
        name = f"GMT{name[0]}{hours}{':' + minutes if minutes not in {'', '00'} else ''}"
    return f"{day(at, language, zone)}, {local:%H:%M} {f'({name})' if spoken(language) == 'vi' else name}"
