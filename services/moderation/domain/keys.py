"""One key, one answer: what a moderator presses."""

from typing import Final

from shared.events import Verdict

#: Key → verdict and the reasons it stands for.
KEYS: Final[dict[str, tuple[Verdict, tuple[str, ...]]]] = {
    "a": ("approve", ()),
    "r": ("reject", ()),
    "s": ("reject", ("person.spam",)),
    "b": ("reject", ("person.abuse",)),
    "o": ("reject", ("person.off_topic",)),
    "i": ("reject", ("person.illegal",)),
    "h": ("hold", ()),
}
#: What its button says.
WORDS: Final = {
    "a": "Approve",
    "r": "Refuse",
    "s": "Spam",
    "b": "Abuse",
    "o": "Off topic",
    "i": "Illegal",
    "h": "Hold",
}
