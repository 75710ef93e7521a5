// What the composer offers while somebody types: commands, people, channels, emoji.

import { avatar } from './avatar.js';
import { h } from './dom.js';
import { emojiText, findEmoji } from './emoji.js';
import { icon } from './icons.js';
import { app, channels, nameOf, session, users } from './session.js';

const MOST = 8;
const has = (text, query) => text.toLowerCase().includes(query.toLowerCase());

function commands(query) {
  return session.state.commands
    .filter(({ command }) => command.startsWith(`/${query}`))
    .map((one) => ({
      insert: one.command,
      picture: avatar(app().bot_user_id, 28),
      title: [h('b', {}, one.command), one.usage_hint && h('span', { class: 'muted' }, ` ${one.usage_hint}`)],
      description: one.description,
    }));
}

const BROADCASTS = [
  { handle: 'here', about: 'Notify everyone online in this channel' },
  { handle: 'channel', about: 'Notify everyone in this channel' },
];

/** A display name reads best; the handle is typed when two people share one. */
function handleOf(person) {
  const shared = users().filter((one) => nameOf(one) === nameOf(person)).length > 1;
  return `@${shared ? person.name : nameOf(person)}`;
}

function people(query) {
  const named = (one) => has(`${one.name} ${one.real_name} ${one.display_name}`, query);
  const present = users().filter((one) => !one.deleted && named(one));
  const starts = (one) => (nameOf(one).toLowerCase().startsWith(query.toLowerCase()) ? 0 : 1);
  return present.sort((a, b) => starts(a) - starts(b) || nameOf(a).localeCompare(nameOf(b))).map((one) => ({
    insert: handleOf(one),
    aliases: [one.name, one.real_name].map((name) => `@${name}`),
    picture: avatar(one.id, 24),
    title: nameOf(one),
    description: one.title,
  }));
}

function groups(query) {
  const named = session.state.usergroups.filter((one) => has(`${one.handle} ${one.name}`, query));
  const everyone = BROADCASTS.filter(({ handle }) => handle.startsWith(query));
  return [
    ...named.map((one) => ({
      insert: `@${one.handle}`,
      picture: icon('at'),
      title: `@${one.handle}`,
      description: `${one.name} · ${one.users.length} people`,
    })),
    ...everyone.map((one) => ({
      insert: `@${one.handle}`,
      picture: icon('at'),
      title: `@${one.handle}`,
      description: one.about,
    })),
  ];
}

function channelNames(query) {
  return channels().filter((one) => !one.is_im && !one.is_archived && has(one.name, query))
    .map((one) => ({
      insert: `#${one.name}`,
      picture: icon(one.is_private ? 'lock' : 'hash'),
      title: one.name,
      description: one.topic,
    }));
}

function emoji(query) {
  return findEmoji(query, MOST).map((name) => ({
    insert: `:${name}:`,
    picture: h('span', { class: 'emoji' }, emojiText(name)),
    title: `:${name}:`,
  }));
}

const anyone = (query) => [...people(query), ...groups(query)];

const TRIGGERS = [
  { pattern: /^\/(\S*)$/, offer: commands, label: 'Commands', notInThreads: true },
  { pattern: /(?:^|\s|\()@([^\s@]*|[^\s@]+ [^\s@]+)$/, offer: anyone, label: 'People' },
  { pattern: /(?:^|\s|\()#([^\s#]*)$/, offer: channelNames, label: 'Channels' },
  { pattern: /(?:^|\s|\():([a-z0-9_+-]{2,})$/, offer: emoji, label: 'Emoji' },
];

/** Offers for the text before the caret: {label, from, items} or null. */
export function offersFor(before, { inThread }) {
  for (const { pattern, offer, label, notInThreads } of TRIGGERS) {
    const match = pattern.exec(before);
    if (!match || (notInThreads && inThread)) continue;
    const items = offer(match[1]).slice(0, MOST);
    const from = before.length - match[1].length - 1;
    return items.length ? { label, from, items } : null;
  }
  return null;
}
