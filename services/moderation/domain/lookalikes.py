"""Letters of other alphabets that pass for Latin ones, after the confusables of Unicode Technical Standard 39."""

from typing import Final

_BY_LATIN: Final = {
    "a": "аαɑᴀ⍺∂ａА Α".replace(" ", ""),
    "b": "ЬьвВβʙƄΒƅ",
    "c": "сϲᴄСϹ¢ⅽ",
    "d": "ԁɗᴅⅾԀ",
    "e": "еεёєЕΕЁ℮ɛᴇҽ",
    "f": "ғƒꜰϝſ",
    "g": "ɡԍɢց",
    "h": "һнНʜΗհ",
    "i": "іιïІΙɪӏıɩ¡",
    "j": "јϳЈᴊ",
    "k": "кκКΚᴋқ",
    "l": "ⅼʟլ",
    "m": "мМΜᴍⅿ",
    "n": "пηɴΝոռ",
    "o": "оοσОΟօᴏө",
    "p": "рρРΡᴘ",
    "q": "ԛգզ",
    "r": "гʀᴦ",
    "s": "ѕЅꜱʂ",
    "t": "тτТΤᴛ",
    "u": "υцսᴜʋ",
    "v": "ѵνᴠⅴ",
    "w": "ѡωԝɯᴡա",
    "x": "хχХΧⅹ",
    "y": "уγУΥʏүұ",
    "z": "ᴢΖʐ",
}
#: Look-alike → its lower-case Latin letter.
LOOKALIKES: Final[dict[str, str]] = {
    **{alike: latin for latin, alikes in _BY_LATIN.items() for alike in alikes},
    **{chr(0x1F1E6 + i): chr(ord("a") + i) for i in range(26)},  # regional indicators
    **{chr(0x1F150 + i): chr(ord("a") + i) for i in range(26)},  # negative circled
    **{chr(0x1F170 + i): chr(ord("a") + i) for i in range(26)},  # negative squared
    "\u2019": "'",
    "\u2018": "'",
}
