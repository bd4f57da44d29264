"""Who an author is at our door: the holder of a token, or the browser with the random id that publishing gave it."""

import re
from typing import Annotated, Final

from fastapi import Depends, Request

from shared.runtime import Who

#: As publishing names the reader's cookie; a host's services share its cookies.
_COOKIE: Final = "nwr_reader"
_ID: Final = re.compile(r"[0-9a-f]{32}")


def author_of(request: Request, who: Who) -> str:
    """The author id that comments of whoever asks carry; nobody's where they cannot be told."""
    if who.id != "anonymous":
        return f"token:{who.id}"
    kept = request.cookies.get(_COOKIE, "")
    return f"reader:{kept}" if _ID.fullmatch(kept) else "nobody"


Myself = Annotated[str, Depends(author_of)]
