/* Counts down to the opening of the exam, then asks the server by loading the page again.

   <p data-countdown-ms="766000">: milliseconds left when the server made the page. The
   device's clock is never asked, only how much time has passed since. */

const shown = document.querySelector("[data-countdown-ms]");
const opensAt = performance.now() + Number(shown.dataset.countdownMs);
const DAY_S = 86400;

function words(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

function tick() {
  const left = opensAt - performance.now();
  if (left <= 0) {
    // A little jitter, so that a whole room does not ask in the same instant.
    setTimeout(() => location.reload(), Math.random() * 1500);
    return;
  }
  const seconds = Math.ceil(left / 1000);
  if (seconds < DAY_S) shown.textContent = words(seconds);
  setTimeout(tick, Math.min(1000, left));
}

tick();
