/* Fragments that renew themselves while work goes on elsewhere.

   <div data-live-url="/jobs/7/card" data-live-seconds="2">…</div>

   The reply is the HTML of the element's next state. When that reply no longer
   carries data-live-url the work is over and nobody asks again. A hidden page
   does not ask; a refused or lost request waits longer and says nothing,
   because the figures on the page stay true for the time they name. */

const LONGEST_WAIT_S = 30;

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
}

function schedule(element, seconds) {
  setTimeout(() => renew(element, seconds), seconds * 1000);
}

async function renew(element, seconds) {
  if (!element.isConnected) return;
  if (document.hidden || element.contains(document.activeElement)) {
    schedule(element, seconds);
    return;
  }
  try {
    const reply = await fetch(element.dataset.liveUrl, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (!reply.ok) throw new Error(String(reply.status));
    const next = parse(await reply.text());
    if (!next) throw new Error("empty reply");
    element.replaceWith(next);
    if (next.dataset.liveUrl) schedule(next, Number(next.dataset.liveSeconds) || 2);
    else next.dispatchEvent(new CustomEvent("live:done", { bubbles: true }));
  } catch {
    schedule(element, Math.min(LONGEST_WAIT_S, seconds * 2));
  }
}

for (const element of document.querySelectorAll("[data-live-url]")) {
  schedule(element, Number(element.dataset.liveSeconds) || 2);
}
