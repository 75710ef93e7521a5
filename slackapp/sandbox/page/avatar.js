import { h } from './dom.js';
import { appMark } from './icons.js';
import { isApp, nameOf, session, user } from './session.js';

function initials(name) {
  const words = name.split(/[\s.]+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0] ?? '?'];
  return letters.map((word) => [...word][0]).join('').toUpperCase();
}

const PALETTE = [
  'b5446e', '2f6690', '3a7d44', '8d5a97', 'b85c14', '2a7f86',
  '6b705c', 'a4243b', '4f5bb5', '87703a', '9c3d8f', '52796f',
];

/** Neighbours in the workspace differ, which Slack's own few profile colours do not promise. */
function colorOf(id) {
  const at = session.state.people.indexOf(id);
  const sum = [...id].reduce((total, char) => total + char.codePointAt(0), 0);
  return `#${PALETTE[(at < 0 ? sum : at) % PALETTE.length]}`;
}

export function avatar(id, size = 36) {
  const box = {
    class: 'avatar',
    'aria-hidden': 'true',
    style: { width: `${size}px`, height: `${size}px`, fontSize: `${size * 0.4}px` },
  };
  if (isApp(id)) return h('span', box, appMark(size));
  const person = user(id) ?? { id: id ?? '?', name: '?' };
  const node = h('span', box, initials(nameOf(person)));
  node.style.background = colorOf(person.id);
  return node;
}
