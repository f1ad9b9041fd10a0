/* Pages of an exam that wait for the server to go on: a pause, and the seconds in which a sheet is taken in and graded.

   A page that loads itself anew every few seconds would begin to be read aloud from the top each time. So it stands
   still, and is left only when the server would show another one in its place: one without `data-still-so`. */

const ASK_EVERY_MS = 3_000;

async function ask() {
  try {
    const reply = await fetch(window.location.href, { cache: "no-store" });
    if (!reply.ok || (await reply.text()).includes("data-still-so")) return;
    window.location.replace(reply.url);
  } catch {
    // No network: the next question may find it again.
  }
}

if (document.querySelector("[data-still-so]")) window.setInterval(ask, ASK_EVERY_MS);
