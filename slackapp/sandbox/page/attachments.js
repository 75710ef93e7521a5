// What may hang below a message: older attachments, and files that the app has uploaded.

import { BlockList } from './blocks.js';
import { h } from './dom.js';
import { link, mrkdwn } from './mrkdwn.js';

function attachmentBlocks(attachment, surface) {
  if (!attachment.blocks?.length) return null;
  const list = new BlockList(surface);
  list.update(attachment.blocks);
  return list.node;
}

function attachment(one, surface) {
  const title = one.title && h('p', {}, h('strong', {}, one.title_link ? link(one.title_link, one.title) : one.title));
  const text = one.text ?? (one.blocks || one.title ? null : one.fallback);
  const fields = one.fields?.map((field) => h(
    'div',
    {},
    h('strong', {}, field.title),
    h('div', {}, mrkdwn(field.value ?? '')),
  ));
  return h('div', { class: 'attachment', style: { borderColor: one.color && `#${one.color.replace('#', '')}` } },
    one.pretext && h('p', {}, mrkdwn(one.pretext)), title, text && h('div', { class: 'text' }, mrkdwn(text)),
    fields && h('div', { class: 'fields' }, fields), attachmentBlocks(one, surface));
}

function file(one) {
  const name = one.title || one.name || 'file';
  if (one.mimetype?.startsWith('image/')) return h(
    'figure',
    { class: 'image' },
    h('figcaption', {}, link(one.url_private, name)),
    h('img', { src: one.url_private, alt: one.alt_txt ?? name, loading: 'lazy' }),
  );
  return h('p', { class: 'file' }, link(one.url_private, name));
}

export function attachmentsOf(message, surface) {
  return [...(message.attachments ?? []).map((one) => attachment(one, surface)), ...(message.files ?? []).map(file)];
}
