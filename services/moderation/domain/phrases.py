"""What an author is told, in English and Vietnamese: one sentence per reason."""

from typing import Final

_PHRASES: Final[dict[str, tuple[str, str]]] = {
    "author.banned": ("This account may not comment here.", "Tài khoản này không được bình luận tại đây."),
    "author.distrusted": (
        "A moderator looks at this comment first.",
        "Bình luận này cần được biên tập viên xem trước.",
    ),
    "author.new": (
        "First comments are looked at by a person.",
        "Những bình luận đầu tiên được người kiểm duyệt xem trước.",
    ),
    "author.premoderated": (
        "A moderator looks at this comment first.",
        "Bình luận này cần được biên tập viên xem trước.",
    ),
    "author.suspended": ("This account is suspended for a time.", "Tài khoản này đang bị tạm ngừng bình luận."),
    "contact.email": ("Please leave out e-mail addresses.", "Vui lòng không để địa chỉ thư điện tử trong bình luận."),
    "contact.harvest": (
        "Please do not ask for others' contact data.",
        "Vui lòng không xin thông tin liên lạc của người khác.",
    ),
    "contact.phone": ("Please leave out telephone numbers.", "Vui lòng không để số điện thoại trong bình luận."),
    "flood.author": ("Please wait a little between comments.", "Vui lòng đợi một lát giữa các bình luận."),
    "flood.drowning": ("Too many comments in a short time.", "Quá nhiều bình luận trong thời gian ngắn."),
    "language.unexpected": ("Please write in the language of this page.", "Vui lòng viết bằng ngôn ngữ của trang này."),
    "length.empty": ("The comment is empty.", "Bình luận không có nội dung."),
    "length.long": ("The comment is too long.", "Bình luận quá dài."),
    "length.short": ("The comment is too short.", "Bình luận quá ngắn."),
    "links.denied": ("This link is not allowed here.", "Không được đăng liên kết này."),
    "links.new_author": ("Links by new authors are looked at first.", "Liên kết của tài khoản mới cần được xem trước."),
    "links.shortener": ("Please link to the page itself.", "Vui lòng dẫn liên kết gốc thay vì liên kết rút gọn."),
    "links.too_many": ("Too many links.", "Bình luận có quá nhiều liên kết."),
    "person.approve": ("A moderator approved it.", "Biên tập viên đã duyệt bình luận."),
    "person.hold": ("A moderator wants a second look.", "Biên tập viên cần xem lại bình luận."),
    "person.reject": ("A moderator refused it.", "Biên tập viên đã từ chối bình luận."),
    "person.abuse": ("It insults people.", "Bình luận xúc phạm người khác."),
    "person.illegal": ("It may be against the law.", "Bình luận có thể vi phạm pháp luật."),
    "person.off_topic": ("It is not about this story.", "Bình luận không liên quan đến bài viết."),
    "person.spam": ("It is advertising.", "Bình luận mang tính quảng cáo."),
    "person.withdrawn": ("Its author deleted it.", "Tác giả đã xóa bình luận."),
    "repeat.across": ("Others sent the same text.", "Nội dung này đã được nhiều người gửi."),
    "repeat.many": ("You sent this text several times.", "Bạn đã gửi nội dung này nhiều lần."),
    "repeat.same_author": ("You sent this text before.", "Bạn đã gửi nội dung này trước đó."),
    "reports.weight": ("Readers reported it.", "Bình luận đã bị độc giả báo cáo."),
    "score": ("A moderator looks at this comment first.", "Bình luận này cần được biên tập viên xem trước."),
    "shouting.capitals": ("Please do not write in capitals.", "Vui lòng không viết toàn chữ in hoa."),
    "shouting.signs": ("Please use fewer signs.", "Vui lòng bớt dấu lặp lại."),
    "signal.unknown": ("It waits for a person to look.", "Bình luận đang chờ người kiểm duyệt."),
    "thread.closed": ("This thread is closed.", "Bài viết này đã khóa bình luận."),
    "thread.killed": ("This story was taken down.", "Bài viết này đã bị gỡ."),
    "words": ("Some words offend.", "Một số từ ngữ gây xúc phạm."),
    "words.spam": ("It reads as advertising.", "Nội dung có vẻ là quảng cáo."),
}
_OTHERWISE: Final = ("A moderator looks at this comment first.", "Bình luận này cần được biên tập viên xem trước.")


def explain(code: str, language: str = "en") -> str:
    """The sentence for a reason's code, in Vietnamese where `language` begins with `vi`, else in English."""
    english, vietnamese = _PHRASES.get(code) or _PHRASES.get(code.partition(".")[0]) or _OTHERWISE
    return vietnamese if language.startswith("vi") else english
