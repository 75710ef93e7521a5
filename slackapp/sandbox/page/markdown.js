// The markdown block: CommonMark's everyday part, as nodes.

import { h } from './dom.js';
import { emojiNode } from './emoji.js';
import { link, userMention } from './mrkdwn.js';

const INLINE = [
  [/^`([^`\n]+)`/, ([, code]) => h('code', {}, code)],
  [/^\*\*(\S(?:[\s\S]*?\S)?)\*\*/, ([, text]) => h('strong', {}, ...inline(text))],
  [/^__(\S(?:[\s\S]*?\S)?)__/, ([, text]) => h('strong', {}, ...inline(text))],
  [/^\*(\S(?:[^*]*?\S)?)\*/, ([, text]) => h('em', {}, ...inline(text))],
  [/^_(\S(?:[^_]*?\S)?)_(?!\w)/, ([, text]) => h('em', {}, ...inline(text))],
  [/^~~(\S(?:[\s\S]*?\S)?)~~/, ([, text]) => h('s', {}, ...inline(text))],
  [/^!?\[([^\]\n]*)\]\(([^)\s]+)\)/, ([, label, url]) => link(url, label || url)],
  [/^<@([UW]\w+)>/, ([, id]) => userMention(id)],
  [/^<(https?:[^>\s]+)>/, ([, url]) => link(url)],
  [/^https?:\/\/[^\s<>)]+[^\s<>).,:;!?]/, ([url]) => link(url)],
  [/^:([a-z0-9_+'-]+):/, ([, name]) => emojiNode(name)],
  [/^\\([\\`*_{}[\]()#+\-.!~|>])/, ([, char]) => document.createTextNode(char)],
  [/^(?: {2,})?\n/, () => h('br')],
];

function firstMatch(text) {
  for (const [pattern, draw] of INLINE) {
    const match = pattern.exec(text);
    if (match) return { node: draw(match), length: match[0].length };
  }
  return null;
}

function inline(text) {
  const nodes = [];
  let plain = '';
  for (let at = 0; at < text.length; ) {
    const hit = firstMatch(text.slice(at));
    if (hit) {
      nodes.push(plain, hit.node);
      plain = '';
      at += hit.length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  return [...nodes, plain].filter((part) => part !== '');
}

const heading = (line) => {
  const [, marks, text] = /^(#{1,6}) +(.*)$/.exec(line);
  return h(
    'p',
    { class: `md-heading md-h${marks.length}`, role: 'heading', 'aria-level': marks.length + 2 },
    ...inline(text)
  );
};

const strip = (pattern) => (line) => line.replace(pattern, '');
const items = (lines, pattern) => lines.map((line) => h('li', {}, ...inline(strip(pattern)(line))));
const cells = (row) => row.trim().replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim());

function table(lines) {
  const [head, , ...rows] = lines.map(cells);
  return h('table', { class: 'table' },
    h('thead', {}, h('tr', {}, ...head.map((cell) => h('th', {}, ...inline(cell))))),
    h('tbody', {}, ...rows.map((row) => h('tr', {}, ...row.map((cell) => h('td', {}, ...inline(cell)))))));
}

const QUOTE = /^> ?/;
const BULLET = /^\s*[-*+] +/;
const NUMBER = /^\s*\d+[.)] +/;

const KINDS = [
  [/^#{1,6} +/, (lines) => lines.map(heading)],
  [/^(?:---+|\*\*\*+|___+)\s*$/, (lines) => lines.map(() => h('hr'))],
  [QUOTE, (lines) => [h('blockquote', {}, ...inline(lines.map(strip(QUOTE)).join('\n')))]],
  [BULLET, (lines) => [h('ul', {}, ...items(lines, BULLET))]],
  [NUMBER, (lines) => [h('ol', {}, ...items(lines, NUMBER))]],
  [/^\|.*\|\s*$/, (lines) => [lines.length > 1 ? table(lines) : h('p', {}, ...inline(lines[0]))]],
  [/^\s*$/, () => []],
  [/^/, (lines) => [h('p', {}, ...inline(lines.join('\n')))]],
];

function blocksOf(text) {
  const groups = [];
  for (const line of text.split('\n')) {
    const kind = KINDS.find(([pattern]) => pattern.test(line));
    if (groups.at(-1)?.kind === kind) groups.at(-1).lines.push(line);
    else groups.push({ kind, lines: [line] });
  }
  return groups.flatMap(({ kind, lines }) => kind[1](lines));
}

export function markdown(text) {
  const parts = text.split(/```\w*\n([\s\S]*?)\n?```\n?/);
  return parts.flatMap((part, index) => (index % 2 ? [h('pre', {}, h('code', {}, part))] : blocksOf(part)));
}
