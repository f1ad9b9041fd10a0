/* The buttons below the picture, the keys, and what a person chose last. */

import { toggleFullScreen } from "./full-screen.js";
import { at, data, video, words } from "./page.js";

const SKIP_S = 10;
const MEDIA_KEYS = new Set([" ", "ArrowLeft", "ArrowRight", "m", "M", "c", "C"]);
const IS_LETTER = /^[mc]$/i;

/* What a person chose last holds for the next lesson too; a browser that keeps nothing just forgets it. */
function remembered(name) {
  try { return localStorage.getItem(`lms.${name}`); } catch { return null; }
}

function remember(name, value) {
  try { localStorage.setItem(`lms.${name}`, value); } catch { /* then it holds for this page */ }
}

function toggle(film) {
  if (video.paused) film.play();
  else video.pause();
}

function mute() {
  video.muted = !video.muted;
  for (const drawing of at("mute").children) drawing.hidden = (drawing.dataset.when === "muted") !== video.muted;
  at("mute").setAttribute("aria-label", video.muted ? words.unmute : words.mute);
}

/* ---- the light version ---- */

class Rendition {
  #name = "high";
  #film;

  constructor(film) {
    this.#film = film;
    at("quality").addEventListener("click", () => {
      this.#use(this.#name === "low" ? "high" : "low");
      remember("quality", this.#name);
    });
    const wanted = remembered("quality") ?? (navigator.connection?.saveData ? "low" : "high");
    if (wanted === "low") this.#use("low");
  }

  /* The other rendition goes on where this one stopped; what was played up to here is reported first. */
  #use(name) {
    this.#name = name;
    this.#show();
    this.#film.load(name === "low" ? data.low : data.high);
  }

  #show() {
    const button = at("quality");
    button.setAttribute("aria-pressed", String(this.#name === "low"));
    for (const word of button.querySelectorAll("[data-when]")) word.hidden = word.dataset.when !== this.#name;
  }
}

/* ---- captions ---- */

function showCaptions(on) {
  video.textTracks[0].mode = on ? "showing" : "hidden";
  at("captions").setAttribute("aria-pressed", String(on));
}

function toggleCaptions() {
  if (!at("captions")) return;
  const on = at("captions").getAttribute("aria-pressed") !== "true";
  showCaptions(on);
  remember("captions", on ? "on" : "off");
}

/* ---- keys ---- */

/* Keys of headsets, of keyboards and of the system's own player come here too. */
function takeMediaKeys(film, go) {
  if (!("mediaSession" in navigator)) return;
  const keys = {
    play: () => film.play(), pause: () => video.pause(),
    seekbackward: (asked) => go(film.place - (asked.seekOffset ?? SKIP_S)),
    seekforward: (asked) => go(film.place + (asked.seekOffset ?? SKIP_S)),
    seekto: (asked) => go(asked.seekTime ?? 0),
  };
  for (const [key, act] of Object.entries(keys)) {
    try { navigator.mediaSession.setActionHandler(key, act); } catch { /* this browser has no such key */ }
  }
}

function takeKey(event, film, go) {
  if (!MEDIA_KEYS.has(event.key) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  // Letters are spoken to a page by whoever writes by voice: they are meant only for the player that has the focus.
  if (IS_LETTER.test(event.key) && !document.fullscreenElement && !event.target.closest("#player")) return;
  // Keys keep their own meaning on the controls that use them.
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === " " && event.target.closest("button, a, summary")) return;
  event.preventDefault();
  if (event.key === " ") toggle(film);
  else if (event.key === "ArrowLeft") go(film.place - SKIP_S);
  else if (event.key === "ArrowRight") go(film.place + SKIP_S);
  else if (event.key === "c" || event.key === "C") toggleCaptions();
  else mute();
}

/* Let people use them; `go` leads to the second that somebody chose. */
export function takeControls({ film, go }) {
  if (data.low) new Rendition(film);
  if (at("captions")) {
    at("captions").addEventListener("click", toggleCaptions);
    showCaptions(remembered("captions") === "on");
  }
  at("play").addEventListener("click", () => toggle(film));
  at("start").addEventListener("click", () => {
    at("play").focus({ preventScroll: true });
    toggle(film);
  });
  at("back").addEventListener("click", () => go(film.place - SKIP_S));
  at("mute").addEventListener("click", mute);
  at("seek").addEventListener("input", () => go(Number(at("seek").value)));
  at("full").addEventListener("click", toggleFullScreen);
  at("speed")?.addEventListener("change", () => { video.playbackRate = Number(at("speed").value); });
  video.addEventListener("click", () => toggle(film));
  for (const link of document.querySelectorAll("[data-seek]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      go(Number(link.dataset.seek));
      at("player").scrollIntoView({ block: "nearest" });
      film.play();
    });
  }
  takeMediaKeys(film, go);
  document.addEventListener("keydown", (event) => takeKey(event, film, go));
  // Own controls stand below the picture; the browser's would offer speeds that are not counted.
  video.controls = false;
}
