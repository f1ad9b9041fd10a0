/* The two places that speak of saving: the pill in the top bar, and the notice above the question. */

const saveState = document.getElementById("save-state");
const trouble = document.getElementById("trouble");

const drawn = (kind, name) => document.querySelector(`template[data-${kind}="${name}"]`).content
  .firstElementChild.cloneNode(true);

export function pill(name, text) {
  const fresh = drawn("pill", name);
  fresh.append(text);
  // The same again, at each letter that is typed, is nothing to announce.
  if (!saveState.firstElementChild?.isEqualNode(fresh)) saveState.replaceChildren(fresh);
}

/* `way` is {word, url}: where the candidate goes on. */
export function notice(name, text, way) {
  const fresh = drawn("notice", name);
  fresh.querySelector("p").textContent = text;
  const link = fresh.querySelector("[data-way]");
  if (link && way) {
    link.textContent = way.word;
    link.href = way.url;
  }
  trouble.replaceChildren(fresh);
  trouble.dataset.name = name;
  trouble.hidden = false;
}

/* Take away what was said by the notice of this name; another one stays. */
export function clearNotice(name) {
  if (trouble.dataset.name !== name) return;
  trouble.hidden = true;
  trouble.replaceChildren();
}
