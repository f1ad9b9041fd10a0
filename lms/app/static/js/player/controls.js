/* The buttons below the picture, the keys, and what a person chose last. */

import { toggleFullScreen } from "./full-screen.js";
import { at, data, play, video, words } from "./page.js";

const SKIP_S = 10;
const MEDIA_KEYS = new Set([" ", "ArrowLeft", "ArrowRight", "m", "M", "c", "C"]);

/* What a person chose last holds for the next lesson too; a browser that keeps nothing just forgets it. */
function remembered(name) {
  try { return localStorage.getItem(`lms.${name}`); } catch { return null; }
}

function remember(name, value) {
  try { localStorage.setItem(`lms.${name}`, value); } catch { /* then it holds for this page */ }
}

function toggle() {
  if (video.paused) play();
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
  #beats;
  #mayPlay;

  constructor({ film, beats, mayPlay }) {
    [this.#film, this.#beats, this.#mayPlay] = [film, beats, mayPlay];
    at("quality").addEventListener("click", () => {
      this.#use(this.#name === "low" ? "high" : "low");
      remember("quality", this.#name);
    });
    const wanted = remembered("quality") ?? (navigator.connection?.saveData ? "low" : "high");
    if (wanted === "low") this.#use("low");
  }

  /* The other rendition goes on where this one stopped; what was played up to here is reported first. */
  #use(name) {
    const here = video.readyState ? video.currentTime : data.startMs / 1000;
    const [wasPlaying, rate] = [!video.paused, video.playbackRate];
    this.#beats.close();
    video.pause();
    this.#name = name;
    this.#show();
    video.src = name === "low" ? data.low : data.high;
    video.addEventListener("loadedmetadata", () => {
      video.playbackRate = rate;
      this.#film.seekTo(here);
      if (wasPlaying && this.#mayPlay()) play();
    }, { once: true });
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
function takeMediaKeys(film) {
  if (!("mediaSession" in navigator)) return;
  const keys = {
    play, pause: () => video.pause(),
    seekbackward: (asked) => film.seekTo(video.currentTime - (asked.seekOffset ?? SKIP_S)),
    seekforward: (asked) => film.seekTo(video.currentTime + (asked.seekOffset ?? SKIP_S)),
    seekto: (asked) => film.seekTo(asked.seekTime ?? 0),
  };
  for (const [key, act] of Object.entries(keys)) {
    try { navigator.mediaSession.setActionHandler(key, act); } catch { /* this browser has no such key */ }
  }
}

function takeKey(event, film) {
  if (!MEDIA_KEYS.has(event.key) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  // Keys keep their own meaning on the controls that use them.
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === " " && event.target.closest("button, a, summary")) return;
  event.preventDefault();
  if (event.key === " ") toggle();
  else if (event.key === "ArrowLeft") film.seekTo(video.currentTime - SKIP_S);
  else if (event.key === "ArrowRight") film.seekTo(video.currentTime + SKIP_S);
  else if (event.key === "c" || event.key === "C") toggleCaptions();
  else mute();
}

/* Let people use them; `mayPlay` tells whether no check is open, `chosen` is called when somebody chose a place. */
export function takeControls({ film, beats, mayPlay, chosen }) {
  if (data.low) new Rendition({ film, beats, mayPlay });
  if (at("captions")) {
    at("captions").addEventListener("click", toggleCaptions);
    showCaptions(remembered("captions") === "on");
  }
  at("play").addEventListener("click", toggle);
  at("start").addEventListener("click", () => {
    at("play").focus({ preventScroll: true });
    toggle();
  });
  at("back").addEventListener("click", () => film.seekTo(video.currentTime - SKIP_S));
  at("mute").addEventListener("click", mute);
  at("seek").addEventListener("input", () => {
    chosen();
    film.seekTo(Number(at("seek").value));
  });
  at("full").addEventListener("click", toggleFullScreen);
  at("speed")?.addEventListener("change", () => { video.playbackRate = Number(at("speed").value); });
  video.addEventListener("click", toggle);
  for (const link of document.querySelectorAll("[data-seek]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      film.seekTo(Number(link.dataset.seek));
      at("player").scrollIntoView({ block: "nearest" });
      play();
    });
  }
  takeMediaKeys(film);
  document.addEventListener("keydown", (event) => takeKey(event, film));
  // Own controls stand below the picture; the browser's would offer speeds that are not counted.
  video.controls = false;
}
