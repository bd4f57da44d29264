"""Every refusal of this service by its name: what it means, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Explained:
    """One kind of problem. `status` is the HTTP status it comes with, `means` and `repair` are whole sentences."""

    status: int
    title: str
    means: str
    repair: str


PROBLEMS: dict[str, Explained] = {
    "bad-credentials": Explained(
        401,
        "Name or password is wrong.",
        "Nobody of that name signs in with that password, or the account was switched off.",
        "Check both; a chief or operator can set a new password with PATCH /v1/users/{id}.",
    ),
    "bad-cursor": Explained(
        400,
        "Not a cursor of ours.",
        "`cursor` was not taken from `next` of an earlier page of this list.",
        "Begin without a cursor and follow `next`, or the Link header.",
    ),
    "bad-etag": Explained(
        400,
        "Not an ETag of ours.",
        "If-Match must hold the ETag of the article as GET answered it, in quotes.",
        'GET the article again and send its ETag as it is, like If-Match: "5.0".',
    ),
    "bad-position": Explained(
        400,
        "Not a position.",
        "`after` or Last-Event-ID must be a whole number from 0 on.",
        "Send the position of the last event you have, or 0 to begin with the first.",
    ),
    "bad-range": Explained(
        422,
        "Not a range of the log.",
        "The first position must not be above the last, and both must exist.",
        "Look at the head of the log with GET /v1/events and choose positions up to it.",
    ),
    "being-edited": Explained(
        409,
        "Somebody is editing it.",
        "Another person holds the advisory lock.",
        "Wait, talk to them, or take over with ?takeover=true: their unsaved words are kept for them.",
    ),
    "changed-meanwhile": Explained(
        412,
        "Somebody changed it meanwhile.",
        "The article has a newer revision than the one your change was made on.",
        "`theirs` shows what changed. Where `mergeable` is true repeat the request with ?merge=true; else look at "
        "`conflicts`, decide, and save with the new ETag.",
    ),
    "closed-address": Explained(
        422,
        "That address cannot be called.",
        "Webhooks go to public addresses only; private ones are refused.",
        "Give an address that the internet can reach.",
    ),
    "comments-closed": Explained(
        409, "No comments here.", "The thread is closed, or the article is not public any more.", "Nothing to repair."
    ),
    "correction-missing": Explained(
        422,
        "What was wrong?",
        "A correction is shown on the page: it must say what was wrong and what is right.",
        'Send {"correction": {"note": "…"}}, with `old` and `new` where it is one value.',
    ),
    "foreign-form": Explained(
        403,
        "Not from our own page.",
        "A change that relies on the sign-in cookie must come from this site, with its token.",
        "Send the `csrf` of your session as X-CSRF-Token, or use an API token instead of the cookie.",
    ),
    "gone": Explained(
        410,
        "This article was taken off.",
        "It was public once and is not any more; a kill is final.",
        "Remove your copy. An unpublished article may come back under the same address.",
    ),
    "idempotency-key-reused": Explained(
        422,
        "That key stands for another request.",
        "The same Idempotency-Key came with another body before.",
        "Use a new key for a new request; the old one only repeats the old answer.",
    ),
    "if-match-required": Explained(
        428,
        "Say which revision you looked at.",
        "Without it, somebody's newer words could be overwritten unseen.",
        "GET the article and send its ETag as If-Match.",
    ),
    "moment-missing": Explained(
        422,
        "When?",
        "`schedule` needs the moment at which the words go out.",
        'Send {"at": "2026-12-01T07:00:00+07:00"}, with the offset of your time zone.',
    ),
    "moment-past": Explained(
        422, "That moment has passed.", "A schedule lies in the future.", "Choose a later moment, or `publish` it now."
    ),
    "name-taken": Explained(
        409,
        "That name is taken.",
        "Another one has this name already.",
        "Choose another name, or change the one that is there.",
    ),
    "no-such-article": Explained(
        404, "No such article.", "Nothing public stands at this address, and nothing ever did.", "Check the address."
    ),
    "no-such-comment": Explained(404, "No such comment.", "No comment of this id is shown.", "Check the id."),
    "no-such-consumer": Explained(
        404, "There is no such reader.", "Nobody of that name reads that way.", "List them with GET /v1/consumers."
    ),
    "no-such-delivery": Explained(
        404, "No such delivery.", "The subscription has no delivery of this id.", "List them."
    ),
    "no-such-feed": Explained(
        404, "No such feed.", "There are rss, atom and json feeds.", "See /feeds for all of them."
    ),
    "no-such-file": Explained(404, "No such file.", "The site has no file of this name.", "Check the address."),
    "no-such-replay": Explained(404, "No such replay.", "The subscription has no replay of this id.", "List them."),
    "no-such-subscription": Explained(
        404,
        "No such subscription.",
        "It does not exist, or it is somebody else's.",
        "List yours with GET /v1/subscriptions.",
    ),
    "not-found": Explained(404, "Nothing is there.", "No such thing exists, or you may not see it.", "Check the id."),
    "not-possible-now": Explained(
        409,
        "Not possible now.",
        "The article's state, attribution, hold or embargo is against it; `detail` says which.",
        "GET …/actions shows what is possible now, and why the rest is not.",
    ),
    "not-yours": Explained(
        403,
        "Not yours to change.",
        "A contributor changes articles of their own, while they are drafts.",
        "Ask an editor, or write an article of your own.",
    ),
    "one-shelf": Explained(
        422,
        "One shelf at a time.",
        "A list is of one section, tag, author, outlet, language or story.",
        "Give one of them.",
    ),
    "position-ahead": Explained(
        409, "That position does not exist yet.", "The log is not that long.", "Begin at the head of the log, or at 0."
    ),
    "reason-missing": Explained(
        422,
        "Why?",
        "A kill or takedown is final and told to everyone who has the story: it needs a reason.",
        'Send {"note": "why"}.',
    ),
    "replay-over": Explained(409, "That replay is over.", "It is done or was cancelled.", "Start another one."),
    "role-missing": Explained(
        403,
        "Not yours to do.",
        "This takes a role that your token or account does not have; `detail` names it.",
        "Ask a chief or an operator for a token with that role.",
    ),
    "shown-once": Explained(
        409,
        "That answer cannot be repeated.",
        "The request was done when its Idempotency-Key came first; the answer held a secret, which is not kept.",
        "Use what the first answer showed. If that is lost, revoke it (or change it) and ask for a new one.",
    ),
    "source-conflict": Explained(
        409,
        "Source and desk disagree.",
        "Both changed the same place; `conflicts` shows both.",
        'Repeat with {"prefer": "source"} or {"prefer": "desk"}, or edit by hand.',
    ),
    "too-many-requests": Explained(
        429, "Too many requests.", "One address did this too often.", "Wait as long as Retry-After says."
    ),
    "too-many-streams": Explained(
        503,
        "Too many streams are open.",
        "This process holds as many event streams as it may.",
        "Come back after Retry-After, or pull with GET /v1/events.",
    ),
    "unavailable": Explained(
        503,
        "Something we need is away.",
        "The database or Redis does not answer; nothing was changed.",
        "Repeat after Retry-After, with the same Idempotency-Key.",
    ),
    "unknown-field": Explained(
        422,
        "No such field.",
        "`fields` names something the answer does not have.",
        "Choose from the fields that `detail` lists, or leave `fields` out to get all.",
    ),
    "unknown-revision": Explained(
        412,
        "No such revision.",
        "If-Match names a revision this article never had.",
        "GET the article and send its ETag.",
    ),
    "unknown-type": Explained(
        422, "No such event type.", "`types` names a type that is never told.", "See /docs/events for all of them."
    ),
    "invalid": Explained(
        422,
        "Not as it should be.",
        "A field is missing, misspelt or of the wrong kind; `errors` names each.",
        "Correct the fields named and send it again.",
    ),
    "bad-token": Explained(
        401,
        "This token is not accepted.",
        "It is unknown here, was revoked or has expired.",
        "Ask a chief or an operator for another; a new one is known everywhere within a second.",
    ),
    "http": Explained(
        400,
        "The request could not be understood.",
        "The server refused it before any door of ours was reached; `title` says why.",
        "Check method, headers and body.",
    ),
    "internal": Explained(
        500,
        "Something went wrong here.",
        "It is our fault, nothing was changed, and it was logged.",
        "Try again; tell the operator the time and what you did if it stays.",
    ),
    "method-not-allowed": Explained(
        405,
        "Not that way.",
        "There is a door at this address, but not for this method.",
        "Look at /docs for the methods it answers.",
    ),
    "no-such-dead-letter": Explained(
        404, "No such dead letter.", "No failed event of this id is kept.", "List them with GET /v1/ops/dead-letters."
    ),
    "token-missing": Explained(
        401,
        "Who are you?",
        "This door asks for a role, and no token came.",
        "Send Authorization: Bearer nwr_… with a token that holds the role `detail` names.",
    ),
    "websub-refused": Explained(
        422,
        "The hub does not take this.",
        "A WebSub request must name a feed of ours, a public callback and a mode; `detail` says what is wrong.",
        "Correct it and send it again.",
    ),
}
