// Block Kit's blocks. BLOCKS is the list of all; what is not in it is shown as an error, never dropped.

import { drawElement, imageSource } from './elements.js';
import { h, reconcile, uid } from './dom.js';
import { markdown } from './markdown.js';
import { link, plainText, textObject } from './mrkdwn.js';
import { richText } from './richtext.js';
import { unsupported } from './unsupported.js';

function section(block, at) {
  const text = block.text && h('div', { class: 'section-text' }, textObject(block.text));
  const fields = block.fields && h(
    'div',
    { class: 'fields' },
    block.fields.map((field) => h('div', {}, textObject(field))),
  );
  const accessory = block.accessory && h('div', { class: 'accessory' }, drawElement(block.accessory, at));
  return h('div', { class: 'section' }, h('div', { class: 'section-main' }, text, fields), accessory);
}

function contextItem(item, at) {
  if (item.type === 'image') return drawElement(item, at);
  if (item.type === 'mrkdwn' || item.type === 'plain_text') return h('span', {}, textObject(item));
  return unsupported('context element', item.type);
}

function image(block) {
  const title = block.title && h('figcaption', {}, textObject(block.title));
  return h(
    'figure',
    { class: 'image' },
    title,
    h('img', { src: imageSource(block), alt: block.alt_text, loading: 'lazy' }),
  );
}

function input(block, at) {
  const id = uid('field');
  const labelId = `${id}-label`;
  const describedBy = [block.hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(' ');
  const grouped = ['checkboxes', 'radio_buttons'].includes(block.element.type);
  const attributes = {
    id,
    'aria-describedby': describedBy,
    'aria-required': grouped || block.optional ? undefined : 'true',
    'aria-labelledby': labelId,
  };
  const field = drawElement(
    block.element,
    { ...at, acts: Boolean(block.dispatch_action), optional: block.optional, attributes },
  );
  return h('div', { class: 'field' },
    h(
      grouped ? 'span' : 'label',
      { class: 'label', id: labelId, for: grouped ? undefined : id },
      textObject(block.label),
      block.optional && h('span', { class: 'muted' }, ' (optional)'),
    ),
    field,
    h('p', { class: 'field-error', id: `${id}-error`, role: 'alert', hidden: true }),
    block.hint && h('p', { class: 'hint', id: `${id}-hint` }, textObject(block.hint)));
}

function cell(content, tag, settings = {}) {
  const body = content.type === 'rich_text' ? richText(content) : plainText(String(content.text ?? ''));
  return h(tag, { style: { textAlign: settings.align, whiteSpace: settings.is_wrapped ? 'normal' : undefined } }, body);
}

function table(block) {
  const settings = block.column_settings ?? [];
  const row = (cells, tag) => h('tr', {}, cells.map((one, index) => cell(one, tag, settings[index] ?? {})));
  const [head, ...rows] = block.rows;
  return h('div', { class: 'table-box', tabindex: '0', role: 'region', 'aria-label': 'Table' },
    h(
      'table',
      { class: 'table' },
      h('thead', {}, row(head, 'th')),
      h('tbody', {}, rows.map((cells) => row(cells, 'td'))),
    ));
}

function video(block) {
  return h('figure', { class: 'image' },
    h('figcaption', {}, link(block.title_url ?? block.video_url, block.title.text)),
    h('img', { src: block.thumbnail_url, alt: block.alt_text, loading: 'lazy' }),
    block.description && h('p', { class: 'muted' }, textObject(block.description)));
}

const BLOCKS = {
  section,
  header: (block) => h('h3', { class: 'header-block' }, textObject(block.text)),
  divider: () => h('hr'),
  context: (block, at) => h('div', { class: 'context' }, block.elements.map((item) => contextItem(item, at))),
  actions: (block, at) => h('div', { class: 'actions' }, block.elements.map((element) => drawElement(element, at))),
  image,
  input,
  rich_text: richText,
  markdown: (block) => h('div', { class: 'markdown' }, markdown(block.text)),
  table,
  video,
};

function drawBlock(block, surface) {
  const draw = BLOCKS[block.type];
  const content = draw ? draw(block, { blockId: block.block_id, surface }) : unsupported('block', block.type);
  return h(
    'div',
    { class: `block block-${block.type}`, 'data-block-id': block.block_id, 'data-block-type': block.type },
    content,
  );
}

/** The place of the keyboard in a list of blocks, to find it again after a block was drawn anew. */
function rememberFocus(root) {
  const focused = document.activeElement;
  if (!root.contains(focused)) return () => {};
  const blockId = focused.closest('[data-block-id]')?.dataset.blockId;
  const actionId = focused.closest('[data-action-id]')?.dataset.actionId;
  const selection = [focused.selectionStart, focused.selectionEnd];
  return () => {
    if (focused.isConnected && document.activeElement === focused) return;
    const inBlock = (node) => node.closest('[data-block-id]').dataset.blockId === blockId;
    const sameAction = (node) => node.dataset.actionId === actionId && inBlock(node);
    const holder = [...root.querySelectorAll('[data-action-id]')].find(sameAction);
    const target = holder?.matches('input,textarea,button') ? holder : holder?.querySelector('input,textarea,button');
    // What had the focus may be gone, such as an Undo button that was used: stay nearby.
    (target ?? root.closest('[tabindex]'))?.focus({ preventScroll: true });
    const sameField = target?.setSelectionRange && target.type === focused.type;
    if (sameField && selection[0] !== null) target.setSelectionRange(...selection);
  };
}

/** Blocks on a surface. `update` draws only what changed; `surface` is {kind, form, act}. */
export class BlockList {
  #drawn = new Map();

  constructor(surface) {
    this.surface = surface;
    this.node = h('div', { class: `blocks on-${surface.kind}` });
  }

  update(blocks) {
    const restoreFocus = rememberFocus(this.node);
    const before = this.#drawn;
    this.#drawn = new Map();
    const nodes = blocks.map((block, index) => {
      const key = block.block_id ?? `#${index}`;
      const json = JSON.stringify(block);
      const old = before.get(key);
      const node = old?.json === json ? old.node : drawBlock(block, this.surface);
      this.#drawn.set(key, { json, node });
      return node;
    });
    reconcile(this.node, nodes);
    restoreFocus();
  }

  showErrors(errors) {
    let first = null;
    for (const block of this.node.querySelectorAll('.block-input')) {
      const sentence = errors[block.dataset.blockId];
      const slot = block.querySelector('.field-error');
      const control = block.querySelector('input,textarea');
      slot.textContent = sentence ?? '';
      slot.hidden = !sentence;
      block.classList.toggle('has-error', Boolean(sentence));
      if (sentence) control?.setAttribute('aria-invalid', 'true');
      else control?.removeAttribute('aria-invalid');
      first ??= sentence ? control : null;
    }
    first?.focus();
  }
}

