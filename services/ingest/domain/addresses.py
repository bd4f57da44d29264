"""One address for one page: tracking parameters, AMP, mobile, print and fragment variants folded together."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from services.ingest.domain.texts import clean

_TRACKING = re.compile(
    r"^(utm_.*|at_.*|mc_[ce]id|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|zarsrc|_ga|_gl"
    r"|cmpid|cmp|ncid|ocid|smid|smtyp|partner|spm|scm|ref|ref_src|ref_url|referrer|referer|source|src|share|shared"
    r"|sharetype|sr_share|wt_.*|pk_.*|mtm_.*|hsctatracking|_hs.*|vero_.*|oly_.*|rss|feedtype|feedname|taid|tpcc|guccounter"
    r"|guce_.*|__twitter_impression|xtor|ito|soc_.*|social.*|amp|outputtype|output|fb_.*|campaign.*|s_cid|cid|icid|sh|print)$",
    re.IGNORECASE,
)
#: Values of generic names that are tracking only when they look like it; anything else may choose the page.
_MAYBE = {"source", "src", "ref", "cid", "partner", "share", "output", "print", "sh", "cmp", "rss"}
_MAYBE_TRACKING = re.compile(
    r"^(rss.*|feed.*|twitter|facebook|fb|x|email|mail|newsletter|homepage|home|app|mobile|amp|social.*|copy.*|share.*"
    r"|telegram|zalo|whatsapp|linkedin|google.*|gnews|push.*|apple.*|flipboard|1|true|yes|0|)$",
    re.IGNORECASE,
)
_MOBILE_HOST = re.compile(r"^(?:www\d?|m|mobile|amp|wap|touch)\.(?=[^.]+\.[^.]+)")
_AMP_PATH = re.compile(r"(/amp(?:\.html)?/?$|\.amp(?:\.html)?$|[-_]amp(?=\.html?$))", re.IGNORECASE)
_AMP_LEAD = re.compile(r"^/(?:amp|m|mobile)/(?=.{8})", re.IGNORECASE)
_PLAIN = re.compile(r"^https?://[a-z0-9][a-z0-9.-]*[a-z0-9](?:/[A-Za-z0-9/._~%?&=+-]*)?$")
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_HOST = re.compile(r"^[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?$")


def absolute(link: str | None, base: str | None) -> str | None:
    """The link as an absolute http(s) address, or None where it is none."""
    text = "".join((link or "").split()) if "\n" in (link or "") else (link or "").strip()
    if not text or len(text) > 4000:
        return None
    if _PLAIN.match(text):
        return text
    text = clean(text)
    try:
        joined = urljoin(base, text) if base else text
        parts = urlsplit(joined)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host:
        return None
    return joined


def fold(link: str | None, base: str | None = None) -> str | None:
    """The key under which an address is known: without scheme, www/m/amp, default ports, fragment, tracking; sorted
    query.

    Two addresses with the same key are the same page. None for what is no http(s) address.
    """
    full = absolute(link, base)
    if full is None:
        return None
    parts = urlsplit(full)
    host = _ascii_host((parts.hostname or "").rstrip("."))
    if not host:
        return None
    if host.endswith(".cdn.ampproject.org"):
        return _out_of_the_cache(parts.path)
    host = _MOBILE_HOST.sub("", host)
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    path = re.sub(r"//+", "/", quote(unquote(parts.path), safe="/:@!$&'()*+,;=~-._"))
    path = _INDEX.sub("/", _AMP_LEAD.sub("/", _AMP_PATH.sub("", path))).rstrip("/")
    kept = sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(k, v))
    return f"{host}{port}{path}" + (f"?{urlencode(kept)}" if kept else "")


def host_of(link: str | None) -> str | None:
    """The host of an address without www, m or amp."""
    full = absolute(link, None)
    return _MOBILE_HOST.sub("", (urlsplit(full).hostname or "").lower()) if full else None


def site_of(link: str | None) -> str | None:
    """The registrable name of an address' host, near enough: the last two labels, three under a country's
    co/com/gov.
    """
    labels = (host_of(link) or "").split(".")
    if len(labels) < 2:
        return labels[0] or None
    short = len(labels[-1]) == 2 and labels[-2] in {"co", "com", "gov", "org", "net", "edu", "ac", "or", "ne", "go"}
    return ".".join(labels[-3:] if short else labels[-2:])


def _tracks(name: str, value: str) -> bool:
    if not _TRACKING.match(name):
        return False
    return name.lower() not in _MAYBE or bool(_MAYBE_TRACKING.match(value))


def _ascii_host(host: str) -> str:
    try:
        ascii_host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return ""
    return ascii_host if _HOST.match(ascii_host) or ":" in ascii_host else ""


def _out_of_the_cache(path: str) -> str | None:
    """`/c/s/example.com/story` on Google's AMP cache is https://example.com/story."""
    found = re.match(r"^/[a-z]/(?:s/)?([^/]+)(/.*)?$", path)
    return fold(f"https://{found.group(1)}{found.group(2) or ''}") if found else None
