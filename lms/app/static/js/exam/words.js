/* The words of the exam page, as the server wrote them in the reader's language, and how values are put into them. */

export const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

export function wordsOf(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

const ZONE = "Asia/Shanghai";

export function clockTime(milliseconds) {
  // h23: a browser may call midnight 24:00 otherwise, and the server writes 00:00.
  return new Intl.DateTimeFormat("zh-CN", {
    timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).format(milliseconds);
}

const calendar = new Intl.DateTimeFormat("en-US", {
  timeZone: ZONE, year: "numeric", month: "numeric", day: "numeric",
});

/* The time of day, after its day when that is another than the one of `now`: as the server's `time_cn` writes it.
   `words` holds the server's patterns: `day`, `year_day` where the year differs too, and `day_time`. */
export function timeFrom(now, milliseconds, words) {
  const [today, date] = [now, milliseconds].map((one) => calendar.format(one));
  const time = clockTime(milliseconds);
  if (today === date) return time;
  const [, day, year] = date.split("/");
  const language = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en-US";
  const month = new Intl.DateTimeFormat(language, { timeZone: ZONE, month: "short" }).format(milliseconds);
  const pattern = today.endsWith(`/${year}`) ? words.day : words.year_day;
  return say(words.day_time, { day: say(pattern, { year, month, day }), time });
}

const two = (number) => String(number).padStart(2, "0");

/* Remaining time, as the server's `meter` writes it: 75:00, 5:09, 0:45. */
export const meter = (seconds) => `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;

/* What is left until an opening, as the server's `countdown` writes it: 5:09:07, and below an hour as above. */
export function countdown(seconds) {
  const hours = Math.floor(seconds / 3600);
  return hours ? `${hours}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}` : meter(seconds);
}

export const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
