/* Full screen, and leaving it for what the page says outside of the picture. */

import { at, video } from "./page.js";

export function toggleFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (at("player").requestFullscreen) at("player").requestFullscreen();
  else video.webkitEnterFullscreen?.();
}

/* A dialog or a sentence would stand behind the picture. A phone that shows the picture in its own player knows
   nothing of the page's full screen. */
export function leaveFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  if (video.webkitDisplayingFullscreen) video.webkitExitFullscreen();
}

/* Stop the picture, so that what the page has to say is seen. */
export function interrupt() {
  video.pause();
  leaveFullScreen();
}
