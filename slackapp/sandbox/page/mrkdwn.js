// Slack's mrkdwn as nodes. Nothing here builds HTML from text, so a message can never become markup.

import { slackDate } from './dates.js';
import { h } from './dom.js';
import { emojiNode } from './emoji.js';
import { channel, channelName, me, userName, usergroup } from './session.js';

const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

export const decode = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

const WORD = /[\p{L}\p{N}]/u;
const isWord = (char) => char !== undefined && WORD.test(char);

// --- what stands between angle brackets ------------------------------------------------------------------------

function mention(label, mine) {
  return h('span', { class: mine ? 'mention mine' : 'mention' }, label);
}

export function userMention(id) {
  return h('span', { class: id === me() ? 'mention mine' : 'mention', 'data-user': id }, `@${userName(id)}`);
}

export function groupMention(id, label) {
  const group = usergroup(id);
  const handle = group ? `@${group.handle}` : label || '@group';
  return mention(handle, group?.users.includes(me()));
}

export function channelMention(id) {
  const known = channel(id);
  if (!known) return mention('#private channel', false);
  return h(
    'a',
    { class: 'mention', href: `?${new URLSearchParams({ as: me(), channel: id })}`, 'data-go-channel': id },
    `#${channelName(known)}`,
  );
}

export const broadcastMention = (range) => mention(`@${range}`, true);

export const isSafeUrl = (url) => /^(https?:|mailto:|tel:|slack:)/i.test(url ?? '');

export function link(url, label) {
  if (!isSafeUrl(url)) return document.createTextNode(label ?? url);
  return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, label ?? url.replace(/^mailto:/, ''));
}

function dateNode(body, label) {
  const [, seconds, pattern, url] = /^date\^(\d+)\^([^^]*)(?:\^(.*))?$/.exec(body) ?? [];
  if (!seconds) return document.createTextNode(label ?? '');
  const text = slackDate(Number(seconds), decode(pattern), label ?? '');
  return url ? link(decode(url), text) : h('time', { datetime: new Date(seconds * 1000).toISOString() }, text);
}

function special(body, label) {
  if (body.startsWith('subteam^')) return groupMention(body.slice(8), label);
  if (body.startsWith('date^')) return dateNode(body, label);
  return broadcastMention(body);
}

function bracketed(content) {
  const bar = content.indexOf('|');
  const target = bar < 0 ? content : content.slice(0, bar);
  const label = bar < 0 ? undefined : decode(content.slice(bar + 1));
  if (target.startsWith('@')) return userMention(target.slice(1));
  if (target.startsWith('#')) return channelMention(target.slice(1));
  if (target.startsWith('!')) return special(target.slice(1), label);
  return link(decode(target), label);
}

// --- inline ----------------------------------------------------------------------------------------------------

const STYLES = { '*': 'strong', _: 'em', '~': 's' };

function closes(text, marker, at) {
  return !/\s/.test(text[at - 1]) && !isWord(text[at + 1]) && text[at + 1] !== marker;
}

function closingMarker(text, marker, from) {
  for (let at = from; at < text.length && text[at] !== '\n'; at += 1) {
    if (text[at] === '<' && text.indexOf('>', at) > 0) at = text.indexOf('>', at);
    else if (text[at] === marker && closes(text, marker, at)) return at;
  }
  return -1;
}

function styled(text, at) {
  const marker = text[at];
  const before = text[at - 1];
  const after = text[at + 1];
  if (isWord(before) || before === marker || after === undefined || /\s/.test(after) || after === marker) return null;
  const end = closingMarker(text, marker, at + 2);
  if (end < 0) return null;
  return { node: h(STYLES[marker], {}, ...inline(text.slice(at + 1, end))), end: end + 1 };
}

function codeSpan(text, at) {
  const end = text.indexOf('`', at + 1);
  const content = text.slice(at + 1, end);
  if (end < 0 || !content.trim() || content.includes('\n')) return null;
  return { node: h('code', {}, decode(content)), end: end + 1 };
}

