// Who I am and what I see: the last state from the server, and look-ups in it.

export const session = { api: null, state: null, loadedAt: 0, channel: null };

export function setState(state) {
  session.state = state;
  session.loadedAt = Date.now();
}

export const me = () => session.state.me;
export const app = () => session.state.app;
export const users = () => Object.values(session.state.users);
export const user = (id) => session.state.users[id];
export const channels = () => session.state.channels;
export const channel = (id) => session.state.channels.find((one) => one.id === id);
export const usergroup = (id) => session.state.usergroups.find((one) => one.id === id);

export function nameOf(person) {
  if (!person) return 'Someone';
  return person.display_name || person.real_name || person.name;
}

export const userName = (id) => nameOf(user(id));

export function channelName(one) {
  if (!one) return 'private channel';
  if (one.is_im) return one.user === app().bot_user_id ? app().name : userName(one.user);
  return one.name;
}

export function channelLabel(one) {
  return one?.is_im ? channelName(one) : `#${channelName(one)}`;
}

export const isApp = (id) => id === app().bot_user_id;
export const isAppDm = (one) => Boolean(one) && one.id === app().dm_channel;

/** The sandbox's present moment in seconds: its clock can be moved, so the browser's own is never shown. */
export function now() {
  return Number(session.state.now) + (Date.now() - session.loadedAt) / 1000;
}

export function setNow(seconds) {
  session.state.now = seconds;
  session.loadedAt = Date.now();
}
