/* Native dialogs.

   <form data-confirm-dialog="ID">   a submit from outside the dialog opens it;
                                     the submit button inside it really submits.
   <button data-opens-dialog="ID">   opens a dialog that is not about a form.
   <button data-close>               inside a dialog: the safe answer, like Esc.

   Without this module noscript.css shows the dialog in place, so the person
   reads the consequences and presses its button directly. */

function carry(form, submitter) {
  /* The button that opened the dialog may say which decision is meant. */
  form.querySelectorAll("input[data-carried]").forEach((input) => input.remove());
  if (!submitter || !submitter.name) return;
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = submitter.name;
  input.value = submitter.value;
  input.dataset.carried = "";
  form.append(input);
}

function open(dialog, opener) {
  dialog.showModal();
  const start = dialog.querySelector("[aria-invalid=true], textarea, input:not([type=hidden]), select")
    || dialog.querySelector("h2, h3");
  if (start) {
    if (/^H\d$/.test(start.tagName)) start.tabIndex = -1;
    start.focus();
  }
  dialog.addEventListener("close", () => opener?.focus(), { once: true });
}

function valid(dialog) {
  for (const control of dialog.querySelectorAll("input, select, textarea")) {
    if (!control.reportValidity()) return false;
  }
  return true;
}

function onSubmit(event) {
  const form = event.target;
  const dialog = document.getElementById(form.dataset.confirmDialog ?? "");
  if (!dialog || event.defaultPrevented) return;
  if (event.submitter && dialog.contains(event.submitter)) {
    if (!valid(dialog)) event.preventDefault();
    return;
  }
  event.preventDefault();
  // Enter in a text field of an open dialog is not an answer to its question.
  if (dialog.open) return;
  carry(form, event.submitter);
  open(dialog, event.submitter);
}

function onClick(event) {
  const closer = event.target.closest("[data-close]");
  if (closer) {
    closer.closest("dialog")?.close();
    return;
  }
  const opener = event.target.closest("[data-opens-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.opensDialog);
  if (!dialog || opener.getAttribute("aria-disabled") === "true") return;
  event.preventDefault();
  open(dialog, opener);
}

for (const form of document.querySelectorAll("form[data-confirm-dialog]")) {
  // Required fields inside the closed dialog would silently block the opening submit.
  form.noValidate = true;
}
document.addEventListener("submit", onSubmit);
document.addEventListener("click", onClick);

// A page that comes back with errors inside a dialog opens it again.
const failed = document.querySelector("dialog[data-open-on-load]");
if (failed) open(failed, null);
