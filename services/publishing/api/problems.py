"""The pages that problem types resolve to: what a refusal means and how to repair it."""

from html import escape

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from services.publishing.domain.problems import PROBLEMS, Explained
from shared.events import Role
from shared.runtime import DoorRouter, Problem, allow

router = DoorRouter(tags=["problems"])
anybody = [allow(Role.PUBLIC)]


@router.get("/problems/{slug}", dependencies=anybody, summary="What a problem means", response_class=Response)
async def explain_problem(slug: str, request: Request) -> Response:
    """A page for people, JSON for who asks for it."""
    explained = PROBLEMS.get(slug)
    if explained is None:
        raise Problem(
            404, "not-found", "Nothing is there.", detail=f"We never refuse anything as {slug!r}; see /problems."
        )
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(_page(explained.title, _item(slug, explained)))
    return JSONResponse(_json(slug, explained))


@router.get("/problems", dependencies=anybody, summary="Every problem we answer", response_class=Response)
async def list_problems(request: Request) -> Response:
    """All of them, by name."""
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(_page("Problems", "".join(_item(slug, PROBLEMS[slug]) for slug in sorted(PROBLEMS))))
    return JSONResponse({"items": [_json(slug, PROBLEMS[slug]) for slug in sorted(PROBLEMS)], "next": None})


def _json(slug: str, explained: Explained) -> dict[str, object]:
    return {
        "type": f"/problems/{slug}",
        "status": explained.status,
        "title": explained.title,
        "means": explained.means,
        "repair": explained.repair,
    }


def _item(slug: str, explained: Explained) -> str:
    return (
        f"<h2><code>{escape(slug)}</code> ({explained.status}): {escape(explained.title)}</h2>"
        f"<p>{escape(explained.means)}</p><p><strong>What to do:</strong> {escape(explained.repair)}</p>"
    )


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<body style="font:1rem/1.5 system-ui;max-width:42rem;margin:2rem auto;padding:0 1rem">{body}</body></html>'
    )
