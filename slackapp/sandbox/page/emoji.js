import { h, keepFocusInside, layerOf, place } from './dom.js';
import { session } from './session.js';

const SKIN = /^(.+?)(?:::skin-tone-([2-6]))?$/;
const TONES = { 2: '🏻', 3: '🏼', 4: '🏽', 5: '🏾', 6: '🏿' };

export function emojiText(name) {
  const [, base, tone] = SKIN.exec(name) ?? [];
  const glyph = session.state.emoji[base];
  return glyph ? glyph + (TONES[tone] ?? '') : null;
}

/** The picture of an emoji, or its `:name:` when this workspace has none by that name, as Slack does. */
export function emojiNode(name) {
  const glyph = emojiText(name);
  if (!glyph) return document.createTextNode(`:${name}:`);
  return h(
    'span',
    { class: 'emoji', role: 'img', 'aria-label': `${name.replaceAll('_', ' ')} emoji`, title: `:${name}:` },
    glyph,
  );
}

export function findEmoji(query, limit) {
  const wanted = query.toLowerCase().replaceAll(' ', '_');
  const names = Object.keys(session.state.emoji).filter((name) => name.includes(wanted));
  const rank = (name) => (name.startsWith(wanted) ? 0 : 1);
  return names.sort((a, b) => rank(a) - rank(b) || a.length - b.length || a.localeCompare(b)).slice(0, limit);
}

const MOST_SHOWN = 400;

export function openEmojiPicker(anchor, onPick) {
  const search = h(
    'input',
    { type: 'search', class: 'input', placeholder: 'Search emoji', 'aria-label': 'Search emoji' },
  );
  const grid = h('div', { class: 'emoji-grid' });
  const picker = h('div', { class: 'popup emoji-picker', role: 'dialog', 'aria-label': 'Pick an emoji' }, search, grid);

  function close() {
    document.removeEventListener('pointerdown', onOutside, true);
    picker.remove();
    if (anchor.isConnected) anchor.focus();
  }

  function pick(name) {
    close();
    onPick(name);
  }

  function fill() {
    const all = Object.keys(session.state.emoji);
    const names = search.value ? findEmoji(search.value, MOST_SHOWN) : all.slice(0, MOST_SHOWN);
    const cells = names.map((name) =>
      h(
        'button',
        { class: 'emoji-cell', 'aria-label': name, title: `:${name}:`, onclick: () => pick(name) },
        emojiText(name),
      ));
    grid.replaceChildren(...(cells.length ? cells : [h('p', { class: 'muted' }, 'No emoji by that name.')]));
  }

  function onOutside(event) {
    if (!picker.contains(event.target)) close();
  }

  search.addEventListener('input', fill);
  picker.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Escape') {
      event.preventDefault();
      close();
    } else if (event.key === 'Enter' && event.target === search) {
      event.preventDefault();
      grid.querySelector('button')?.click();
    } else if (event.key.startsWith('Arrow')) moveInGrid(event, grid, search);
    else keepFocusInside(picker, event);
  });
  document.addEventListener('pointerdown', onOutside, true);
  fill();
  layerOf(anchor).append(picker);
  place(picker, anchor, { above: true });
  search.focus();
}

function moveInGrid(event, grid, search) {
  const cells = [...grid.querySelectorAll('button')];
  const at = cells.indexOf(document.activeElement);
  if (at < 0 && event.key !== 'ArrowDown') return;
  const columns = Math.max(1, Math.floor(grid.clientWidth / (cells[0]?.offsetWidth || 36)));
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  event.preventDefault();
  if (at < 0) cells[0]?.focus();
  else if (at + step < 0) search.focus();
  else cells[Math.min(at + step, cells.length - 1)].focus();
}
