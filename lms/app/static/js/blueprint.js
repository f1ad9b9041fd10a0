/* Drafting a blueprint without a new page for every button.

   The server draws everything; this module sends the form, takes the parts it needs out of the answer, and keeps
   the focus where the work goes on. Saving is an ordinary submit, and so is every button when an answer fails. */

const PAUSE_MS = 400;
const form = document.querySelector("form[data-blueprint]");
let waiting;
let asked;

function shape(root) {
  for (const section of root.querySelectorAll("[data-section]")) {
    show(section.querySelector("[data-bands]"), section.querySelector("select[name$=-level]").value === "spread");
    show(section.querySelector("[data-partial]"), section.querySelector("select[name$=-type]").value === "multiple");
  }
}

function show(part, wanted) {
  part.hidden = !wanted;
  // What is not shown is not sent: a tick for partial credit does not follow a section that became single choice.
  for (const input of part.querySelectorAll("input")) input.disabled = !wanted;
}

async function ask(act) {
  asked?.abort();
  asked = new AbortController();
  const body = new FormData(form);
  body.set("act", act);
  const reply = await fetch(form.action, { method: "POST", body, signal: asked.signal, headers: { Accept: "text/html" } });
  const next = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("form[data-blueprint]");
  if (!reply.ok || !next) throw new Error(String(reply.status));
  return next;
}

function tell() {
  const told = form.querySelector("[data-told]");
  const words = form.querySelector("[data-proof] .pill").textContent.trim();
  if (told.textContent !== words) told.textContent = words;
}

async function recount() {
  try {
    const next = await ask("count");
    form.querySelector("[data-proof]").replaceWith(next.querySelector("[data-proof]"));
    const lines = next.querySelectorAll("[data-stock]");
    form.querySelectorAll("[data-stock]").forEach((line, place) => line.replaceWith(lines[place]));
    tell();
  } catch {
    // The figures on the page are those of the last answer; saving counts again.
  }
}

/* Which sections will stand open after a button: those that do now, where they have moved to. */
function openAfter(act) {
  const open = [...form.querySelectorAll("[data-section] details")].map((details) => details.open);
  const [verb, number] = act.split("-");
  const place = number - 1;
  const other = place + (verb === "up" ? -1 : 1);
  if (verb === "remove") open.splice(place, 1);
  else if (place in open && other in open) [open[place], open[other]] = [open[other], open[place]];
  return open;
}

async function rearrange(button) {
  clearTimeout(waiting);
  try {
    const next = await ask(button.value);
    const open = openAfter(button.value);
    next.querySelectorAll("[data-section] details").forEach((details, place) => {
      if (place in open) details.open = open[place];
    });
    const focus = next.querySelector("[data-work] [autofocus]")?.id;
    shape(next);
    form.querySelector("[data-work]").replaceWith(next.querySelector("[data-work]"));
    document.getElementById(focus)?.focus();
    tell();
  } catch (error) {
    if (error.name === "AbortError") return;
    button.dataset.plainly = "";
    form.requestSubmit(button);
  }
}

if (form) {
  shape(form);
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.value === "save" || "plainly" in button.dataset) return;
    event.preventDefault();
    rearrange(button);
  });
  const changed = () => {
    shape(form);
    clearTimeout(waiting);
    waiting = setTimeout(recount, PAUSE_MS);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
}
