/* Fragments that renew themselves while work goes on elsewhere.

   <div data-live-url="/jobs/7/card" data-live-seconds="2">…</div>

   The reply is the HTML of the element's next state. When that reply no longer
   carries data-live-url the work is over and nobody asks again. A hidden page
   does not ask; a refused or lost request waits longer and says nothing,
   because the figures on the page stay true for the time they name. While
   somebody writes in the element, or is about to press a button of it, it stays
   as it is; a link that has the focus has it again afterwards. When the login
   has ended, the page leads to the sign-in, which leads back to it.

   When that last reply names a page in data-live-then, the browser goes on to it by
   itself, unless something was typed or chosen that would be lost: then the reply's
   own link leads there, and what the page said of the work before
   (data-live-past) is hidden. */

const LONGEST_WAIT_S = 30;

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
}

function isChanged(control) {
  if (control.type === "hidden" || control.type === "submit" || control.type === "button") return false;
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control.type === "file") return control.files.length > 0;
  if (!control.options) return control.value !== control.defaultValue;
  const chosen = [...control.options].findIndex((option) => option.defaultSelected);
  return control.selectedIndex !== Math.max(0, chosen);
}

function holdsWork() {
  // A page that a refusal gave back holds what was typed before it.
  if (document.querySelector("dialog[open], .errors")) return true;
  if (document.activeElement?.matches("input, textarea, select")) return true;
  return [...document.querySelectorAll("input, textarea, select")].some(isChanged);
}

function finish(element) {
  element.dispatchEvent(new CustomEvent("live:done", { bubbles: true }));
  const then = element.dataset.liveThen;
  if (!then) return;
  if (!holdsWork()) {
    location.replace(then);
    return;
  }
  for (const past of document.querySelectorAll("[data-live-past]")) past.hidden = true;
}

function put(element, next) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const href = focused?.getAttribute("href");
  const same = (root) => [...root.querySelectorAll("a[href]")].filter((link) => link.getAttribute("href") === href);
  const place = focused ? same(element).indexOf(focused) : -1;
  element.replaceWith(next);
  if (place < 0) return;
  const links = same(next);
  (links[place] ?? links[0])?.focus({ preventScroll: true });
}

function schedule(element, seconds) {
  setTimeout(() => renew(element, seconds), seconds * 1000);
}

async function renew(element, seconds) {
  if (!element.isConnected) return;
  if (document.hidden || element.querySelector(":is(input, textarea, select, button, summary):focus")) {
    schedule(element, seconds);
    return;
  }
  try {
    const reply = await fetch(element.dataset.liveUrl, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (reply.redirected && !holdsWork()) {
      location.reload();
      return;
    }
    if (!reply.ok || reply.redirected) throw new Error(String(reply.status));
    const next = parse(await reply.text());
    if (!next) throw new Error("empty reply");
    put(element, next);
    if (next.dataset.liveUrl) schedule(next, Number(next.dataset.liveSeconds) || 2);
    else finish(next);
  } catch {
    schedule(element, Math.min(LONGEST_WAIT_S, seconds * 2));
  }
}

for (const element of document.querySelectorAll("[data-live-url]")) {
  schedule(element, Number(element.dataset.liveSeconds) || 2);
}
