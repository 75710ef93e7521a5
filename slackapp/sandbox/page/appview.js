// The app's Home and About tabs.

import { avatar } from './avatar.js';
import { BlockList } from './blocks.js';
import { h } from './dom.js';
import { Form } from './form.js';
import { app, session } from './session.js';
import { surface } from './surface.js';

/** The Home tab; its form lives as long as the page, so a published update keeps what was typed. */
export class HomeTab {
  #view = null;

  constructor() {
    this.empty = h('p', { class: 'home-empty muted', role: 'status' }, 'This Home tab has nothing on it yet.');
    const container = { type: 'view' };
    this.form = new Form();
    this.list = new BlockList(surface('home', container, this.form, () => this.#view?.blocks ?? []));
    this.container = container;
    this.node = h(
      'div',
      { class: 'home', role: 'tabpanel', 'aria-label': `Home of ${app().name}`, tabindex: '-1' },
      this.empty,
      this.list.node,
    );
    this.show(session.state.home);
  }

  show(view) {
    this.#view = view;
    this.container.view_id = view?.id;
    this.form.pin(view?.blocks ?? []);
    this.empty.hidden = Boolean(view);
    this.list.update(view?.blocks ?? []);
  }
}

const entry = (name, hint, text) => h(
  'li',
  {},
  h('b', {}, name),
  hint && h('span', { class: 'muted' }, ` ${hint}`),
  text && h('p', { class: 'muted' }, text),
);

export function aboutTab() {
  const { commands, shortcuts, steps } = session.state;
  const kinds = { global: 'from the + in the composer', message: 'from a message’s More actions' };
  const list = (title, items) => items.length ? [
    h('h3', {}, title),
    h('ul', { class: 'about-list', role: 'list' }, items),
  ] : null;
  return h('div', { class: 'about', role: 'tabpanel', 'aria-label': `About ${app().name}` },
    h(
      'div',
      { class: 'about-head' },
      avatar(app().bot_user_id, 72),
      h('div', {}, h('h2', {}, app().name), h('p', {}, app().description)),
    ),
    list('Commands', commands.map((one) => entry(one.command, one.usage_hint, one.description))),
    list('Shortcuts', shortcuts.map((one) => entry(one.name, kinds[one.type], one.description))),
    list('Workflow steps', steps.map((one) => entry(one.title, null, one.description))));
}
