// The "Run step" dialog: a workflow step's inputs as a small form.

import { combobox } from './combobox.js';
import { openDialog } from './dialogs.js';
import { h, uid } from './dom.js';
import { channelLabel, channels, nameOf, session, users } from './session.js';
import { toast, toastError } from './toast.js';

const chooser = (options) => (input, remember, attributes) => combobox({
  groups: [{ options: options() }],
  chosen: [],
  multiple: false,
  placeholder: 'Choose…',
  attributes,
  onChange: ([key]) => remember(key),
}).node;

const textField = (read = (text) => text, type = 'text') => (input, remember, attributes) =>
  h('input', { class: 'input', type, oninput: (event) => remember(read(event.target.value)), ...attributes });

function checkbox(input, remember, attributes) {
  remember(false);
  return h('input', { type: 'checkbox', onchange: (event) => remember(event.target.checked), ...attributes });
}

const number = textField((text) => (text === '' ? undefined : Number(text)), 'number');

const people = () => users().filter((one) => !one.deleted).map((one) => ({ key: one.id, text: nameOf(one) }));

function joinedChannels() {
  return channels().filter((one) => !one.is_im).map((one) => ({ key: one.id, text: channelLabel(one) }));
}

const FIELDS = {
  'slack#/types/user_id': chooser(people),
  'slack#/types/channel_id': chooser(joinedChannels),
  'slack#/types/date': textField((text) => text || undefined, 'date'),
  boolean: checkbox,
  integer: number,
  number,
};

function field(input, values) {
  const id = uid('step');
  const draw = FIELDS[input.type] ?? textField();
  const remember = (value) => { values[input.name] = value; };
  const labelId = `${id}-label`;
  return h('div', { class: 'field' },
    h(
      'label',
      { class: 'label', for: id, id: labelId },
      input.title ?? input.name,
      !input.is_required && h('span', { class: 'muted' }, ' (optional)'),
    ),
    draw(input, remember, { id, 'aria-labelledby': labelId }),
    input.description && h('p', { class: 'hint' }, input.description));
}

export function openStep(step, channel) {
  const values = {};
  const run = async () => {
    try {
      const { error } = await session.api.post('step', { callback_id: step.callback_id, inputs: values, channel });
      shown.close();
      if (error) toast(`“${step.title}” failed: ${error}`, 'error');
      else toast(`“${step.title}” is running.`);
    } catch (error) {
      toastError(error);
    }
  };
  const shown = openDialog({
    title: `Run step: ${step.title}`,
    body: h(
      'div',
      { class: 'dialog-body' },
      step.description && h('p', { class: 'muted' }, step.description),
      step.inputs.map((input) => field(input, values)),
    ),
    footer: h('footer', { class: 'dialog-footer' },
      h('button', { class: 'btn', onclick: () => shown.close() }, 'Cancel'),
      h('button', { class: 'btn primary', onclick: run }, 'Run')),
    onDismiss: () => shown.close(),
  });
  shown.dialog.querySelector('input')?.focus();
}
