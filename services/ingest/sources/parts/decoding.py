"""Bytes of unknown charset as text. What decodes as UTF-8 is UTF-8, whatever it claims; then claims; then a guess."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_IN_HTML = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([a-zA-Z0-9_.:-]{2,40})", re.IGNORECASE)
_IN_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}encoding\s*=\s*[\"']([a-zA-Z0-9_.:-]{2,40})[\"']")
_WIDER = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
}

_NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}


def decode(content: bytes, charset: str | None = None) -> tuple[str, str]:
    """The text and the charset it was read with. `charset` is what the transport said. Never raises."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content.decode(name, "replace"), name
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    for claim in (charset, _claimed(content)):
        name = (claim or "").strip("\"' ").lower()
        if name and not name.startswith(("utf-7", "utf7")) and (known := _known(_WIDER.get(name, name))):
            return content.decode(known, "replace"), known
    return content.decode("cp1252", "replace"), "cp1252, for want of a usable declaration"


def _claimed(content: bytes) -> str | None:
    found = _IN_XML.search(content[:400]) or _IN_HTML.search(content[:4096])
    return found.group(1).decode("ascii") if found else None


def _known(name: str) -> str | None:
    """The codec, if it is a charset: `rot13` and `zip` give no text, `idna` and `unicode_escape` are other things."""
    if name.replace("-", "_") in _NO_CHARSETS:
        return None
    try:
        return name if codecs.lookup(name)._is_text_encoding else None  # noqa: SLF001 - the only way to ask
    except (LookupError, ValueError):
        return None
