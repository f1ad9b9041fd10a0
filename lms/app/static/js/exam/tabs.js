/* One page of a sitting per browser: a page that is opened later takes over, and the older one says so.

   Two pages would each count revisions of their own, and a candidate could not know which one he looks at. */

export function takeOver(sitting, leave) {
  if (!("BroadcastChannel" in window)) return;
  const channel = new BroadcastChannel(`exam:${sitting}`);
  channel.addEventListener("message", () => leave());
  channel.postMessage("opened");
}
