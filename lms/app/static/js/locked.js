/* A locked action stays focusable, so that its reason can be read, but does
   nothing. The server refuses it as well; this only saves the round trip. */

function hold(event) {
  const locked = event.target.closest("[aria-disabled=true]");
  if (!locked) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const reason = document.getElementById((locked.getAttribute("aria-describedby") ?? "").split(" ")[0]);
  reason?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", hold, { capture: true });
