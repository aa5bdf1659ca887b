"use strict";
// Everything on the page can be read without this script; it adds evidence on demand, filters and keys.
{
  const cards = [...document.querySelectorAll(".card")];
  let pinned = null;

  const clear = (card) => {
    for (const one of card.querySelectorAll(".say.now")) one.classList.remove("now");
    for (const one of card.querySelectorAll(".boxes .on")) one.classList.remove("on");
    const panel = card.querySelector(".panel");
    panel.classList.remove("open");
    panel.querySelector(".found").replaceChildren();
    panel.querySelector(".hint").hidden = false;
  };

  const show = (say) => {
    const card = say.closest(".card");
    for (const other of cards) if (other === card || other.querySelector(".say.now")) clear(other);
    say.classList.add("now");
    const wanted = new Set(say.dataset.regions ? say.dataset.regions.split(" ") : []);
    for (const box of card.querySelectorAll(".boxes g")) box.classList.toggle("on", wanted.has(box.dataset.box));
    const panel = card.querySelector(".panel");
    panel.querySelector(".found").replaceChildren(say.nextElementSibling.content.cloneNode(true));
    panel.querySelector(".hint").hidden = true;
    panel.classList.add("open");
  };

  const release = () => {
    if (pinned) pinned.setAttribute("aria-pressed", "false");
    pinned = null;
  };

  const rest = (card) => {
    clear(card);
    if (pinned) show(pinned);
  };

  const toggle = (say) => {
    const again = pinned === say;
    release();
    if (again) return clear(say.closest(".card"));
    pinned = say;
    say.setAttribute("aria-pressed", "true");
    show(say);
  };

  const phrase = (event) => event.target.closest?.(".card .say");

  document.addEventListener("pointerover", (event) => {
    const say = event.pointerType === "mouse" && phrase(event);
    if (say) show(say);
  });
  document.addEventListener("pointerout", (event) => {
    const say = event.pointerType === "mouse" && phrase(event);
    if (say && say !== pinned && say !== document.activeElement) rest(say.closest(".card"));
  });
  document.addEventListener("focusin", (event) => {
    const say = phrase(event);
    if (say && say.matches(":focus-visible")) show(say);
  });
  document.addEventListener("focusout", (event) => {
    const say = phrase(event);
    if (say && say !== pinned) rest(say.closest(".card"));
  });
  document.addEventListener("click", (event) => {
    const say = phrase(event);
    if (say) return toggle(say);
    if (event.target.closest(".close")) {
      const card = event.target.closest(".card");
      release();
      clear(card);
    }
  });

  // filters
  const tools = document.querySelector(".tools");
  const list = document.querySelector(".cards");
  const told = tools?.querySelector("output");
  const state = { status: "all", sorted: false };
  let current = -1;

  const shown = () => [...list.children].filter((card) => !card.hidden);

  const apply = () => {
    const order = state.sorted ? [...cards].sort((a, b) => b.dataset.contradicted - a.dataset.contradicted) : cards;
    list.append(...order);
    for (const card of cards) card.hidden = state.status !== "all" && card.dataset.status !== state.status;
    told.textContent = `${shown().length} of ${cards.length} shown`;
    for (const button of tools.querySelectorAll("[data-filter]"))
      button.setAttribute("aria-pressed", String(button.dataset.filter === state.status));
    tools.querySelector("[data-sort]")?.setAttribute("aria-pressed", String(state.sorted));
    current = -1;
  };

  const go = (by) => {
    const open = shown();
    if (!open.length) return;
    const at = open.findIndex((card) => card.contains(document.activeElement));
    const from = at >= 0 ? at : current;
    current = Math.min(open.length - 1, Math.max(0, from + by));
    open[current].focus({ preventScroll: true });
    open[current].scrollIntoView({ block: "start" });
  };

  if (tools && list) {
    tools.hidden = false;
    tools.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.filter) state.status = button.dataset.filter;
      if ("sort" in button.dataset) state.sorted = !state.sorted;
      if (button.dataset.go) return go(Number(button.dataset.go));
      apply();
    });
    apply();
  }

  // keys
  const walk = (say, by) => {
    const all = [...say.closest(".card").querySelectorAll(".say")];
    all[all.indexOf(say) + by]?.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const say = phrase(event);
    if (event.key === "Escape") {
      release();
      for (const card of cards) clear(card);
    } else if (say && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      toggle(say);
    } else if (say && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      event.preventDefault();
      walk(say, event.key === "ArrowRight" ? 1 : -1);
    } else if (list && event.key === "j") go(1);
    else if (list && event.key === "k") go(-1);
  });
}
