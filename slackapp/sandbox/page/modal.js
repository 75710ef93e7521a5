// The person's stack of modals: the top one is shown; each view keeps its form until it leaves the stack.

import { BlockList } from './blocks.js';
import { openDialog } from './dialogs.js';
import { h, present } from './dom.js';
import { Form } from './form.js';
import { appMark } from './icons.js';
import { decode } from './mrkdwn.js';
import { session } from './session.js';
import { surface } from './surface.js';

const TROUBLE = 'We had some trouble connecting. Try again?';
const label = (text, otherwise) => decode(text?.text ?? otherwise);

class ModalView {
  constructor(view, onTrouble) {
    this.view = view;
    this.form = new Form();
    this.form.pin(view.blocks);
    const container = { type: 'view', view_id: view.id };
    this.list = new BlockList(surface('modal', container, this.form, () => this.view.blocks, onTrouble));
    this.list.update(view.blocks);
  }

  update(view) {
    this.view = view;
    this.form.pin(view.blocks);
    this.list.update(view.blocks);
  }
}

export class Modals {
  #views = new Map();
  #shown = null;
  #top = null;
  #sending = false;
  #depth = 0;

  /** Show what the server says the stack is now. */
  sync(stack) {
    this.#depth = stack.length;
    const ids = new Set(stack.map((view) => view.id));
    for (const id of this.#views.keys()) if (!ids.has(id)) this.#views.delete(id);
    for (const view of stack) this.#keep(view);
    if (stack.length) this.#show(this.#views.get(stack.at(-1).id));
    else this.#hide();
  }

  #keep(view) {
    const known = this.#views.get(view.id);
    if (known) known.update(view);
    else this.#views.set(view.id, new ModalView(view, () => this.#trouble(TROUBLE)));
  }

  #show(top) {
    this.#shown ??= this.#open();
    this.#sending = false;
    this.#shown.setTitle(label(top.view.title, ''));
    this.#drawFooter(top.view);
    if (this.#top === top) return;
    this.#top = top;
    this.#trouble('');
    this.body.replaceChildren(this.banner, top.list.node);
    this.body.scrollTop = 0;
    this.#focusFirst(top);
  }

  #open() {
    this.banner = h('p', { class: 'banner error', role: 'alert', hidden: true });
    this.body = h('div', { class: 'dialog-body', onsubmitview: () => this.#submit() });
    this.footer = h('footer', { class: 'dialog-footer' });
    return openDialog({
      title: '', picture: h(
        'span',
        { class: 'avatar', style: { width: '24px', height: '24px' } },
        appMark(24),
      ), className: 'modal',
      body: this.body, footer: this.footer,
      onDismiss: (how) => this.#close(how === 'x'),
    });
  }

  #hide() {
    this.#shown?.close();
    this.#shown = null;
    this.#top = null;
    this.#sending = false;
  }

  #focusFirst({ view, list }) {
    const wanted = view.blocks.flatMap((block) => block.element ?? []).find((element) => element.focus_on_load);
    const root = wanted ? list.node.querySelector(`[data-action-id="${CSS.escape(wanted.action_id)}"]`) : list.node;
    const first = root?.matches('input, textarea') ? root : root?.querySelector('input, textarea');
    (first ?? this.footer.querySelector('button:last-of-type'))?.focus();
  }

  #drawFooter(view) {
    const close = h(
      'button',
      { class: 'btn', onclick: () => this.#close(false) },
      label(view.close, this.#depth > 1 ? 'Back' : 'Close'),
    );
    const submit = view.submit && h(
      'button',
      { class: 'btn primary', 'data-submit': '', onclick: () => this.#submit() },
      label(view.submit),
    );
    const focused = this.footer.contains(document.activeElement);
    this.footer.replaceChildren(...present([close, submit]));
    if (focused) (submit ?? close).focus();
  }

  #setSending(on) {
    this.#sending = on;
    const button = this.footer.querySelector('[data-submit]');
    if (!button) return;
    button.disabled = on;
    if (on) button.setAttribute('aria-busy', 'true');
    else button.removeAttribute('aria-busy');
  }

  #trouble(text) {
    this.banner.textContent = text;
    this.banner.hidden = !text;
  }

  async #submit() {
    const { view, form, list } = this.#top;
    if (this.#sending || !view.submit) return;
    this.#trouble('');
    const mistakes = form.errors(view.blocks);
    list.showErrors(mistakes);
    if (Object.keys(mistakes).length) return;
    this.#setSending(true);
    try {
      const answer = await session.api.post('submit', { view_id: view.id, values: form.values(view.blocks) });
      if (answer.errors) this.#refused(list, answer.errors);
    } catch {
      this.#setSending(false);
      this.#trouble(TROUBLE);
    }
  }

  #refused(list, errors) {
    this.#setSending(false);
    list.showErrors(errors);
  }

  async #close(clear) {
    const view = this.#top?.view;
    if (!view) return;
    try {
      await session.api.post('close', { view_id: view.id, clear });
    } catch {
      this.#trouble(TROUBLE);
    }
  }
}
