// Every node on the page is made here: text is always a text node, so nothing that people write becomes markup.

let lastId = 0;

export function uid(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

function setProp(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
  else if (name === 'style') Object.assign(node.style, value);
  else if (name === 'value' || name === 'checked') node[name] = value;
  else node.setAttribute(name, value === true ? '' : value);
}

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  if (tag === 'button') node.type = 'button';
  for (const [name, value] of Object.entries(props ?? {})) setProp(node, name, value);
  node.append(...present(children));
  return node;
}

/** What a choice is called, and the smaller words under it. */
export function labelled(label, description) {
  const more = description && h('span', { class: 'menu-description' }, description);
  return h('span', { class: 'menu-text' }, h('span', {}, label), more);
}

export function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Make `nodes` the children of `parent` without touching those already in place, so focus and scroll survive. */
export function reconcile(parent, nodes) {
  const staying = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!staying.has(child)) child.remove();
  let current = parent.firstChild;
  for (const node of nodes) {
    if (node === current) current = current.nextSibling;
    else parent.insertBefore(node, current);
  }
}

const FOCUSABLE = 'a[href], :is(button, input, select, textarea):enabled, [tabindex="0"]';

function focusables(root) {
  return [...root.querySelectorAll(FOCUSABLE)].filter((node) => node.tabIndex >= 0 && node.checkVisibility());
}

/** Tab at the last stop goes to the first one, so that focus never leaves an open dialog for the browser's own bars. */
export function keepFocusInside(root, event) {
  if (event.key !== 'Tab') return;
  const stops = focusables(root);
  if (!stops.length) return;
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge && root.contains(document.activeElement)) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

/** The layer on which a pop-up of `anchor` must live to be seen and reached: its dialog, or the page. */
export function layerOf(anchor) {
  return anchor.closest('dialog') ?? document.body;
}

/** Put a fixed pop-up beside its anchor, inside the window. */
export function place(popup, anchor, { above = false, matchWidth = false } = {}) {
  const box = anchor.getBoundingClientRect();
  const gap = 4;
  if (matchWidth) popup.style.width = `${Math.max(box.width, 200)}px`;
  const height = Math.min(popup.offsetHeight, window.innerHeight - 16);
  const roomBelow = window.innerHeight - box.bottom - gap;
  const roomAbove = box.top - gap;
  const goAbove = above ? roomAbove >= height || roomAbove > roomBelow : roomBelow < height && roomAbove > roomBelow;
  const top = goAbove ? box.top - gap - height : box.bottom + gap;
  const left = Math.min(box.left, window.innerWidth - popup.offsetWidth - 8);
  popup.style.top = `${Math.max(8, Math.min(top, window.innerHeight - height - 8))}px`;
  popup.style.left = `${Math.max(8, left)}px`;
}

let politeRegion;

/** Say something to screen readers without showing it. */
export function announce(text) {
  if (!politeRegion) {
    politeRegion = h('div', { class: 'visually-hidden', 'aria-live': 'polite', 'data-live': '' });
    document.body.append(politeRegion);
  }
  politeRegion.replaceChildren(h('p', {}, text));
}
