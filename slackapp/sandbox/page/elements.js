// Block Kit's interactive elements. ELEMENTS is the list of all: one entry says how an element is drawn and,
// when it holds a value, with which value it starts. To add an element, add an entry.

import { avatar } from './avatar.js';
import { combobox } from './combobox.js';
import { confirmFirst } from './dialogs.js';
import { h, labelled, uid } from './dom.js';
import { icon } from './icons.js';
import { openMenu } from './menu.js';
import { decode, isSafeUrl, plainText, textObject } from './mrkdwn.js';
import { app, channelName, channels, isAppDm, nameOf, session, users } from './session.js';
import { unsupported } from './unsupported.js';

/**
 * `at` is where an element stands: {blockId, surface, acts, optional, attributes}. `surface` is {kind, form, act};
 * `acts` is false inside an input block that does not dispatch: then a change is only remembered.
 * Resolves to whether the change stands: the person may take it back when asked to confirm.
 */
async function commit(element, at, value) {
  if (at.acts && element.confirm && !(await confirmFirst(element.confirm))) return false;
  at.surface.form.set(at.blockId, element.action_id, value);
  if (at.acts) at.surface.act(at.blockId, element, value);
  return true;
}

const valueOf = (element, at) => at.surface.form.value(at.blockId, element);

/** An image by its address, or one that the app has uploaded to the workspace. */
export function imageSource({ image_url: url, slack_file: file }) {
  return url ?? file.url ?? `/files/${file.id}/image`;
}

// --- buttons and menus -----------------------------------------------------------------------------------------

async function press(element, at, node, action) {
  if (element.confirm && !(await confirmFirst(element.confirm))) return;
  if (isSafeUrl(element.url)) window.open(element.url, '_blank', 'noopener');
  node.setAttribute('aria-busy', 'true');
  try {
    await at.surface.act(at.blockId, element, action);
  } finally {
    node.removeAttribute('aria-busy');
  }
}

function button(element, at) {
  const node = h('button', {
    class: ['btn', element.style].filter(Boolean).join(' '), 'aria-label': element.accessibility_label,
    onclick: () => press(element, at, node, { type: element.type, value: element.value, text: element.text }),
  }, h('span', { class: 'btn-text' }, textObject(element.text)));
  return node;
}

function overflow(element, at) {
  const label = 'More options';
  const node = h('button', { class: 'btn overflow', 'aria-label': label, 'aria-haspopup': 'menu' }, icon('dots'));
  const items = element.options.map((option) => ({
    label: plainText(option.text.text),
    description: option.description?.text,
    onSelect: () => press({ ...element, url: option.url }, at, node, { type: 'overflow', selected_option: option }),
  }));
  node.addEventListener('click', () => openMenu(node, items, { label }));
  return node;
}

// --- text ------------------------------------------------------------------------------------------------------

const NATIVE_TYPES = { email_text_input: 'email', url_text_input: 'url', number_input: 'text' };

function triggers(element, moment) {
  const on = element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
  return on.includes(moment);
}

function counter(element, node) {
  if (!element.max_length) return null;
  const left = h('span', { class: 'counter', 'aria-hidden': 'true' });
  const count = () => {
    const remaining = element.max_length - node.value.length;
    left.textContent = remaining <= element.max_length * 0.2 ? String(remaining) : '';
  };
  node.addEventListener('input', count);
  count();
  return left;
}

function textInput(element, at) {
  const multiline = element.multiline || element.type === 'rich_text_input';
  const node = h(multiline ? 'textarea' : 'input', {
    class: 'input', rows: multiline ? 4 : undefined, type: multiline ? undefined : NATIVE_TYPES[element.type] ?? 'text',
    inputmode: element.type === 'number_input' ? 'decimal' : undefined,
    placeholder: element.placeholder && decode(element.placeholder.text),
    maxlength: element.max_length,
    ...at.attributes,
  });
  const codec = element.type === 'rich_text_input' ? RICH : PLAIN;
  node.value = codec.read(valueOf(element, at));
  const written = () => codec.write(element.type, node.value);
  node.addEventListener('input', () => {
    if (at.acts && triggers(element, 'on_character_entered')) commit(element, at, written());
    else at.surface.form.set(at.blockId, element.action_id, written());
  });
  node.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || multiline || event.isComposing) return;
    event.preventDefault();
    if (at.acts && triggers(element, 'on_enter_pressed')) commit(element, at, written());
    else if (!at.acts) node.dispatchEvent(new CustomEvent('submitview', { bubbles: true }));
  });
  return h('span', { class: 'input-box' }, node, counter(element, node));
}

const PLAIN = {
  read: (value) => value.value ?? '',
  write: (type, text) => ({ type, value: text === '' ? null : text }),
};

const sectionText = (section) => (section.elements ?? []).map((part) => part.text ?? '').join('');

