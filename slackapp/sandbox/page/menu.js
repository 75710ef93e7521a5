import { h, labelled, layerOf, place } from './dom.js';
import { icon } from './icons.js';

let closeOpenMenu = () => {};

function itemNode(item, choose) {
  if (item.heading) return h('div', { class: 'menu-heading', role: 'presentation' }, item.heading);
  if (item.divider) return h('hr', { class: 'menu-divider' });
  const role = item.checked === undefined ? 'menuitem' : 'menuitemradio';
  return h('button', {
    role,
    tabindex: '-1',
    onpointerenter: (event) => event.currentTarget.focus(),
    class: item.danger ? 'menu-item danger' : 'menu-item',
    'aria-checked': item.checked === undefined ? undefined : String(item.checked), onclick: () => choose(item),
  },
  item.picture ?? (item.icon && icon(item.icon)),
  labelled(item.label, item.description));
}

function moveFocus(menu, key) {
  const items = [...menu.querySelectorAll('[role^=menuitem]')];
  const at = items.indexOf(document.activeElement);
  const next = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  }[key];
  items[next]?.focus();
  return next !== undefined;
}

function focusByLetter(menu, letter) {
  const items = [...menu.querySelectorAll('[role^=menuitem]')];
  const at = items.indexOf(document.activeElement);
  const order = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  order.find((item) => item.textContent.trim().toLowerCase().startsWith(letter.toLowerCase()))?.focus();
}

/** A menu at `anchor`: arrows move, Enter chooses, Escape gives the focus back. */
export function openMenu(anchor, items, { label, above = false } = {}) {
  closeOpenMenu();
  const menu = h('div', { class: 'popup menu', role: 'menu', 'aria-label': label });

  function close(giveBack = true) {
    document.removeEventListener('pointerdown', onOutside, true);
    menu.remove();
    anchor.setAttribute('aria-expanded', 'false');
    closeOpenMenu = () => {};
    if (giveBack && anchor.isConnected) anchor.focus();
  }

  function choose(item) {
    close();
    item.onSelect();
  }

  function onOutside(event) {
    if (menu.contains(event.target)) return;
    close(false);
    // The same press must not open the menu again from its own button.
    const swallow = (click) => click.stopImmediatePropagation();
    if (anchor.contains(event.target)) anchor.addEventListener('click', swallow, { capture: true, once: true });
  }

  menu.append(...items.map((item) => itemNode(item, choose)));
  menu.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Escape' || event.key === 'Tab') close();
    else if (moveFocus(menu, event.key)) event.preventDefault();
    else if (event.key.length === 1 && event.key !== ' ') focusByLetter(menu, event.key);
    if (event.key === 'Escape') event.preventDefault();
  });
  document.addEventListener('pointerdown', onOutside, true);
  layerOf(anchor).append(menu);
  anchor.setAttribute('aria-expanded', 'true');
  place(menu, anchor, { above });
  closeOpenMenu = () => close(false);
  (menu.querySelector('[aria-checked=true]') ?? menu.querySelector('[role^=menuitem]'))?.focus();
}

export function menuButton(label, content, items, options = {}) {
  const button = h(
    'button',
    {
      class: options.class ?? 'icon-button',
      'aria-label': label,
      title: options.title,
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
    },
    content,
  );
  button.addEventListener(
    'click',
    () => openMenu(button, items(), { label: options.menuLabel ?? label, above: options.above }),
  );
  return button;
}
