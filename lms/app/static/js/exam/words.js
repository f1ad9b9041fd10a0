/* The words of the exam page, as the server wrote them in the reader's language, and how values are put into them. */

export const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

export function wordsOf(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

export function clockTime(milliseconds) {
  return new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
  }).format(milliseconds);
}

export const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
