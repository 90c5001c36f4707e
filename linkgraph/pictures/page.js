// Walking about in the picture. What the CRM wrote comes as data and is only ever shown as text.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const { frame, cards, links } = JSON.parse(byId("drawing").textContent);
  const picture = byId("picture");
  const panel = byId("panel");
  const query = byId("query");
  const paper = matchMedia("print");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const MARGIN = 28; // pixels around everything when it is fitted
  const READABLE = 0.9; // no smaller than this is a card that one was taken to
  const MOST = 4;
  const SLACK = 4; // pixels that a click may move before it is a drag

  // --- what belongs together ------------------------------------------------------------------

  const cardMarks = [];
  for (const mark of picture.querySelectorAll("[data-card]")) {
    cardMarks[mark.dataset.card] = mark;
    const { name, kind, ref } = cards[mark.dataset.card];
    mark.setAttribute("tabindex", "0");
    mark.setAttribute("role", "button");
    mark.setAttribute("aria-label", `${name || "no name"}, ${kind}, ${ref}`);
  }
  const linkMarks = links.map(() => []); // a line, and the signs on it if there are any
  for (const mark of picture.querySelectorAll("[data-link]")) {
    linkMarks[mark.dataset.link].push(mark);
  }
  const linksOf = cards.map(() => []);
  links.forEach(({ ends }, place) => ends.forEach((end) => linksOf[end].push(place)));
  const otherEnd = (link, card) => links[link].ends.find((end) => end !== card);

  // --- the view: which part of the picture is seen, and how large -------------------------------

  let view = { x: 0, y: 0, scale: 1 }; // the upper left corner, and pixels to a unit
  let moving = 0;

  const fitting = () => {
    const { clientWidth, clientHeight } = picture;
    const across = (clientWidth - 2 * MARGIN) / Math.max(frame[0], 1);
    const down = (clientHeight - 2 * MARGIN) / Math.max(frame[1], 1);
    return Math.min(1.25, Math.max(Math.min(across, down), 0.02));
  };

  function show(next) {
    view = next;
    const { clientWidth, clientHeight } = picture;
    const seen = [view.x, view.y, clientWidth / view.scale, clientHeight / view.scale];
    // A printed page shows everything, whatever was seen on the screen.
    picture.setAttribute("viewBox", (paper.matches ? [0, 0, ...frame] : seen).join(" "));
  }

  function glide(goal) {
    cancelAnimationFrame(moving);
    if (still.matches) return show(goal);
    const start = view;
    const began = performance.now();
    const step = (now) => {
      const share = Math.min((now - began) / 220, 1);
      const eased = 1 - (1 - share) ** 3;
      const between = (key) => start[key] + (goal[key] - start[key]) * eased;
      show(share < 1 ? { x: between("x"), y: between("y"), scale: between("scale") } : goal);
      if (share < 1) moving = requestAnimationFrame(step);
    };
    moving = requestAnimationFrame(step);
  }

  function around(x, y, scale) {
    const { clientWidth, clientHeight } = picture;
    return { x: x - clientWidth / scale / 2, y: y - clientHeight / scale / 2, scale };
  }

  const everything = () => around(frame[0] / 2, frame[1] / 2, fitting());

  /** The view at another scale in which what was seen at a pixel is still seen there. */
  function scaled(from, factor, pixelX, pixelY) {
    const scale = Math.min(MOST, Math.max(from.scale * factor, Math.min(fitting(), 1) / 3));
    const x = from.x + pixelX / from.scale - pixelX / scale;
    const y = from.y + pixelY / from.scale - pixelY / scale;
    return { x, y, scale };
  }

  function zoom(factor) {
    glide(scaled(view, factor, picture.clientWidth / 2, picture.clientHeight / 2));
  }

  function centre(card) {
    const { corner, size } = cards[card];
    const scale = Math.max(view.scale, READABLE);
    glide(around(corner[0] + size[0] / 2, corner[1] + size[1] / 2, scale));
  }

  function isSeen(card) {
    const seen = cardMarks[card].getBoundingClientRect();
    const map = picture.getBoundingClientRect();
    return seen.left >= map.left && seen.right <= map.right
      && seen.top >= map.top && seen.bottom <= map.bottom;
  }

  // --- light: search hits or neighbours, all else is dimmed -------------------------------------

  function light(litCards, litLinks) {
    picture.classList.toggle("lit-only", litCards !== null);
    cardMarks.forEach((mark, card) => mark.classList.toggle("lit", !!litCards?.has(card)));
    linkMarks.forEach((marks, link) => {
      for (const mark of marks) mark.classList.toggle("lit", !!litLinks?.has(link));
    });
  }

  function lightNeighbours(on) {
    if (on && query.value) {
      query.value = "";
      search();
    }
    byId("around").setAttribute("aria-pressed", String(on));
    if (!on) return light(null, null);
    const near = linksOf[selected];
    light(new Set([selected, ...near.map((link) => otherEnd(link, selected))]), new Set(near));
  }

  const isAround = () => byId("around").getAttribute("aria-pressed") === "true";

  // --- search -----------------------------------------------------------------------------------

  const folded = (text) => text.normalize("NFKC").toLowerCase().replaceAll("ё", "е");
  const words = cards.map(({ name, ref }) => folded(`${name}\n${ref}`));
  let hits = [];
  let current = -1;

  function mark(place) {
    cardMarks[hits[current]]?.classList.remove("current");
    current = place;
    cardMarks[hits[current]]?.classList.add("current");
    const count = hits.length === 0 ? "no card" : `${hits.length} found`;
    const told = current < 0 ? count : `${current + 1} of ${hits.length}`;
    byId("hits").textContent = query.value.trim() ? told : "";
  }

  function search() {
    const wanted = folded(query.value.trim());
    mark(-1);
    hits = wanted ? [...words.keys()].filter((card) => words[card].includes(wanted)) : [];
    byId("around").setAttribute("aria-pressed", "false");
    light(wanted ? new Set(hits) : null, null);
    mark(-1);
  }

  function walk(step) {
    const seen = hits.filter((card) => !cardMarks[card].classList.contains("off"));
    if (seen.length === 0) return;
    const at = seen.indexOf(hits[current]);
    const next = at < 0 ? (step > 0 ? 0 : seen.length - 1) : at + step;
    mark(hits.indexOf(seen[(next + seen.length) % seen.length]));
    centre(hits[current]);
  }

  // --- the panel --------------------------------------------------------------------------------

  let selected = -1;

  function select(card, { go = false, focus = false } = {}) {
    const stays = isAround();
    unselect();
    selected = card;
    cardMarks[card].classList.add("selected");
    for (const link of linksOf[card]) for (const m of linkMarks[link]) m.classList.add("near");
    describe(cards[card]);
    byId("links").replaceChildren(...rows(card));
    byId("hint").hidden = true;
    byId("card").hidden = false;
    panel.scrollTop = 0;
    if (stays) lightNeighbours(true);
    if (go) centre(card);
    if (focus) byId("name").focus({ preventScroll: true });
  }

  function unselect() {
    cardMarks[selected]?.classList.remove("selected");
    for (const near of picture.querySelectorAll(".near")) near.classList.remove("near");
    if (isAround()) lightNeighbours(false);
    selected = -1;
    byId("card").hidden = true;
    byId("hint").hidden = false;
  }

  function describe({ name, kind, ref, note, hidden, url }) {
    byId("name").textContent = name || "no name";
    byId("what").textContent = `${kind} · ${ref}`;
    byId("state").textContent = note;
    byId("hidden").textContent = hidden ? `${hidden} links to cards not shown` : "";
    byId("open").hidden = !url;
    if (url) byId("open").href = url;
    else byId("open").removeAttribute("href");
  }

  function rows(card) {
    const groups = new Map();
    for (const link of linksOf[card]) {
      const { words: relation } = links[link];
      groups.set(relation, [...(groups.get(relation) ?? []), link]);
    }
    return [...groups].flatMap(([relation, group]) => {
      group.sort((a, b) => links[b].main - links[a].main);
      const list = document.createElement("ul");
      list.append(...group.map((link) => row(link, otherEnd(link, card))));
      return [texted("h3", `${relation} (${group.length})`), list];
    });
  }

  function row(link, card) {
    const { ref, type, name } = cards[card];
    const sign = byId("legend").querySelector(`[data-type="${type}"] + svg`).cloneNode(true);
    const words = texted("span", name || "no name");
    words.append(texted("span", [ref, links[link].told].filter(Boolean).join(" · "), "ref"));
    const button = texted("button", "", "row");
    button.type = "button";
    button.append(sign, words);
    button.addEventListener("click", (event) => {
      select(card, { go: true, focus: event.detail === 0 });
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  }

  function texted(tag, text, kind = "") {
    const element = document.createElement(tag);
    element.textContent = text;
    element.className = kind;
    return element;
  }

  function clear() {
    const card = cardMarks[selected];
    const inPanel = panel.contains(document.activeElement);
    query.value = "";
    search();
    unselect();
    if (inPanel) card?.focus({ preventScroll: true });
  }

  // --- pointers: drag, pinch, wheel, click ------------------------------------------------------

  const pointers = new Map();
  let dragged = false;

  const at = ({ clientX, clientY }) => {
    const { left, top } = picture.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const middle = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const apart = ([a, b]) => Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1);

  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    cancelAnimationFrame(moving);
    if (pointers.size === 0) dragged = false;
    pointers.set(event.pointerId, at(event));
  });

  picture.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    if (!dragged && pointers.size === 1 && apart([before, now]) < SLACK) return;
    dragged = true;
    picture.classList.add("dragging");
    // Captured only now: the click of a captured pointer would not be the card's.
    picture.setPointerCapture(event.pointerId);
    const was = [...pointers.values()];
    pointers.set(event.pointerId, now);
    const is = [...pointers.values()];
    const [from, to] = was.length > 1 ? [middle(was), middle(is)] : [before, now];
    const moved = {
      ...view,
      x: view.x - (to.x - from.x) / view.scale,
      y: view.y - (to.y - from.y) / view.scale,
    };
    show(was.length > 1 ? scaled(moved, apart(is) / apart(was), to.x, to.y) : moved);
  });

  for (const end of ["pointerup", "pointercancel"]) {
    addEventListener(end, (event) => {
      pointers.delete(event.pointerId);
      if (pointers.size === 0) picture.classList.remove("dragging");
    });
  }

  picture.addEventListener("wheel", (event) => {
    event.preventDefault();
    cancelAnimationFrame(moving);
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    // A pinch on a touchpad comes as a wheel with Ctrl, in smaller steps.
    const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015));
    const { x, y } = at(event);
    show(scaled(view, factor, x, y));
  }, { passive: false });

  const cardAt = (event) => Number(event.target.closest?.("[data-card]")?.dataset.card ?? -1);

  picture.addEventListener("click", (event) => {
    const card = cardAt(event);
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // straight to the CRM
    event.preventDefault();
    if (dragged) return;
    if (card >= 0) select(card);
    else unselect();
  });

  picture.addEventListener("dblclick", (event) => {
    if (cardAt(event) >= 0) lightNeighbours(!isAround());
  });

  picture.addEventListener("dragstart", (event) => event.preventDefault());

  // --- keys -------------------------------------------------------------------------------------

  const STEP = 80;
  const KEYS = {
    "/": () => query.select(),
    "+": () => zoom(1.4),
    "=": () => zoom(1.4),
    "-": () => zoom(1 / 1.4),
    "0": () => glide(everything()),
    Escape: clear,
    ArrowLeft: () => show({ ...view, x: view.x - STEP / view.scale }),
    ArrowRight: () => show({ ...view, x: view.x + STEP / view.scale }),
    ArrowUp: () => show({ ...view, y: view.y - STEP / view.scale }),
    ArrowDown: () => show({ ...view, y: view.y + STEP / view.scale }),
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target === query;
    if (event.target.closest?.("#panel") && event.key.startsWith("Arrow")) return; // it scrolls
    if (typing && event.key === "Enter") walk(event.shiftKey ? -1 : 1);
    const card = cardAt(event);
    if (card >= 0 && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      select(card, { focus: true });
    }
    if (!(event.key in KEYS) || (typing && event.key !== "Escape")) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  // Not on the picture itself: what listens to focus there can be tabbed to.
  byId("map").addEventListener("focusin", (event) => {
    if (cardAt(event) >= 0 && event.target.matches(":focus-visible") && !isSeen(cardAt(event))) {
      centre(cardAt(event));
    }
  });

  // --- the rest ---------------------------------------------------------------------------------

  query.addEventListener("input", search);
  byId("closer").addEventListener("click", () => zoom(1.4));
  byId("farther").addEventListener("click", () => zoom(1 / 1.4));
  byId("fit").addEventListener("click", () => glide(everything()));
  byId("close").addEventListener("click", unselect);
  byId("around").addEventListener("click", () => lightNeighbours(!isAround()));

  byId("legend").addEventListener("change", () => {
    const unticked = [...byId("legend").querySelectorAll("input:not(:checked)")];
    const types = new Set(unticked.map((tick) => tick.dataset.type));
    const relations = new Set(unticked.map((tick) => tick.dataset.relation));
    const isOff = cards.map(({ type }) => types.has(type));
    cardMarks.forEach((mark, card) => mark.classList.toggle("off", isOff[card]));
    links.forEach(({ ends, relation }, link) => {
      const off = relations.has(relation) || ends.some((end) => isOff[end]);
      for (const mark of linkMarks[link]) mark.classList.toggle("off", off);
    });
  });

  paper.addEventListener("change", () => show(view));
  new ResizeObserver(() => show(view)).observe(picture);
  show(everything());
})();
