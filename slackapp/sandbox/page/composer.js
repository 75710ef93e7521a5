import { offersFor } from './completion.js';
import { h, labelled, place, uid } from './dom.js';
import { openEmojiPicker } from './emoji.js';
import { icon } from './icons.js';
import { menuButton } from './menu.js';
import { app, session } from './session.js';
import { openStep } from './step.js';
import { toast, toastError } from './toast.js';

const drafts = new Map();

const FORMATS = [
  ['bold', 'Bold', '*'],
  ['italic', 'Italic', '_'],
  ['strike', 'Strikethrough', '~'],
  ['code', 'Code', '`'],
];

export class Composer {
  #offers = null;
  #active = 0;
  #popup = null;

  /** `label` is the accessible name; `onEditLast` answers ArrowUp in an empty field. */
  constructor({ label, channel, threadTs = null, broadcastTo = null, onEditLast }) {
    Object.assign(this, { channel, threadTs, onEditLast });
    this.listId = uid('offers');
    this.draftKey = `${channel}:${threadTs}`;
    this.field = h('textarea', {
      class: 'composer-field', rows: '1', 'aria-label': label, placeholder: label,
      'aria-autocomplete': 'list', 'aria-controls': this.listId, 'aria-haspopup': 'listbox',
    });
    this.field.value = drafts.get(this.draftKey) ?? '';
    this.sendButton = h(
      'button',
      { class: 'send', 'aria-label': 'Send now', onclick: () => this.#send() },
      icon('send'),
    );
    this.broadcast = broadcastTo && h('input', { type: 'checkbox' });
    const also = broadcastTo && h('label', { class: 'also-send' }, this.broadcast, ` Also send to ${broadcastTo}`);
    this.node = h('div', { class: 'composer' }, this.#formatBar(), this.field, also, this.#buttonBar());
    this.#listen();
    this.#grow();
  }

  focus() {
    this.field.focus();
  }

  #formatBar() {
    const buttons = FORMATS.map(([picture, label, marker]) =>
      h(
        'button',
        { class: 'icon-button small', 'aria-label': label, title: label, onclick: () => this.#wrap(marker) },
        icon(picture, 16),
      ));
    return h('div', { class: 'format-bar', role: 'toolbar', 'aria-label': 'Formatting' }, buttons);
  }

  #buttonBar() {
    const shortcuts = menuButton(
      'Shortcuts',
      icon('plus'),
      () => this.#shortcutItems(),
      { above: true, class: 'icon-button round', title: 'Shortcuts and workflow steps' },
    );
    const emoji = h(
      'button',
      {
        class: 'icon-button small',
        'aria-label': 'Emoji',
        onclick: () => openEmojiPicker(emoji, (name) => this.#insert(`:${name}: `)),
      },
      icon('smile'),
    );
    const mention = h(
      'button',
      { class: 'icon-button small', 'aria-label': 'Mention someone', onclick: () => this.#insert('@') },
      icon('at'),
    );
    return h(
      'div',
      { class: 'composer-bar' },
      shortcuts,
      emoji,
      mention,
      h('span', { class: 'composer-hint' }, h('b', {}, 'Shift + Enter'), ' for a new line'),
      this.sendButton,
    );
  }

  #shortcutItems() {
    const global = session.state.shortcuts.filter((one) => one.type === 'global').map((one) => ({
      label: one.name, description: one.description || app().name, icon: 'bolt', onSelect: () => this.#runShortcut(one),
    }));
    const steps = session.state.steps.map((one) => ({
      label: `Run step: ${one.title}`,
      description: one.description,
      icon: 'bolt',
      onSelect: () => openStep(one, this.channel),
    }));
    const items = [
      ...(global.length ? [{ heading: `Shortcuts of ${app().name}` }, ...global] : []),
      ...(steps.length ? [{ heading: 'Workflow steps' }, ...steps] : []),
    ];
    return items.length ? items : [{ label: 'No shortcuts yet', onSelect: () => {} }];
  }

  async #runShortcut({ callback_id: callbackId }) {
    await session.api.post('shortcut', { callback_id: callbackId, channel: this.channel }).catch(toastError);
  }

  #listen() {
    this.field.addEventListener('input', () => this.#changed());
    this.field.addEventListener('keydown', (event) => this.#onKey(event));
    this.field.addEventListener('click', () => this.#offer());
    this.field.addEventListener('blur', () => this.#stopOffering());
  }

  #changed() {
    drafts.set(this.draftKey, this.field.value);
    this.#grow();
    this.#offer();
  }

  #grow() {
    this.field.style.height = 'auto';
    this.field.style.height = `${this.field.scrollHeight}px`;
    this.sendButton.disabled = !this.field.value.trim();
  }

  #onKey(event) {
    if (event.isComposing) return;
    if (this.#offers && this.#offerKey(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === 'ArrowUp' && !this.field.value) {
      event.preventDefault();
      this.onEditLast?.();
    }
  }

  // --- sending -------------------------------------------------------------------------------------------------

  async #send() {
    const text = this.field.value.trim();
    if (!text) return;
    if (this.threadTs && text.startsWith('/')) {
      toast(`${text.split(/\s/)[0]} is not supported in threads. Sorry!`, 'error');
      return;
    }
    this.#replaceAll('');
    const inThread = this.threadTs ? { thread_ts: this.threadTs, broadcast: Boolean(this.broadcast?.checked) } : {};
    try {
      await session.api.post('message', { channel: this.channel, text, ...inThread });
      if (this.broadcast) this.broadcast.checked = false;
    } catch (error) {
      if (!this.field.value) this.#replaceAll(text);
      toastError(error);
    }
  }

