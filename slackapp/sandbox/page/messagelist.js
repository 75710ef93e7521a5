// The messages of a channel or of a thread.

import { attachmentsOf } from './attachments.js';
import { BlockList } from './blocks.js';
import { avatar } from './avatar.js';
import { clockTime, dayKey, dayLabel } from './dates.js';
import { confirmFirst } from './dialogs.js';
import { h, present, reconcile } from './dom.js';
import { emojiNode, emojiText, openEmojiPicker } from './emoji.js';
import { Form } from './form.js';
import { icon } from './icons.js';
import { openMenu } from './menu.js';
import { authorOf, editable, editedMark, follows, header, textOf } from './message.js';
import { app, me, session, userName } from './session.js';
import { surface } from './surface.js';
import { toast, toastError } from './toast.js';

const QUICK_REACTIONS = ['white_check_mark', 'raised_hands', 'eyes'];
const plain = (text) => ({ type: 'plain_text', text });
const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;
const linkButton = (text, onclick) => h('button', { class: 'link-button', onclick }, text);

export class MessageList {
  #messages = new Map();
  #items = new Map();
  #dividers = new Map();
  #toolbar = null;

  /** `channel` is the channel's id, `threadTs` the root's ts in a thread, `onThread(ts)` opens one. */
  constructor({ channel, threadTs = null, label, onThread }) {
    this.channel = channel;
    this.threadTs = threadTs;
    this.onThread = onThread;
    this.list = h('ol', { class: 'messages', role: 'list', 'aria-label': label });
    this.node = h('div', { class: 'scroller' }, this.list);
    this.list.addEventListener('pointerover', (event) => this.#attachToolbar(event.target.closest('.message')));
    this.list.addEventListener('focusin', (event) => this.#attachToolbar(event.target.closest('.message')));
    this.list.addEventListener('keydown', (event) => this.#moveByKey(event));
  }

  fill(messages) {
    this.#messages = new Map(messages.map((message) => [message.ts, message]));
    this.#draw();
    this.scrollToEnd();
  }

  upsert(message) {
    const stick = this.#atEnd();
    this.#messages.set(message.ts, message);
    this.#draw();
    if (stick || message.user === me()) this.scrollToEnd();
  }

  remove(ts) {
    const hadFocus = this.#items.get(ts)?.node.contains(document.activeElement);
    this.#messages.delete(ts);
    this.#items.delete(ts);
    this.#draw();
    if (hadFocus) this.#rows().at(-1)?.focus();
  }

  redraw() {
    this.#items.clear();
    this.#dividers.clear();
    this.#draw();
  }

  scrollToEnd() {
    this.node.scrollTop = this.node.scrollHeight;
  }

  editLast() {
    const mine = this.#sorted().filter((message) => message.user === me() && !message.is_ephemeral);
    if (mine.length) this.#edit(mine.at(-1));
  }

  /** Bring one message into view and mark it for a moment; where a permalink leads. */
  reveal(ts) {
    const node = this.#items.get(ts)?.node;
    if (!node?.isConnected) return;
    node.scrollIntoView({ block: 'center' });
    node.classList.add('revealed');
    node.focus({ preventScroll: true });
  }

  #atEnd() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 120;
  }

  #sorted() {
    return [...this.#messages.values()].sort((a, b) => Number(a.ts) - Number(b.ts));
  }

  // --- drawing -------------------------------------------------------------------------------------------------

  #draw() {
    const nodes = [];
    let before = null;
    for (const message of this.#sorted()) {
      const newDay = !before || dayKey(before.ts) !== dayKey(message.ts);
      if (newDay && !this.threadTs) nodes.push(this.#divider(message.ts));
      const node = this.#item(message);
      node.classList.toggle('compact', !newDay && follows(before, message));
      nodes.push(node);
      if (this.threadTs === message.ts) nodes.push(this.#replyDivider());
      before = message;
    }
    reconcile(this.list, nodes);
    this.#setTabStop();
  }

  #divider(ts) {
    const key = dayKey(ts);
    const text = dayLabel(ts);
    if (this.#dividers.get(key)?.textContent !== text) {
      this.#dividers.set(key, h('li', { class: 'day' }, h('span', {}, text)));
    }
    return this.#dividers.get(key);
  }

  #replyDivider() {
    const count = this.#messages.size - 1;
    const text = count > 0 ? counted(count, 'reply', 'replies') : 'No replies yet';
    return h('li', { class: 'day replies' }, h('span', {}, text));
  }

  #item(message) {
    const json = JSON.stringify(message);
    const known = this.#items.get(message.ts);
    if (known?.json === json) return known.node;
    const item = known ?? this.#newItem(message.ts);
    item.json = json;
    item.message = message;
    this.#fillItem(item);
    return item.node;
  }

