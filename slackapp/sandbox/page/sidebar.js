import { avatar } from './avatar.js';
import { h } from './dom.js';
import { emojiNode } from './emoji.js';
import { icon } from './icons.js';
import { app, channelName, channels, isAppDm, me, session, user } from './session.js';

export function addressOf(channelId, extra = {}) {
  return `?${new URLSearchParams({ as: me(), channel: channelId, ...extra })}`;
}

function statusOf(one) {
  const person = one.is_im && user(one.user);
  return person?.status_emoji ? h(
    'span',
    { class: 'status', title: person.status_text },
    emojiNode(person.status_emoji.replaceAll(':', '')),
  ) : null;
}

function row(one, picture, href) {
  const current = one.id === session.channel;
  const unread = one.is_member || one.is_im ? Number(one.unread) || 0 : 0;
  return h('li', {}, h('a', {
    class: unread ? 'row unread' : 'row',
    href: href ?? addressOf(one.id),
    'data-go-channel': one.id,
    'aria-current': current ? 'page' : undefined,
  }, picture, h(
    'span',
    { class: 'row-name' },
    channelName(one),
    one.is_im && one.user === me() && h('span', { class: 'you' }, ' you'),
  ), statusOf(one),
  unread ? h(
    'span',
    { class: 'count', 'aria-label': `${unread} unread` },
    unread > 99 ? '99+' : String(unread),
  ) : null));
}

const byName = (a, b) => channelName(a).localeCompare(channelName(b));

function group(title, rows) {
  if (!rows.length) return null;
  return h('section', { class: 'group', 'aria-label': title }, h('h2', {}, title), h('ul', { role: 'list' }, rows));
}

export class Sidebar {
  constructor() {
    this.lists = h('div', { class: 'sidebar-lists' });
    this.node = h(
      'nav',
      { class: 'sidebar', id: 'sidebar', 'aria-label': 'Channels and apps' },
      h('div', { class: 'team-name' }, h('h1', {}, session.state.team.name)),
      this.lists,
    );
  }

  draw() {
    const mine = channels().filter((one) => !one.is_archived && (one.is_member || one.is_im));
    const joined = mine.filter((one) => !one.is_im).sort(byName);
    const more = channels().filter((one) => !one.is_archived && !one.is_im && !one.is_member).sort(byName);
    const direct = mine.filter((one) => one.is_im && !isAppDm(one)).sort(byName);
    const focused = document.activeElement;
    const focusedHref = this.lists.contains(focused) ? focused.getAttribute('href') : null;
    this.lists.replaceChildren(...[
      group('Channels', joined.map((one) => row(one, icon(one.is_private ? 'lock' : 'hash', 16)))),
      group('More channels', more.map((one) => row(one, icon('hash', 16)))),
      group('Direct messages', direct.map((one) => row(one, avatar(one.user, 20)))),
      group('Apps', mine.filter(isAppDm).map((one) => row(one, avatar(app().bot_user_id, 20)))),
    ].filter(Boolean));
    if (focusedHref) this.lists.querySelector(`a[href="${CSS.escape(focusedHref)}"]`)?.focus();
  }
}