  #replaceAll(text) {
    this.field.value = text;
    this.#stopOffering();
    drafts.set(this.draftKey, text);
    this.#grow();
  }

  // --- editing -------------------------------------------------------------------------------------------------

  #insert(text) {
    const { selectionStart: start, value } = this.field;
    const gap = text.startsWith('@') && start && !/\s/.test(value[start - 1]) ? ' ' : '';
    this.field.focus();
    this.field.setRangeText(gap + text, start, this.field.selectionEnd, 'end');
    this.#changed();
  }

  #wrap(marker) {
    const { selectionStart: start, selectionEnd: end, value } = this.field;
    this.field.focus();
    this.field.setRangeText(marker + value.slice(start, end) + marker, start, end, 'end');
    if (start === end) this.field.setSelectionRange(start + 1, start + 1);
    this.#changed();
  }

  // --- completion ------------------------------------------------------------------------------------------------

  #offer() {
    const before = this.field.value.slice(0, this.field.selectionStart);
    this.#offers = offersFor(before, { inThread: Boolean(this.threadTs) });
    if (!this.#offers) this.#stopOffering();
    else this.#drawOffers();
  }

  #stopOffering() {
    this.#offers = null;
    this.#popup?.remove();
    this.#popup = null;
    this.field.removeAttribute('aria-activedescendant');
  }

  #drawOffers() {
    this.#popup ??= h('div', { class: 'popup offers', role: 'listbox', id: this.listId });
    this.#popup.setAttribute('aria-label', this.#offers.label);
    this.#popup.replaceChildren(...this.#offers.items.map((item, index) => this.#offerNode(item, index)));
    if (!this.#popup.isConnected) document.body.append(this.#popup);
    this.#highlight(0);
    place(this.#popup, this.node, { above: true, matchWidth: true });
  }

  #offerNode(item, index) {
    const node = h('div', { class: 'option', role: 'option', id: `${this.listId}-${index}` },
      item.picture, labelled(item.title, item.description));
    node.addEventListener('pointerdown', (event) => event.preventDefault());
    node.addEventListener('click', () => this.#accept(item));
    node.addEventListener('pointermove', () => this.#active !== index && this.#highlight(index));
    return node;
  }

  #highlight(index) {
    this.#active = index;
    [...this.#popup.children].forEach((node, at) => {
      node.classList.toggle('active', at === index);
      node.setAttribute('aria-selected', String(at === index));
    });
    this.field.setAttribute('aria-activedescendant', `${this.listId}-${index}`);
    this.#popup.children[index].scrollIntoView({ block: 'nearest' });
  }

  #offerKey(event) {
    const count = this.#offers.items.length;
    if (event.key === 'ArrowDown') this.#highlight((this.#active + 1) % count);
    else if (event.key === 'ArrowUp') this.#highlight((this.#active - 1 + count) % count);
    else if (event.key === 'Escape') this.#stopOffering();
    else if (event.key === 'Tab' || this.#choosesByEnter(event)) this.#accept(this.#offers.items[this.#active]);
    else return false;
    return true;
  }

  #choosesByEnter(event) {
    return event.key === 'Enter' && !event.shiftKey && !this.#typedInFull();
  }

  /** Somebody who typed the whole of an offer means to send, not to choose it. */
  #typedInFull() {
    const typed = this.field.value.slice(this.#offers.from, this.field.selectionStart).toLowerCase();
    const names = this.#offers.items.flatMap(({ insert, aliases = [] }) => [insert, ...aliases]);
    return names.some((name) => name.toLowerCase() === typed);
  }

  #accept(item) {
    const { from } = this.#offers;
    this.field.focus();
    this.field.setRangeText(`${item.insert} `, from, this.field.selectionStart, 'end');
    this.#stopOffering();
    this.#changed();
  }
}
