// The page: reads the address, draws the parts, and lets live events reach them.

import { Api, openLive } from './api.js';
import { ThreadView, conversation, tabsOf } from './conversation.js';
import { announce, h } from './dom.js';
import { authorOf } from './message.js';
import { Modals } from './modal.js';
import { spoken } from './mrkdwn.js';
import {
  app,
  channel,
  channelLabel,
  channelName,
  channels,
  isAppDm,
  me,
  session,
  setNow,
  setState,
  userName,
} from './session.js';
import { Sidebar, addressOf } from './sidebar.js';
import { toast, toastError } from './toast.js';
import { TopBar } from './topbar.js';

const root = document.getElementById('app');
const modals = new Modals();
let topBar;
let sidebar;
let shown = null;
let thread = null;
let route = null;

// --- the address -----------------------------------------------------------------------------------------------

function defaultChannel() {
  const joined = channels().filter((one) => one.is_member && !one.is_im && !one.is_archived);
  return (joined.find((one) => one.name === 'general') ?? joined[0] ?? channels()[0]).id;
}

function defaultTab(one) {
  if (!isAppDm(one)) return null;
  const [first] = tabsOf();
  return one.unread && first === 'home' ? 'messages' : first;
}

function readAddress() {
  const query = new URLSearchParams(location.search);
  const wanted = channel(query.get('channel'))?.id ?? defaultChannel();
  const linked = query.get('ts') && isAppDm(channel(wanted)) ? 'messages' : null;
  const tab = query.get('tab') ?? linked ?? defaultTab(channel(wanted));
  return { channel: wanted, tab, thread: query.get('thread'), ts: query.get('ts') };
}

function addressFor({ channel: id, tab, thread: ts }) {
  const extra = Object.entries({ tab, thread: ts }).filter(([, value]) => value);
  return addressOf(id, Object.fromEntries(extra));
}

function go(next) {
  history.pushState(null, '', addressFor(next));
  show(readAddress());
}

const openThread = (ts) => go({ ...route, thread: ts });
const closeThread = () => {
  go({ ...route, thread: null });
  shown.channelView?.composer.focus();
};

// --- drawing ---------------------------------------------------------------------------------------------------

function skipToConversation(event) {
  event.preventDefault();
  shown.node.querySelector('textarea, button, a')?.focus();
}

function drawFrame() {
  topBar = new TopBar({ onToggleSidebar: () => toggleSidebar() });
  sidebar = new Sidebar();
  const skip = h('a', { class: 'skip', href: '#main', onclick: skipToConversation }, 'Skip to the conversation');
  const lost = h('p', { class: 'connection', role: 'status', hidden: true }, 'Connection lost. Trying to reconnect…');
  root.replaceChildren(
    skip,
    topBar.node,
    lost,
    h('div', { class: 'columns' }, sidebar.node, h('div', { class: 'backdrop', onclick: () => toggleSidebar(false) })),
  );
}

function toggleSidebar(open) {
  const isOpen = root.classList.toggle('sidebar-open', open);
  topBar.node.querySelector('.hamburger').setAttribute('aria-expanded', String(isOpen));
  if (isOpen) sidebar.node.querySelector('[aria-current], a')?.focus();
}

function show(next) {
  const sameView = route && shown && next.channel === route.channel && next.tab === route.tab;
  route = next;
  session.channel = route.channel;
  if (!sameView) showConversation();
  showThread();
  drawUnread();
  toggleSidebar(false);
  document.title = `${channelName(channel(route.channel))} | ${session.state.team.name} (sandbox)`;
}

/** What is on the screen is read; the app's messages are not while its Home tab is open. */
function drawUnread() {
  if (shown.channelView) channel(route.channel).unread = 0;
  sidebar.draw();
  const waiting = Number(channel(app().dm_channel)?.unread) > 0;
  root.querySelector('[data-go-tab=messages]')?.toggleAttribute('data-unread', waiting);
}

function showConversation() {
  const onTabs = document.activeElement?.matches('[role=tab]');
  shown?.node.remove();
  shown = conversation(route, { onThread: openThread });
  root.querySelector('.columns').insertBefore(shown.node, thread?.node ?? null);
  if (onTabs) shown.node.querySelector('[role=tab][aria-selected=true]')?.focus();
  shown.channelView?.load().then(() => settleFocus(shown.channelView));
  const opensApp = isAppDm(channel(route.channel)) && route.tab !== 'about';
  if (opensApp) session.api.post('home', { tab: route.tab }).catch(toastError);
}

function settleFocus(view) {
  if (view !== shown.channelView || route.thread) return;
  if (route.ts) view.messages.reveal(route.ts);
  else if (mayFocus()) view.composer.focus();
}

/** Not away from a tab or a dialog, and not on a phone, where the keyboard would rise over the messages. */
function mayFocus() {
  const elsewhere = document.activeElement?.matches('[role=tab]') || document.querySelector('dialog[open]');
  return !elsewhere && !matchMedia('(hover: none)').matches;
}

