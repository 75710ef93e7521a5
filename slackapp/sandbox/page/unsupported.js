import { h } from './dom.js';

/** What cannot be drawn is named in red: an app's author must see it, so nothing is silently dropped. */
export function unsupported(what, type) {
  return h('div', { class: 'unsupported', role: 'note' }, `Unknown ${what}: `, h('code', {}, String(type)));
}
