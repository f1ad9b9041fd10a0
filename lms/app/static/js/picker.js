/* A long list of tick boxes in folded groups: a filter by words, and counts that stay true.

   <fieldset data-picker> holds <input data-filter>, <span data-found data-words="… {n} …">,
   <details data-group> with its labels, and <span data-count data-words="… {n} … {all} …"> for a
   group or for all. A filter only hides: what is ticked stays ticked and is sent. */

const said = (element, values) => element.dataset.words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function count(holder, shown) {
  const boxes = [...holder.querySelectorAll("input[type=checkbox]")];
  shown.textContent = said(shown, { n: boxes.filter((box) => box.checked).length, all: boxes.length });
}

function countAll(picker) {
  count(picker, picker.querySelector("legend [data-count]"));
  for (const group of picker.querySelectorAll("[data-group]")) count(group, group.querySelector("[data-count]"));
}

function filter(picker, groupsBefore) {
  const words = picker.querySelector("[data-filter]").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const group of picker.querySelectorAll("[data-group]")) {
    let here = 0;
    for (const label of group.querySelectorAll("label")) {
      const text = label.textContent.toLowerCase();
      label.hidden = !words.every((word) => text.includes(word));
      if (!label.hidden) here += 1;
    }
    group.hidden = here === 0;
    group.open = words.length ? here > 0 : groupsBefore.get(group);
    found += here;
  }
  const told = picker.querySelector("[data-found]");
  told.textContent = words.length ? said(told, { n: found }) : "";
}

for (const picker of document.querySelectorAll("[data-picker]")) {
  const groupsBefore = new Map([...picker.querySelectorAll("[data-group]")].map((group) => [group, group.open]));
  const field = picker.querySelector("[data-filter]");
  field.addEventListener("input", () => filter(picker, groupsBefore));
  // Enter means "find", not "save the whole form".
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  picker.addEventListener("change", () => countAll(picker));
}
