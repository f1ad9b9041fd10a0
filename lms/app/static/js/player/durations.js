/* Durations as the pages say them: 12:30 in meters, "12 分 30 秒" in sentences. */

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function meter(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/* `words` holds the texts of the page's language: seconds, whole and minutes. */
export function inWords(seconds, words) {
  const [m, s] = [Math.floor(seconds / 60), seconds % 60];
  if (!m) return fill(words.seconds, { s });
  return s ? fill(words.minutes, { m, s }) : fill(words.whole, { m });
}
