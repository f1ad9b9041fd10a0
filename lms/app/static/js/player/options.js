/* Options of a question: shown as letters with texts, and read aloud for those who do not see them. */

const CHINESE = /\p{Script=Han}/u;
const languageOf = (text) => (CHINESE.test(text) ? "zh-CN" : document.documentElement.lang);

/* What a course says stays Chinese on an English page. */
export function write(element, text) {
  element.textContent = text;
  element.lang = languageOf(text);
}

export function showOptions(place, options) {
  place.replaceChildren(...options.map(({ letter, text }) => {
    const label = document.createElement("label");
    label.className = "opt";
    const input = document.createElement("input");
    Object.assign(input, { className: "form-check-input", type: "radio", name: "choice", value: letter });
    const mark = document.createElement("b");
    mark.textContent = letter;
    const said = document.createElement("span");
    write(said, text);
    label.append(input, mark, said);
    return label;
  }));
}

/* Let a button read a question aloud; `asked` returns its heading and its options. */
export function readAloud(button, asked) {
  if (!("speechSynthesis" in window)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    speechSynthesis.cancel();
    const [heading, options] = asked();
    for (const text of [heading, ...options.flatMap((option) => [option.letter, option.text])]) {
      const spoken = new SpeechSynthesisUtterance(text);
      spoken.lang = languageOf(text);
      speechSynthesis.speak(spoken);
    }
  });
}

export function stopReading() {
  window.speechSynthesis?.cancel();
}
