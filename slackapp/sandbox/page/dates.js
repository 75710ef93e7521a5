// Moments as Slack writes them, in the time zone of the person who looks.

import { me, now, user } from './session.js';

const formats = new Map();

function format(options) {
  const timeZone = user(me())?.tz || undefined;
  const key = JSON.stringify([timeZone, options]);
  if (!formats.has(key)) formats.set(key, formatter(timeZone, options));
  return formats.get(key);
}

function formatter(timeZone, options) {
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en-US', options);
  }
}

const write = (seconds, options) => format(options).format(new Date(seconds * 1000));

export const clockTime = (seconds) => write(seconds, { hour: 'numeric', minute: '2-digit' });
export const dayKey = (seconds) => write(seconds, { year: 'numeric', month: '2-digit', day: '2-digit' });
export const fullMoment = (seconds) => `${longDate(seconds)} at ${clockTime(seconds)}`;
export const sandboxDate = (seconds) =>
  write(
    seconds,
    { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' },
  );

function ordinal(day) {
  const teen = day > 10 && day < 14;
  return `${day}${(!teen && { 1: 'st', 2: 'nd', 3: 'rd' }[day % 10]) || 'th'}`;
}

function longDate(seconds, weekday) {
  const day = ordinal(Number(write(seconds, { day: 'numeric' })));
  const month = write(seconds, { month: 'long' });
  const year = write(seconds, { year: 'numeric' });
  const thisYear = year === write(now(), { year: 'numeric' });
  const start = weekday ? `${write(seconds, { weekday: 'long' })}, ` : '';
  return `${start}${month} ${day}${thisYear ? '' : `, ${year}`}`;
}

const DAY = 86_400;

function relativeDay(seconds) {
  const key = dayKey(seconds);
  if (key === dayKey(now())) return 'Today';
  if (key === dayKey(now() - DAY)) return 'Yesterday';
  if (key === dayKey(now() + DAY)) return 'Tomorrow';
  return null;
}

export const dayLabel = (seconds) => relativeDay(seconds) ?? longDate(seconds, true);

function ago(seconds) {
  const past = Math.max(0, now() - seconds);
  const units = [['year', 31_557_600], ['month', 2_629_800], ['day', DAY], ['hour', 3600], ['minute', 60]];
  const [unit, size] = units.find(([, length]) => past >= length) ?? ['moment', 0];
  if (!size) return 'just now';
  const count = Math.floor(past / size);
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

const shortDate = (seconds) => write(seconds, { month: 'short', day: 'numeric', year: 'numeric' });
const pretty = (seconds, text) => relativeDay(seconds)?.toLowerCase() ?? text;

const TOKENS = {
  date_num: (s) => `${write(s, { year: 'numeric' })}-${write(s, { month: '2-digit' })}-${write(s, { day: '2-digit' })}`,
  date: (s) => longDate(s),
  date_short: shortDate,
  date_long: (s) => longDate(s, true),
  date_pretty: (s) => pretty(s, longDate(s)),
  date_short_pretty: (s) => pretty(s, shortDate(s)),
  date_long_pretty: (s) => pretty(s, longDate(s, true)),
  day_divider_pretty: dayLabel,
  date_slash: (s) => write(s, { year: 'numeric', month: '2-digit', day: '2-digit' }),
  time: clockTime,
  time_secs: (s) => write(s, { hour: 'numeric', minute: '2-digit', second: '2-digit' }),
  ago,
};

/** Fill Slack's date tokens (`{date_short} at {time}`); a token nobody knows makes the fallback show. */
export function slackDate(seconds, pattern, fallback) {
  let known = true;
  const text = pattern.replace(/\{(\w+)\}/g, (whole, token) => {
    known &&= token in TOKENS;
    return known ? TOKENS[token](seconds) : whole;
  });
  return known ? text : fallback;
}
