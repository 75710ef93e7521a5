// The sandbox's own bar: what this page is, who you are, what time it is here, and what an admin can do.

import { avatar } from './avatar.js';
import { sandboxDate } from './dates.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { menuButton, openMenu } from './menu.js';
import { me, nameOf, now, session, setNow, user, users } from './session.js';
import { toast, toastError } from './toast.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const STEPS = [['+1 day', DAY], ['+1 week', 7 * DAY]];

// Weekly digests come on Mondays unless somebody chose another day: on its way, time stops in the working hours of each
// Monday, east and west, for as long as an app needs to see it.
const STOPS = [9.5, 17]; // hours, UTC
const SEEN = 2_500; // milliseconds

function stops(from, to) {
  const found = [];
  for (let day = Math.floor(from / DAY); day * DAY < to; day += 1) {
    if (new Date(day * DAY * 1000).getUTCDay() === 1) found.push(...STOPS.map((hour) => day * DAY + hour * HOUR));
  }
  return found.filter((moment) => moment > from && moment < to);
}

async function moveTo(moment) {
  const answer = await session.api.post('clock', { advance: Math.max(moment - now(), 0) });
  if (answer.now) setNow(answer.now);
}

async function advance(seconds) {
  const target = now() + seconds;
  try {
    for (const moment of stops(now(), target)) {
      await moveTo(moment);
      await new Promise((seen) => { setTimeout(seen, SEEN); });
    }
    await moveTo(target);
  } catch (error) {
    toastError(error);
  }
}

async function press(button, seconds) {
  button.disabled = true;
  await advance(seconds);
  button.disabled = false;
}

async function admin(op, extra = {}) {
  try {
    await session.api.post('admin', { op, ...extra });
    toast('Done.');
  } catch (error) {
    toastError(error);
  }
}

const NEWCOMERS = ['Noa Lindqvist', 'Ravi Menon', 'Zofia Krol', 'Diego Fuentes', 'Amara Obi', 'Henrik Dahl'];

function welcome() {
  const known = new Set(users().map((one) => one.real_name));
  const name = NEWCOMERS.find((one) => !known.has(one));
  if (!name) return toast('Everybody who could join has joined.');
  return admin('add_user', { name: name.split(' ')[0].toLowerCase(), real_name: name, title: 'New here' });
}

const VACATION = { status_emoji: ':palm_tree:', status_text: 'Vacationing' };
const BACK = { status_emoji: '', status_text: '' };

function become(id) {
  location.assign(`?${new URLSearchParams({ as: id })}`);
}

function personItems() {
  return session.state.people.map((id) => {
    const person = user(id);
    const notes = [
      person.title,
      person.is_admin && 'admin',
      person.is_restricted && 'guest',
    ].filter(Boolean).join(' · ');
    return {
      label: person.real_name || nameOf(person),
      description: notes,
      checked: id === me(),
      picture: avatar(id, 28),
      onSelect: () => become(id),
    };
  });
}

function personSwitcher() {
  const name = nameOf(user(me()));
  const face = h(
    'span',
    { class: 'switcher-face' },
    avatar(me(), 22),
    h('span', { class: 'wide-only' }, 'You are:'),
    h('b', {}, name),
    icon('down', 14),
  );
  return menuButton(
    `You are: ${name}. Switch person`,
    face,
    personItems,
    { class: 'switcher', menuLabel: 'Be somebody else' },
  );
}

function adminItems() {
  const person = user(me());
  const away = person.status_emoji?.includes('palm_tree');
  const limits = session.state.controls?.rate_limits;
  return [
    { heading: nameOf(person) },
    {
      label: away ? 'Come back from vacation' : 'Go on vacation 🌴',
      onSelect: () => admin('change_user', { user: me(), ...(away ? BACK : VACATION) }),
    },
    { heading: 'Workspace' },
    { label: 'A new person joins', onSelect: welcome },
    { label: 'Deactivate a person…', onSelect: () => choosePerson('deactivate', false) },
    { label: 'Reactivate a person…', onSelect: () => choosePerson('reactivate', true) },
    {
      label: limits ? 'Turn rate limits off' : 'Turn rate limits on',
      onSelect: () => admin('rate_limits', { on: !limits }),
    },
    { divider: true },
    { label: `Uninstall ${session.state.app.name}`, danger: true, onSelect: () => admin('uninstall') },
    { label: `Install ${session.state.app.name} again`, onSelect: () => admin('reinstall') },
  ];
}

function choosePerson(op, deleted) {
  const others = users().filter((one) => !one.is_bot && ![me(), 'USLACKBOT'].includes(one.id));
  const items = others.filter((one) => one.deleted === deleted)
    .map((one) => ({
      label: nameOf(one),
      description: one.title,
      picture: avatar(one.id, 24),
      onSelect: () => admin(op, { user: one.id }),
    }));
  if (items.length) openMenu(document.querySelector('[data-admin]'), items, { label: op });
  else toast('There is nobody to choose.');
}

export class TopBar {
  constructor({ onToggleSidebar }) {
    this.date = h('time', { class: 'sandbox-date' });
    const steps = STEPS.map(([label, seconds]) =>
      h(
        'button',
        { class: 'bar-button', 'aria-label': `Move time: ${label}`, onclick: (event) => press(event.currentTarget, seconds) },
        label,
      ));
    const adminMenu = menuButton('Admin', h('span', {}, 'Admin'), adminItems, { class: 'bar-button' });
    adminMenu.setAttribute('data-admin', '');
    this.who = h('div', { class: 'who' });
    this.node = h('header', { class: 'sandbox-bar' },
      h(
        'button',
        {
          class: 'bar-button hamburger',
          'aria-label': 'Channels',
          'aria-controls': 'sidebar',
          'aria-expanded': 'false',
          onclick: onToggleSidebar,
        },
        icon('menu'),
      ),
      this.who,
      h('p', { class: 'honest' }, h('b', {}, 'This is a sandbox.'), ' Nothing leaves this machine.'),
      h('div', { class: 'clock', role: 'group', 'aria-label': 'Sandbox time' }, icon('clock', 14), this.date, steps),
      adminMenu);
    setInterval(() => this.tick(), 10_000);
  }

  draw() {
    this.who.replaceChildren(personSwitcher());
    this.tick();
  }

  tick() {
    this.date.textContent = sandboxDate(now());
    this.date.dateTime = new Date(now() * 1000).toISOString();
  }
}
