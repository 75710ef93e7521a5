// What one message says: its author, its words, and how it stands to the one before.

import { clockTime, fullMoment } from './dates.js';
import { h } from './dom.js';
import { emojiNode } from './emoji.js';
import { decode, mrkdwn } from './mrkdwn.js';
import { app, isApp, user, userName, usergroup } from './session.js';

const GROUPED_WITHIN = 300;

export const authorOf = (message) => message.user ?? (message.bot_id ? app().bot_user_id : null);

const authorName = (message) => message.username ?? userName(authorOf(message));

/** Message text as its author would type it again. */
export function editable(text) {
  return decode(text
    .replace(/<@(\w+)(?:\|[^>]*)?>/g, (whole, id) => `@${user(id)?.name ?? id}`)
    .replace(/<!subteam\^(\w+)[^>]*>/g, (whole, id) => `@${usergroup(id)?.handle ?? id}`)
    .replace(/<#(\w+)(?:\|([^>]*))?>/g, (whole, id, name) => `#${name ?? id}`)
    .replace(/<!(\w+)>/g, '@$1')
    .replace(/<([^|>]+)(?:\|[^>]*)?>/g, '$1'));
}

/** Whether a message stands under the one before it without repeating its author. */
export function follows(before, message) {
  return before && authorOf(before) === authorOf(message) && Number(message.ts) - Number(before.ts) < GROUPED_WITHIN
    && !before.is_ephemeral && !message.is_ephemeral && message.subtype !== 'thread_broadcast';
}

export function header(message) {
  const author = user(authorOf(message));
  return h('div', { class: 'message-header' },
    h('span', { class: 'author' }, authorName(message)),
    (isApp(author?.id) || author?.is_bot) && h('span', { class: 'badge' }, 'APP'),
    author?.status_emoji && h(
      'span',
      { class: 'status', title: author.status_text },
      emojiNode(author.status_emoji.replaceAll(':', '')),
    ),
    h(
      'time',
      { class: 'time', title: fullMoment(message.ts), datetime: new Date(message.ts * 1000).toISOString() },
      clockTime(message.ts),
    ));
}

export const editedMark = () => h('span', { class: 'edited' }, ' (edited)');

export function textOf(message) {
  const quiet = ['channel_join', 'channel_leave', 'tombstone'].includes(message.subtype);
  return h(
    'div',
    { class: quiet ? 'text muted' : 'text' },
    mrkdwn(message.text ?? '', { lists: !isApp(authorOf(message)) }),
    message.edited && editedMark(),
  );
}