function bracket(text, at) {
  const match = /^<([@#!]?[^<>\s|][^<>|\n]*(?:\|[^<>\n]*)?)>/.exec(text.slice(at));
  return match && { node: bracketed(match[1]), end: at + match[0].length };
}

function shortCode(text, at) {
  const match = /^:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/.exec(text.slice(at, at + 80));
  return match && !isWord(text[at - 1]) ? { node: emojiNode(match[1]), end: at + match[0].length } : null;
}

function bareUrl(text, at) {
  const match = isWord(text[at - 1]) ? null : /^https?:\/\/[^\s<>|]+[^\s<>|.,:;!?)'"*_~`]/.exec(text.slice(at));
  return match && { node: link(decode(match[0])), end: at + match[0].length };
}

const STARTS = { '<': bracket, '`': codeSpan, '*': styled, _: styled, '~': styled, ':': shortCode, h: bareUrl };

function breakLines(text) {
  const lines = decode(text).split('\n');
  return lines.flatMap((line, index) => (index ? [h('br'), line] : [line])).filter((part) => part !== '');
}

function inline(text) {
  const nodes = [];
  let plainFrom = 0;
  for (let at = 0; at < text.length; ) {
    const hit = STARTS[text[at]]?.(text, at);
    if (hit) {
      nodes.push(...breakLines(text.slice(plainFrom, at)), hit.node);
      at = hit.end;
      plainFrom = at;
    } else at += 1;
  }
  nodes.push(...breakLines(text.slice(plainFrom)));
  return nodes;
}

// --- lines and paragraphs --------------------------------------------------------------------------------------

const QUOTE = /^(?:&gt;|>) ?/;
const QUOTE_REST = /^(?:&gt;){3} ?/;
const BULLET = /^\s*[•◦\-*] +(?=\S)/;
const NUMBER = /^\s*\d+[.)] +(?=\S)/;

function kindOf(line, lists) {
  if (QUOTE.test(line)) return 'quote';
  if (lists && BULLET.test(line)) return 'bullets';
  if (lists && NUMBER.test(line)) return 'numbers';
  return 'text';
}

function groupLines(text, lists) {
  const groups = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    if (QUOTE_REST.test(lines[index])) {
      groups.push({ kind: 'quote', lines: [lines[index].replace(QUOTE_REST, ''), ...lines.slice(index + 1)] });
      break;
    }
    const kind = kindOf(lines[index], lists);
    if (groups.at(-1)?.kind === kind) groups.at(-1).lines.push(lines[index]);
    else groups.push({ kind, lines: [lines[index]] });
  }
  return groups;
}

const listOf = (tag, marker) => (lines) => [h(
  tag,
  {},
  ...lines.map((line) => h('li', {}, ...inline(line.replace(marker, ''))))
)];

const PARAGRAPHS = {
  text: (lines) => inline(lines.join('\n')),
  quote: (lines) => [h('blockquote', {}, ...inline(lines.map((line) => line.replace(QUOTE, '')).join('\n')))],
  bullets: listOf('ul', BULLET),
  numbers: listOf('ol', NUMBER),
};

function paragraphs(text, lists) {
  const groups = groupLines(text, lists);
  return groups.flatMap((group, index) => {
    const nodes = PARAGRAPHS[group.kind](group.lines);
    const follows = group.kind === 'text' && groups[index - 1]?.kind === 'text';
    return follows ? [h('br'), ...nodes] : nodes;
  });
}

function fragment(nodes) {
  const all = document.createDocumentFragment();
  all.append(...nodes);
  return all;
}

/** `lists` turns "- " and "1. " lines into lists, as Slack's composer does for people; apps get their text as it is. */
export function mrkdwn(text, { lists = false } = {}) {
  const parts = text.split(/```\n?([\s\S]+?)\n?```\n?/);
  return fragment(parts.flatMap((part, index) => {
    if (index % 2) return [h('pre', {}, h('code', {}, decode(part)))];
    return part === '' ? [] : paragraphs(index ? part : part.replace(/\n$/, ''), lists);
  }));
}

export function plainText(text, emoji = true) {
  const parts = emoji === false ? [text] : text.split(/:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/);
  return fragment(parts.flatMap((part, index) => (index % 2 ? [emojiNode(part)] : breakLines(part))));
}

/** A text object of Block Kit. */
export function textObject(object) {
  if (!object) return document.createTextNode('');
  return object.type === 'mrkdwn' ? mrkdwn(object.text) : plainText(object.text, object.emoji);
}

/** What a screen reader or a notification would say. */
export function spoken(text) {
  return fragment([mrkdwn(text)]).textContent;
}