const RICH = {
  read: (value) => (value.rich_text_value?.elements ?? []).map(sectionText).join('\n'),
  write: (type, text) => ({
    type,
    rich_text_value: text && {
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
    },
  }),
};

// --- moments ---------------------------------------------------------------------------------------------------

function picker(inputType, field, { read = (value) => value, write = (text) => text } = {}) {
  return (element, at) => {
    const node = h(
      'input',
      { type: inputType, class: 'input moment', 'aria-label': element.placeholder?.text, ...at.attributes },
    );
    let before = read(valueOf(element, at)[field]) ?? '';
    node.value = before;
    node.addEventListener('change', async () => {
      const value = { type: element.type, [field]: node.value ? write(node.value) : null };
      if (await commit(element, at, value)) before = node.value;
      else node.value = before;
    });
    return node;
  };
}

function localMoment(seconds) {
  if (!seconds) return '';
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const MOMENT = { read: localMoment, write: (text) => Math.floor(new Date(text).getTime() / 1000) };

// --- choices that are all visible --------------------------------------------------------------------------------

function choices(inputType) {
  return (element, at) => {
    const single = inputType === 'radio';
    const group = uid('choices');
    const value = valueOf(element, at);
    const chosen = () => element.options.filter((option, index) => inputs[index].checked);
    const remember = () => (single
      ? { type: element.type, selected_option: chosen()[0] ?? null }
      : { type: element.type, selected_options: chosen() });
    const marked = single ? [value.selected_option] : value.selected_options;
    let before = marked.filter(Boolean).map((option) => option.value);
    const show = (keys) => inputs.forEach((input, index) => {
      input.checked = keys.includes(element.options[index].value);
    });
    const changed = async () => {
      if (await commit(element, at, remember())) before = chosen().map((option) => option.value);
      else show(before);
    };
    const inputs = element.options.map(() => h('input', { type: inputType, name: group, onchange: changed }));
    show(before);
    return h('div', { class: 'choices', role: single ? 'radiogroup' : 'group', ...at.attributes },
      element.options.map(({ text, description }, index) => h('label', { class: 'choice' },
        inputs[index], labelled(textObject(text), description && textObject(description)))));
  };
}

// --- selects ---------------------------------------------------------------------------------------------------

const optionEntry = (option) => ({
  key: option.value,
  text: decode(option.text.text),
  description: option.description?.text,
  of: option,
});

function staticGroups(element) {
  if (!element.option_groups) return [{ options: element.options.map(optionEntry) }];
  return element.option_groups.map((group) => ({
    label: decode(group.label.text),
    options: group.options.map(optionEntry),
  }));
}

const isAutomatic = (person) => person.is_bot || person.id === 'USLACKBOT';

/** Everybody who could be chosen in Slack, apps included; people come first. */
function userGroups() {
  const byName = (a, b) => Number(isAutomatic(a)) - Number(isAutomatic(b)) || nameOf(a).localeCompare(nameOf(b));
  const present = users().filter((person) => !person.deleted).sort(byName);
  return [{ options: present.map((person) => ({
    key: person.id,
    text: nameOf(person),
    description: person.title,
    keywords: `${person.name} ${person.real_name}`,
    picture: () => avatar(person.id, 24),
  })) }];
}

function conversationKind(one) {
  if (one.is_im) return 'im';
  return one.is_private ? 'private' : 'public';
}

function conversationGroups(element) {
  const { include, exclude_bot_users: noBots } = element.filter ?? {};
  const wanted = channels().filter((one) => !one.is_archived
    && (!include || include.includes(conversationKind(one))) && !(noBots && isAppDm(one)));
  return [{ options: wanted.map(channelEntry) }];
}

const channelEntry = (one) => ({
  key: one.id,
  text: channelName(one),
  picture: () => (one.is_im ? avatar(one.user, 20) : icon(one.is_private ? 'lock' : 'hash', 16)),
});

function publicGroups() {
  const open = channels().filter((one) => !one.is_im && !one.is_private && !one.is_archived);
  return [{ options: open.map(channelEntry) }];
}

const DEFAULT_PLACEHOLDER = {
  static_select: 'Select an option',
  users_select: 'Select a person',
  conversations_select: 'Select a conversation',
  channels_select: 'Select a channel',
};

/** `field` is where Slack puts what was chosen; static selects carry whole options, the others ids. */
function select(field, groupsOf, { multiple = false, wholeOption = false } = {}) {
  return (element, at) => {
    const groups = groupsOf(element);
    const placeholder = decode(element.placeholder?.text ?? DEFAULT_PLACEHOLDER[element.type.replace('multi_', '')]);
    const keyOf = (entry) => (wholeOption ? entry.value : entry);
    const entries = groups.flatMap((group) => group.options);
    const offered = (key) => !wholeOption || entries.some((entry) => entry.key === key);
    const keysIn = (value) => [value[field] ?? []].flat().map(keyOf).filter(offered);
    const carried = (key) => (wholeOption ? entries.find((entry) => entry.key === key).of : key);
    let before = keysIn(valueOf(element, at));
    const chooser = combobox({
      groups,
      chosen: before,
      multiple,
      placeholder,
      max: element.max_selected_items,
      clearable: at.optional && !multiple,
      attributes: { ...(at.attributes['aria-labelledby'] ? {} : { 'aria-label': placeholder }), ...at.attributes },
      onChange: async (keys) => {
        const picked = keys.map(carried);
        const value = { type: element.type, [field]: multiple ? picked : picked[0] ?? null };
        if (await commit(element, at, value)) before = keys;
        else chooser.setChosen(before);
      },
    });
    return chooser.node;
  };
}

// --- the list of all -------------------------------------------------------------------------------------------

const startText = (element) => ({ value: element.initial_value ?? null });
const startOption = (element) => ({ selected_option: element.initial_option ?? null });
const startOptions = (element) => ({ selected_options: element.initial_options ?? [] });

/** The conversation somebody came from, if the element wants it and its filter lets it in. */
function currentConversation(element) {
  const [{ options }] = conversationGroups(element);
  const fits = options.some(({ key }) => key === session.channel);
  return element.default_to_current_conversation && fits ? session.channel : null;
}

const startConversation = (element) => element.initial_conversation ?? currentConversation(element);
const startConversations = (element) => element.initial_conversations ?? [currentConversation(element) ?? []].flat();

const ELEMENTS = {
  button: { draw: button },
  workflow_button: { draw: button },
  overflow: { draw: overflow },
  image: { draw: (element) => h('img', { src: imageSource(element), alt: element.alt_text, loading: 'lazy' }) },
  plain_text_input: { draw: textInput, start: startText },
  email_text_input: { draw: textInput, start: startText },
  url_text_input: { draw: textInput, start: startText },
  number_input: { draw: textInput, start: startText },
  rich_text_input: { draw: textInput, start: (element) => ({ rich_text_value: element.initial_value ?? null }) },
  datepicker: {
    draw: picker('date', 'selected_date'),
    start: (element) => ({ selected_date: element.initial_date ?? null }),
  },
  timepicker: {
    draw: picker('time', 'selected_time'),
    start: (element) => ({ selected_time: element.initial_time ?? null }),
  },
  datetimepicker: {
    draw: picker('datetime-local', 'selected_date_time', MOMENT),
    start: (element) => ({ selected_date_time: element.initial_date_time ?? null }),
  },
  checkboxes: { draw: choices('checkbox'), start: startOptions },
  radio_buttons: { draw: choices('radio'), start: startOption },
  static_select: { draw: select('selected_option', staticGroups, { wholeOption: true }), start: startOption },
  multi_static_select: {
    draw: select('selected_options', staticGroups, { multiple: true, wholeOption: true }),
    start: startOptions,
  },
  users_select: {
    draw: select('selected_user', userGroups),
    start: (element) => ({ selected_user: element.initial_user ?? null }),
  },
  multi_users_select: {
    draw: select('selected_users', userGroups, { multiple: true }),
    start: (element) => ({ selected_users: element.initial_users ?? [] }),
  },
  conversations_select: {
    draw: select('selected_conversation', conversationGroups),
    start: (element) => ({ selected_conversation: startConversation(element) }),
  },
  multi_conversations_select: {
    draw: select('selected_conversations', conversationGroups, { multiple: true }),
    start: (element) => ({ selected_conversations: startConversations(element) }),
  },
  channels_select: {
    draw: select('selected_channel', publicGroups),
    start: (element) => ({ selected_channel: element.initial_channel ?? null }),
  },
  multi_channels_select: {
    draw: select('selected_channels', publicGroups, { multiple: true }),
    start: (element) => ({ selected_channels: element.initial_channels ?? [] }),
  },
  file_input: {
    draw: () => h(
      'p',
      { class: 'muted note' },
      `Files cannot be uploaded in the sandbox; ${app().name} will see an empty field.`,
    ),
    start: () => ({ files: [] }),
  },
};

export const isStateful = (element) => Boolean(ELEMENTS[element.type]?.start);

export function initialValue(element) {
  return { type: element.type, ...ELEMENTS[element.type]?.start?.(element) };
}

export function drawElement(element, at) {
  const known = ELEMENTS[element.type];
  if (!known) return unsupported('element', element.type);
  const node = known.draw(element, { attributes: {}, acts: true, ...at });
  const control = node.matches('.input-box') ? node.firstElementChild : node;
  if (element.action_id) control.setAttribute('data-action-id', element.action_id);
  return node;
}
