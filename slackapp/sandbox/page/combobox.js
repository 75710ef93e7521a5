// One searchable chooser for every select of Block Kit: single or multiple, flat or grouped.

import { h, labelled, layerOf, place, uid } from './dom.js';
import { icon } from './icons.js';

const flat = (groups) => groups.flatMap((group) => group.options);
const matches = (option, query) => `${option.text} ${option.keywords ?? ''}`.toLowerCase().includes(query);

/**
 * `groups`: [{label?, options: [{key, text, description?, picture?, keywords?}]}]; `chosen`: keys.
 * `onChange(keys)` hears every change. Returns {node, input, setChosen}.
 */
export function combobox({ groups, chosen, multiple, placeholder, max, clearable, onChange, attributes = {} }) {
  const listId = uid('options');
  let keys = [...chosen];
  let popup = null;
  let shown = [];
  let active = -1;

  const input = h('input', {
    type: 'text', class: 'combo-input', role: 'combobox', autocomplete: 'off', spellcheck: 'false',
    'aria-expanded': 'false', 'aria-controls': listId, 'aria-autocomplete': 'list', ...attributes,
  });
  const chips = h('span', { class: 'chips' });
  const clear = h(
    'button',
    { class: 'icon-button combo-clear', 'aria-label': 'Clear selection', onclick: () => choose([]) },
    icon('close', 14),
  );
  const node = h(
    'div',
    { class: multiple ? 'combo multiple' : 'combo' },
    chips,
    input,
    clearable && clear,
    icon('down', 16),
  );

  const optionOf = (key) => flat(groups).find((option) => option.key === key);

  function drawChosen() {
    const labels = keys.map((key) => optionOf(key)?.text ?? key);
    if (multiple) chips.replaceChildren(...keys.map((key, index) => chip(key, labels[index])));
    else input.value = labels[0] ?? '';
    input.placeholder = multiple && keys.length ? '' : placeholder;
    clear.hidden = !keys.length;
  }

  function chip(key, label) {
    const remove = h(
      'button',
      { 'aria-label': `Remove ${label}`, onclick: () => { choose(keys.filter((one) => one !== key)); input.focus(); } },
      icon('close', 12),
    );
    return h('span', { class: 'chip' }, label, remove);
  }

  function choose(next) {
    keys = next;
    drawChosen();
    if (popup) draw();
    onChange([...keys]);
  }

  function pick(option) {
    if (!multiple) {
      shut();
      choose([option.key]);
      return;
    }
    input.value = '';
    if (keys.includes(option.key)) choose(keys.filter((key) => key !== option.key));
    else if (!max || keys.length < max) choose([...keys, option.key]);
    draw();
  }

  const query = () => {
    const text = input.value.trim().toLowerCase();
    const untouched = !multiple && keys.length && text === (optionOf(keys[0])?.text ?? '').toLowerCase();
    return untouched ? '' : text;
  };

  function optionNode(option, index) {
    const selected = String(keys.includes(option.key));
    const attributes = { class: 'option', role: 'option', id: `${listId}-${index}`, 'aria-selected': selected };
    const node = h('div', attributes, option.picture?.(), labelled(option.text, option.description));
    // The press must not take the focus out of the text field.
    node.addEventListener('pointerdown', (event) => event.preventDefault());
    node.addEventListener('click', () => pick(option));
    node.addEventListener('pointermove', () => active !== index && highlight(index, false));
    return node;
  }

  function draw() {
    shown = [];
    const children = groups.flatMap((group) => {
      const options = group.options.filter((option) => matches(option, query()));
      const nodes = options.map((option) => optionNode(option, shown.push(option) - 1));
      return nodes.length && group.label ? [
        h('div', { class: 'menu-heading', role: 'presentation' }, group.label),
        ...nodes,
      ] : nodes;
    });
    popup.replaceChildren(...(children.length ? children : [h('div', { class: 'muted option-none' }, 'No results')]));
    const current = shown.findIndex((option) => keys.includes(option.key));
    highlight(query() || multiple ? Math.min(Math.max(active, 0), shown.length - 1) : current);
    place(popup, node, { matchWidth: true });
  }

  function highlight(index, scroll = true) {
    active = index;
    popup.querySelectorAll('.option').forEach((option, at) => option.classList.toggle('active', at === index));
    const option = popup.querySelector('.option.active');
    if (scroll) option?.scrollIntoView({ block: 'nearest' });
    if (option) input.setAttribute('aria-activedescendant', option.id);
    else input.removeAttribute('aria-activedescendant');
  }

  function open() {
    if (popup) return;
    popup = h(
      'div',
      { class: 'popup options', role: 'listbox', id: listId, 'aria-label': attributes['aria-label'] ?? placeholder },
    );
    layerOf(node).append(popup);
    input.setAttribute('aria-expanded', 'true');
    draw();
  }

  function shut() {
    popup?.remove();
    popup = null;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    if (multiple) input.value = '';
    else drawChosen();
  }

  const KEYS = {
    ArrowDown: () => (popup ? highlight(Math.min(active + 1, shown.length - 1)) : open()),
    ArrowUp: () => (popup ? highlight(Math.max(active - 1, 0)) : open()),
    Enter: () => {
      if (!popup) open();
      else if (shown[active]) pick(shown[active]);
    },
  };

  input.addEventListener('keydown', (event) => {
    if (event.key in KEYS) {
      event.preventDefault();
      event.stopPropagation();
      KEYS[event.key]();
    } else if (event.key === 'Escape' && popup) {
      event.preventDefault();
      event.stopPropagation();
      shut();
    } else if (event.key === 'Backspace' && multiple && !input.value && keys.length) choose(keys.slice(0, -1));
  });
  input.addEventListener('input', () => {
    active = 0;
    if (popup) draw();
    else open();
  });
  input.addEventListener('click', () => { open(); input.select(); });
  input.addEventListener('blur', shut);
  node.addEventListener('pointerdown', (event) => {
    if (event.target === input || event.target.closest('button')) return;
    event.preventDefault();
    input.focus();
    open();
  });

  drawChosen();
  return { node, input, setChosen: (next) => { keys = [...next]; drawChosen(); } };
}
