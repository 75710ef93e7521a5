// rich_text blocks: sections, lists, quotes and preformatted text, with their styled elements.

import { slackDate } from './dates.js';
import { h } from './dom.js';
import { emojiNode } from './emoji.js';
import { broadcastMention, channelMention, groupMention, link, userMention } from './mrkdwn.js';
import { unsupported } from './unsupported.js';

const lines = (text) => text.split('\n').flatMap((line, index) => (index ? [h('br'), line] : [line]));

const INLINE = {
  text: (part) => h('span', {}, ...lines(part.text)),
  link: (part) => link(part.url, part.text),
  user: (part) => userMention(part.user_id),
  usergroup: (part) => groupMention(part.usergroup_id),
  channel: (part) => channelMention(part.channel_id),
  broadcast: (part) => broadcastMention(part.range),
  emoji: (part) => emojiNode(part.skin_tone ? `${part.name}::skin-tone-${part.skin_tone}` : part.name),
  date: (part) => h('time', {}, slackDate(part.timestamp, part.format, part.fallback ?? '')),
  color: (part) => h('span', { class: 'color' }, h('i', { style: { background: part.value } }), part.value),
};

const STYLE_TAGS = { bold: 'strong', italic: 'em', strike: 's', underline: 'u', code: 'code', highlight: 'mark' };

function inlineNode(part) {
  const draw = INLINE[part.type];
  if (!draw) return unsupported('rich_text element', part.type);
  return Object.entries(part.style ?? {})
    .filter(([style, on]) => on && STYLE_TAGS[style])
    .reduce((node, [style]) => h(STYLE_TAGS[style], {}, node), draw(part));
}

const inlineNodes = (parts) => parts.map(inlineNode);

function list(part) {
  const tag = part.style === 'ordered' ? 'ol' : 'ul';
  const items = part.elements.map((section) => h('li', {}, ...inlineNodes(section.elements)));
  const start = part.style === 'ordered' && part.offset ? part.offset + 1 : undefined;
  return h(
    tag,
    { class: part.border ? 'bordered' : '', start, style: { marginInlineStart: `${(part.indent ?? 0) * 28}px` } },
    ...items
  );
}

const PARTS = {
  rich_text_section: (part) => h('p', {}, ...inlineNodes(part.elements)),
  rich_text_list: list,
  rich_text_quote: (part) => h('blockquote', {}, ...inlineNodes(part.elements)),
  rich_text_preformatted: (part) => h('pre', {}, h('code', {}, ...inlineNodes(part.elements))),
};

export function richText(block) {
  const parts = block.elements.map((part) => PARTS[part.type]?.(part) ?? unsupported('rich_text part', part.type));
  return h('div', { class: 'rich-text' }, ...parts);
}
