"use strict";
(() => {
  const form = document.querySelector(".filter");
  const all = (selector) => [...document.querySelectorAll(selector)];
  const folds = all("article > details, section.text > details, .fold details");

  // Paper can't be opened.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = folds.filter((each) => !each.open);
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });

  let clear = () => {};
  if (form) {
    const cards = all(".changes > article").map((element) => ({ element, text: null }));
    const said = form.querySelector("output");
    const none = document.querySelector(".nothing-found");
    const selects = [...form.querySelectorAll("select")];
    const textOf = (card) => (card.text ??= card.element.textContent.toLowerCase());

    const filter = () => {
      const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = selects.filter((each) => each.value);
      let shown = 0;
      for (const card of cards) {
        const data = card.element.dataset;
        const fits =
          wanted.every((each) => data[each.name].split(" ").includes(each.value)) &&
          words.every((word) => textOf(card).includes(word));
        if (card.element.hidden === fits) card.element.hidden = !fits;
        shown += fits;
      }
      said.textContent = `${shown} of ${cards.length} shown`;
      none.hidden = shown > 0;
    };

    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    clear = () => {
      form.reset();
      filter();
    };
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") clear();
    });
    form.elements.clear.addEventListener("click", clear);
    for (const [name, open] of [["open", true], ["close", false]]) {
      form.elements[name].addEventListener("click", () => {
        for (const { element } of cards) element.querySelector("details").open = open;
      });
    }
    form.hidden = false;
    filter();
  }

  // A link to a change leads there even when the filter hides its card; most browsers open a closed
  // one by themselves.
  const reveal = () => {
    let anchor;
    try {
      anchor = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const target = anchor && document.getElementById(anchor);
    const card = target && target.closest("article");
    if (!card) return;
    if (card.hidden) clear();
    card.querySelector("details").open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