function showThread() {
  if (thread?.ts === route.thread && thread?.channel === route.channel) return;
  thread?.node.remove();
  thread = route.thread ? new ThreadView(channel(route.channel), route.thread, { onClose: closeThread }) : null;
  shown.node.inert = Boolean(thread) && matchMedia('(max-width: 700px)').matches;
  if (!thread) return;
  root.querySelector('.columns').append(thread.node);
  thread.load();
}

// --- live ------------------------------------------------------------------------------------------------------

async function refetch() {
  const before = JSON.stringify([session.state.users, session.state.emoji]);
  const wasMember = channel(route.channel)?.is_member;
  setState(await session.api.state());
  const here = channel(route.channel);
  if (!here) return show(readAddress());
  if (here.is_member !== wasMember) showConversation();
  topBar.draw();
  drawUnread();
  modals.sync(session.state.modal);
  shown.home?.show(session.state.home);
  if (before !== JSON.stringify([session.state.users, session.state.emoji])) redrawMessages();
  return undefined;
}

function redrawMessages() {
  shown.channelView?.messages.redraw();
  thread?.messages.redraw();
}

const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;
const inChannel = (message) => !isReply(message) || message.subtype === 'thread_broadcast';

/** The lists on the page that show this message. */
function listsFor(channelId, message) {
  const lists = [];
  if (shown.channelView?.channel === channelId && inChannel(message)) lists.push(shown.channelView.messages);
  if (thread?.channel === channelId && [message.thread_ts, message.ts].includes(thread.ts)) lists.push(thread.messages);
  return lists;
}

function upsert({ channel: channelId, message }) {
  listsFor(channelId, message).forEach((list) => list.upsert(message));
}

let reading = null;

/** The server takes what a person has fetched as read; what arrives while they look is read as well. */
function markRead(channelId) {
  clearTimeout(reading);
  reading = setTimeout(() => session.api.history(channelId).catch(() => {}), 1000);
}

function hear({ channel: channelId, message }) {
  const lists = listsFor(channelId, message);
  const mine = authorOf(message) === me();
  if (lists.length && !mine) announce(`${userName(authorOf(message))}: ${spoken(message.text ?? '')}`);
  const one = channel(channelId);
  if (lists.length) markRead(channelId);
  if (lists.length || mine || !one) return;
  one.unread = (Number(one.unread) || 0) + 1;
  drawUnread();
  announce(`New message in ${channelLabel(one)}`);
}

function remove({ channel: channelId, ts }) {
  if (shown.channelView?.channel === channelId) shown.channelView.messages.remove(ts);
  if (thread?.channel === channelId) thread.messages.remove(ts);
}

const EVENTS = {
  message: (event) => {
    upsert(event);
    hear(event);
  },
  message_changed: upsert,
  message_deleted: remove,
  home: ({ view }) => {
    session.state.home = view;
    shown.home?.show(view);
  },
  views: ({ stack }) => modals.sync(stack),
  state: () => refetch().catch(toastError),
  clock: ({ now: seconds }) => {
    setNow(seconds);
    topBar.tick();
    redrawMessages();
  },
  toast: ({ text }) => toast(text),
};

function connectionLost(lost) {
  root.querySelector('.connection').hidden = !lost;
}

let early = [];

function onEvent(event) {
  if (early) early.push(event);
  else EVENTS[event.type]?.(event);
}

async function catchUp() {
  connectionLost(false);
  await refetch().catch(toastError);
  await Promise.all([shown.channelView?.load(), thread?.load()]);
}

/** Resolves once the line is open. What arrives before the page is drawn waits, so nothing falls between the two. */
function connect() {
  return new Promise((resolve) => {
    openLive(session.api.as, {
      onEvent,
      onOpen: (again) => (again && shown ? catchUp() : resolve()),
      onLost: () => {
        if (shown) connectionLost(true);
        resolve();
      },
    });
  });
}

function drawPage() {
  drawFrame();
  topBar.draw();
  show(route);
  modals.sync(session.state.modal);
  early.forEach((event) => EVENTS[event.type]?.(event));
  early = null;
}

// --- start -----------------------------------------------------------------------------------------------------

function onLinkClick(event) {
  const link = event.target.closest('a[data-go-channel]');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const id = link.dataset.goChannel;
  go({ channel: id, tab: link.dataset.goTab ?? defaultTab(channel(id)), thread: null });
}

async function start() {
  const as = new URLSearchParams(location.search).get('as') ?? (await new Api(null).state()).me;
  session.api = new Api(as);
  await connect();
  setState(await session.api.state());
  route = readAddress();
  history.replaceState(null, '', addressFor(route));
  drawPage();
  document.addEventListener('click', onLinkClick);
  window.addEventListener('popstate', () => show(readAddress()));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && root.classList.contains('sidebar-open')) toggleSidebar(false);
  });
}

start().catch((error) => root.replaceChildren(h(
  'p',
  { class: 'loading', role: 'alert' },
  `The sandbox workspace could not be opened (${error.message}). `,
  h('a', { href: '/' }, 'Start over'),
)));