  #newItem(ts) {
    const item = {
      form: new Form(),
      node: h('li', { class: 'message', 'data-ts': ts, tabindex: '-1' }),
      body: h('div', { class: 'message-body' }),
    };
    const container = { type: 'message', channel: this.channel, ts };
    item.blocks = new BlockList(surface('message', container, item.form, () => item.message.blocks ?? []));
    this.#items.set(ts, item);
    return item;
  }

  /** The node and its blocks stay in place, so that whoever is in the middle of them keeps the focus. */
  #fillItem({ node, body, message, blocks, form }) {
    const focusedReaction = node.contains(document.activeElement) && document.activeElement.dataset.reaction;
    node.classList.toggle('ephemeral', Boolean(message.is_ephemeral));
    form.pin(message.blocks ?? []);
    if (message.blocks?.length) blocks.update(message.blocks);
    const content = message.blocks?.length ? [blocks.node, message.edited && editedMark()] : textOf(message);
    reconcile(body, present([
      message.is_ephemeral && this.#onlyYou(message),
      header(message),
      this.#broadcastNote(message),
      content,
      attachmentsOf(message, blocks.surface),
      this.#reactions(message),
      this.#threadSummary(message),
    ]));
    const gutter = h(
      'div',
      { class: 'gutter' },
      avatar(authorOf(message), 36),
      h('time', { class: 'gutter-time', 'aria-hidden': 'true' }, clockTime(message.ts).replace(/ [AP]M/, '')),
    );
    reconcile(node, present([gutter, body, node.contains(this.#toolbar) && this.#toolbar]));
    if (focusedReaction) (node.querySelector(`[data-reaction="${CSS.escape(focusedReaction)}"]`) ?? node).focus();
  }

  #onlyYou(message) {
    const dismiss = linkButton('Dismiss', () => this.#discard(message));
    return h('p', { class: 'only-you' }, icon('eye', 14), 'Only visible to you · ', dismiss);
  }

  #broadcastNote(message) {
    if (this.threadTs || message.subtype !== 'thread_broadcast') return null;
    const open = linkButton('a thread', () => this.onThread(message.thread_ts));
    return h('p', { class: 'broadcast-note' }, 'replied to ', open);
  }

  #reactions(message) {
    if (!message.reactions?.length) return null;
    const pills = message.reactions.map((reaction) => this.#pill(message, reaction));
    const add = h(
      'button',
      {
        class: 'pill add',
        'aria-label': 'Add reaction',
        onclick: () => openEmojiPicker(add, (name) => this.#react(message, name, true)),
      },
      icon('addSmile', 16),
    );
    return h('div', { class: 'reactions' }, pills, add);
  }

  #pill(message, { name, count, users = [] }) {
    const mine = users.includes(me());
    const who = users.map((id) => (id === me() ? 'you' : userName(id))).join(', ');
    return h('button', {
      class: 'pill',
      'aria-pressed': String(mine),
      'data-reaction': name,
      title: `${who} reacted with :${name}:`,
      'aria-label': `${counted(count, 'reaction', 'reactions')}, ${name}, by ${who}`,
      onclick: () => this.#react(message, name, !mine),
    }, emojiNode(name), h('span', {}, String(count)));
  }

  #threadSummary(message) {
    if (!message.reply_count || this.threadTs) return null;
    const repliers = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(id, 22));
    return h(
      'button',
      { class: 'thread-summary', onclick: () => this.onThread(message.ts) },
      repliers,
      h('span', { class: 'link' }, counted(message.reply_count, 'reply', 'replies')),
      h('span', { class: 'muted' }, 'View thread'),
    );
  }

  // --- the toolbar: one for the whole list, on the message under the pointer or the keyboard ---------------------

  #attachToolbar(node) {
    if (!node || this.#toolbar?.parentNode === node || node.classList.contains('ephemeral')) return;
    if (this.#toolbar?.contains(document.activeElement) && !node.contains(document.activeElement)) return;
    this.#toolbar?.remove();
    const item = this.#items.get(node.dataset.ts);
    this.#toolbar = this.#makeToolbar(item);
    node.append(this.#toolbar);
  }

  #makeToolbar(item) {
    const act = (name, label, onclick) => h(
      'button',
      { class: 'icon-button', 'aria-label': label, title: label, onclick },
      name,
    );
    const quick = QUICK_REACTIONS.filter(emojiText).map((name) =>
      act(emojiText(name), `React with ${name}`, () => this.#react(item.message, name, true)));
    const pick = act(
      icon('addSmile'),
      'Find another reaction',
      () => openEmojiPicker(pick, (name) => this.#react(item.message, name, true)),
    );
    const reply = !this.threadTs && act(
      icon('thread'),
      'Reply in thread',
      () => this.onThread(item.message.thread_ts ?? item.message.ts),
    );
    const more = act(
      icon('dots'),
      'More actions',
      () => openMenu(more, this.#actions(item.message), { label: 'More actions' }),
    );
    more.setAttribute('aria-haspopup', 'menu');
    return h(
      'div',
      { class: 'toolbar', role: 'toolbar', 'aria-label': 'Message actions' },
      [...quick, pick, reply, more].filter(Boolean),
    );
  }

  #actions(message) {
    const shortcuts = session.state.shortcuts.filter((one) => one.type === 'message').map((one) => ({
      label: one.name, description: app().name, icon: 'bolt', onSelect: () => this.#runShortcut(one, message),
    }));
    const own = message.user === me() ? [
      { label: 'Edit message', onSelect: () => this.#edit(message) },
      { label: 'Delete message…', danger: true, onSelect: () => this.#delete(message) },
    ] : [];
    const between = own.length && shortcuts.length ? [{ divider: true }] : [];
    const items = [...own, ...between, ...shortcuts];
    return items.length ? items : [{ label: 'Nothing to do here', onSelect: () => {} }];
  }

  async #runShortcut(shortcut, message) {
    try {
      await session.api.post('shortcut', { callback_id: shortcut.callback_id, channel: this.channel, ts: message.ts });
    } catch (error) {
      toastError(error);
    }
  }

  async #react(message, name, on) {
    try {
      await session.api.post('react', { channel: this.channel, ts: message.ts, name, on });
    } catch (error) {
      if (error.message !== 'already_reacted' && error.message !== 'no_reaction') toastError(error);
    }
  }

  async #delete(message) {
    const sure = await confirmFirst({
      title: plain('Delete message'),
      text: plain('Are you sure you want to delete this message? This cannot be undone.'),
      confirm: plain('Delete'), deny: plain('Cancel'), style: 'danger',
    });
    if (sure) await this.#discard(message);
  }

  async #discard(message) {
    try {
      await session.api.post('delete', { channel: this.channel, ts: message.ts });
      if (message.is_ephemeral) this.remove(message.ts);
    } catch (error) {
      toastError(error);
    }
  }

  #edit(message) {
    const { node } = this.#items.get(message.ts);
    const area = h('textarea', { class: 'input', rows: '2', 'aria-label': 'Edit message' });
    area.value = editable(message.text);
    const done = () => {
      this.#items.get(message.ts).json = '';
      this.#draw();
      node.focus();
    };
    const save = async () => {
      if (!area.value.trim()) return toast('A message needs some text. Delete it instead?');
      await session.api.post('edit', { channel: this.channel, ts: message.ts, text: area.value }).catch(toastError);
      return done();
    };
    area.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape') done();
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      save();
    });
    node.replaceChildren(h('div', { class: 'editor' }, area, h('div', { class: 'editor-buttons' },
      h('button', { class: 'btn small', onclick: done }, 'Cancel'),
      h('button', { class: 'btn primary small', onclick: save }, 'Save'))));
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
  }

  // --- keyboard: one tab stop; arrows move between messages ------------------------------------------------------

  #rows() {
    return [...this.list.querySelectorAll('.message')];
  }

  #setTabStop() {
    const rows = this.#rows();
    if (rows.some((row) => row.tabIndex === 0)) return;
    if (rows.length) rows.at(-1).tabIndex = 0;
  }

  #moveByKey(event) {
    if (!event.target.classList.contains('message')) return;
    const rows = this.#rows();
    const at = rows.indexOf(event.target);
    const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (next === undefined || !rows[next]) return;
    event.preventDefault();
    rows.forEach((row) => { row.tabIndex = -1; });
    rows[next].tabIndex = 0;
    rows[next].focus();
  }
}
