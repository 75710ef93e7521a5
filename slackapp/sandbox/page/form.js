// What a person has typed or chosen on one surface. It outlives re-drawing, so values survive a view update
// as long as block_id and action_id stay the same, as in Slack.

import { initialValue, isStateful } from './elements.js';

const key = (blockId, actionId) => `${blockId}\n${actionId}`;

function elementsOf(block) {
  return [block.element, block.accessory, ...(block.type === 'actions' ? block.elements : [])].filter(Boolean);
}

export class Form {
  #values = new Map();

  set(blockId, actionId, value) {
    this.#values.set(key(blockId, actionId), value);
  }

  value(blockId, element) {
    const kept = this.#values.get(key(blockId, element.action_id));
    return kept?.type === element.type ? kept : initialValue(element);
  }

  /** Keep what these blocks hold now, and nothing else: an update resets none, and a block that leaves is forgotten. */
  pin(blocks) {
    const values = this.values(blocks);
    this.#values.clear();
    for (const [blockId, byAction] of Object.entries(values)) {
      for (const [actionId, value] of Object.entries(byAction)) this.set(blockId, actionId, value);
    }
  }

  /** Slack's `state.values` for these blocks. */
  values(blocks) {
    const values = {};
    for (const block of blocks) {
      for (const element of elementsOf(block).filter(isStateful)) {
        values[block.block_id] ??= {};
        values[block.block_id][element.action_id] = this.value(block.block_id, element);
      }
    }
    return values;
  }

  /** What Slack's client itself refuses before it sends anything: {block_id: sentence}. */
  errors(blocks) {
    const errors = {};
    for (const block of blocks.filter((one) => one.type === 'input')) {
      const sentence = problem(block, this.value(block.block_id, block.element));
      if (sentence) errors[block.block_id] = sentence;
    }
    return errors;
  }
}

function isEmpty(value) {
  const filled = Object.entries(value).filter(([name]) => name !== 'type').map(([, content]) => content);
  return filled.every((content) => content === null || content === undefined || content === '' || content.length === 0);
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const URL_SHAPE = /^https?:\/\/\S+$/i;

const SHAPES = {
  email_text_input: (text) => EMAIL.test(text) || 'Please enter a valid email address.',
  url_text_input: (text) => URL_SHAPE.test(text) || 'Please enter a valid URL, starting with http:// or https://.',
  number_input: (text, element) => numberProblem(text, element) ?? true,
};

function numberProblem(text, element) {
  const number = Number(text);
  if (Number.isNaN(number)) return 'Please enter a number.';
  if (!element.is_decimal_allowed && !Number.isInteger(number)) return 'Please enter a whole number.';
  const { min_value: least = -Infinity, max_value: most = Infinity } = element;
  if (number < Number(least)) return `Please enter a number of at least ${least}.`;
  if (number > Number(most)) return `Please enter a number of at most ${most}.`;
  return null;
}

function problem(block, value) {
  const { element } = block;
  if (isEmpty(value)) return block.optional ? null : 'Please complete this required field.';
  const text = value.value;
  if (typeof text !== 'string') return null;
  const { min_length: least = 0, max_length: most = Infinity } = element;
  if (text.length < least) return `Please enter at least ${least} characters.`;
  if (text.length > most) return `Please enter at most ${most} characters.`;
  const shape = SHAPES[element.type]?.(text, element) ?? true;
  return shape === true ? null : shape;
}
