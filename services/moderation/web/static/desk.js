// What the desk does better with a script: a letter answers the comment in the frame, j and k move the frame.
"use strict";

const cards = [...document.querySelectorAll(".card[tabindex]")];
let sent = false;
const framed = () => document.activeElement?.closest(".card") ?? null;

function move(by) {
  const at = cards.indexOf(framed());
  const next = cards[Math.min(Math.max(at + by, 0), cards.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.matches("input, textarea, select")) {
    if (event.key === "Escape") event.target.closest(".card")?.focus();
    return;
  }
  const { key } = event;
  const press =
    key === "t" ? document.querySelector("#take") : framed()?.querySelector(`button[name=key][value="${CSS.escape(key)}"]`);
  if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
  else if (key === "n") framed()?.querySelector("input[name=note]")?.focus();
  else if (press && !sent) press.click();
  else return;
  event.preventDefault();
});

addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
addEventListener("pageshow", () => (sent = false));

cards[0]?.focus({ preventScroll: true });
