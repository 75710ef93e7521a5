// The middle of the page: a channel, a direct message, or the app with its tabs; and the thread beside it.

import { HomeTab, aboutTab } from './appview.js';
import { avatar } from './avatar.js';
import { Composer } from './composer.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { MessageList } from './messagelist.js';
import { app, channel, channelLabel, channelName, isAppDm, me, session } from './session.js';
import { addressOf } from './sidebar.js';
import { toastError } from './toast.js';

const TABS = { home: 'Home', messages: 'Messages', about: 'About' };

export function tabsOf() {
  return Object.keys(TABS).filter((tab) => app()[`${tab}_tab`] !== false);
}

async function load(list, channelId, threadTs) {
  try {
    const { messages } = await session.api.history(channelId, threadTs);
    list.fill(messages);
  } catch (error) {
    toastError(error);
  }
}

const composerLabel = (one) => `Message ${channelLabel(one)}`;

function closedNote(one) {
  if (one.is_archived) return h('p', { class: 'closed-note' }, `#${channelName(one)} is archived.`);
  const join = () => session.api.post('admin', { op: 'join_channel', user: me(), channel: one.id }).catch(toastError);
  return h(
    'div',
    { class: 'closed-note' },
    h('p', {}, `You are looking at #${channelName(one)}.`),
    h('button', { class: 'btn primary', onclick: join }, 'Join channel'),
  );
}

/** A channel's or a direct message's messages with the composer under them. */
class ChannelView {
  constructor(one, { onThread }) {
    this.channel = one.id;
    this.messages = new MessageList({ channel: one.id, label: `Messages in ${channelLabel(one)}`, onThread });
    this.composer = new Composer({
      label: composerLabel(one),
      channel: one.id,
      onEditLast: () => this.messages.editLast(),
    });
    const open = !one.is_archived && (one.is_member || one.is_im);
    this.node = h('div', { class: 'channel-view' }, this.messages.node, open ? this.composer.node : closedNote(one));
  }

  async load() {
    await load(this.messages, this.channel);
  }
}

export class ThreadView {
  constructor(one, ts, { onClose }) {
    this.channel = one.id;
    this.ts = ts;
    this.messages = new MessageList({ channel: one.id, threadTs: ts, label: 'Thread' });
    this.composer = new Composer({
      label: 'Reply in thread',
      channel: one.id,
      threadTs: ts,
      broadcastTo: one.is_im ? null : channelLabel(one),
      onEditLast: () => this.messages.editLast(),
    });
    const close = h('button', { class: 'icon-button', 'aria-label': 'Close thread', onclick: onClose }, icon('close'));
    this.node = h('aside', { class: 'thread', 'aria-label': 'Thread' },
      h(
        'header',
        { class: 'view-header' },
        h('h2', {}, 'Thread'),
        h('span', { class: 'muted' }, channelLabel(one)),
        close,
      ),
      this.messages.node, this.composer.node);
    this.node.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented) onClose();
    });
  }

  async load() {
    await load(this.messages, this.channel, this.ts);
    this.composer.focus();
  }
}

function titleOf(one) {
  const picture = one.is_im ? avatar(one.user, 24) : icon(one.is_private ? 'lock' : 'hash', 20);
  const members = one.is_im ? null : Number(one.members?.length ?? one.members);
  return [
    h('h2', {}, picture, channelName(one)),
    one.topic && h('span', { class: 'topic muted' }, one.topic),
    members ? h('span', { class: 'members muted' }, `${members} members`) : null,
  ];
}

function moveBetweenTabs(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const tabs = [...event.currentTarget.children];
  if (step) tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length].focus();
}

function tabLink(one, tab, current) {
  return h(
    'a',
    {
      role: 'tab',
      class: 'tab',
      tabindex: tab === current ? '0' : '-1',
      href: addressOf(one.id, { tab }),
      'data-go-channel': one.id,
      'data-go-tab': tab,
      'aria-selected': String(tab === current),
    },
    TABS[tab],
  );
}

/** What `route` shows: {node, channelView?, home?}. */
export function conversation(route, callbacks) {
  const one = channel(route.channel);
  const inApp = isAppDm(one);
  const parts = panel(one, route, inApp, callbacks);
  const tabs = inApp && h(
    'div',
    { class: 'tabs', role: 'tablist', 'aria-label': app().name, onkeydown: moveBetweenTabs },
    tabsOf().map((tab) => tabLink(one, tab, route.tab)),
  );
  const node = h('main', {
    class: 'main',
    'data-surface': inApp ? route.tab : 'channel',
    'data-channel': one.id,
    'aria-label': channelLabel(one),
  },
    h('header', { class: 'view-header' }, titleOf(one)), tabs, parts.node);
  return { ...parts, node };
}

function panel(one, route, inApp, callbacks) {
  if (inApp && route.tab === 'home') {
    const home = new HomeTab();
    return { home, node: home.node };
  }
  if (inApp && route.tab === 'about') return { node: aboutTab() };
  const channelView = new ChannelView(one, callbacks);
  return { channelView, node: channelView.node };
}
