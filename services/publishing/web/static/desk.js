// What the desk does better with a script: it tells what others change, keeps unsaved words, and says who is at it.
"use strict";

const csrf = document.querySelector("meta[name=csrf]").content;
const live = document.querySelector(".live");
const form = document.querySelector("#story");

function say(words) {
  const again = Object.assign(document.createElement("a"), { href: location.pathname, textContent: "Look again" });
  live.replaceChildren(`${words} `, again);
  live.hidden = false;
}

function hear(tell) {
  const kinds = [
    ...["ingested", "enriched", "withdrawn", "locked", "unlocked", "create", "save", "restore_words", "take", "source"],
    ...["submit", "approve", "reject", "schedule", "unschedule", "publish", "correct", "update", "unpublish", "kill"],
    ...["takedown", "spike", "restore", "release"],
  ];
  const events = new EventSource("/v1/desk/events");
  for (const kind of kinds) events.addEventListener(kind, (event) => tell(kind, JSON.parse(event.data)));
}

if (document.querySelector(".shelves")) {
  let changes = 0;
  hear((kind) => {
    if (kind === "locked" || kind === "unlocked") return;
    changes += 1;
    say(changes === 1 ? "Something changed." : `${changes} changes.`);
  });
}

if (form) {
  const { article, base, who } = form.dataset;
  const kept = ["headline", "summary", "body_html", "outlet", "credit", "wire", "byline", "ednote", "held"];
  let dirty = "typed" in form.dataset;
  let leaving = false;
  let timer = 0;

  const ask = (method, what, body) =>
    fetch(`/v1/articles/${article}/${what}`, {
      method,
      body: body && JSON.stringify(body),
      headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" },
      keepalive: method === "DELETE",
    });

  hear((kind, told) => {
    if (told.article_id !== article || told.by === who || kind === "unlocked") return;
    say(kind === "locked" ? `${told.by} is at this article.` : `${told.by} changed this article: ${kind.replaceAll("_", " ")}.`);
  });

  const keep = () => {
    const typed = kept.map((name) => form.elements[name]).filter((field) => field.value !== field.defaultValue);
    const changes = Object.fromEntries(typed.filter((field) => field.value).map((field) => [field.name, field.value]));
    if (Object.keys(changes).length) ask("PUT", "autosave", { base: Number(base), changes });
  };

  form.addEventListener("input", () => {
    if (!dirty) ask("PUT", "lock");
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(keep, 2000);
  });
  setInterval(() => dirty && ask("PUT", "lock"), 20000);

  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(timer);
  });
  addEventListener("beforeunload", (event) => dirty && !leaving && event.preventDefault());
  addEventListener("pagehide", () => dirty && ask("DELETE", "lock"));
}
