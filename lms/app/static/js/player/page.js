/* What the page gave to its script, once and for all: facts, words, and its elements by their ids. */

export const data = JSON.parse(document.getElementById("study-data").textContent);
export const words = document.getElementById("words").dataset;
export const at = (id) => document.getElementById(id);
export const video = at("video");

/* The moment that is shown, in whole milliseconds. */
export const position = () => Math.round(video.currentTime * 1000);

/* Play; where the browser wants a hand to start it, the button stays as it is. */
export function play() {
  video.play().catch(() => {});
}

export const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
