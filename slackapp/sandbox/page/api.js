// The only file that talks to the sandbox's server.

class ApiError extends Error {}

async function request(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body ? { 'Content-Type': 'application/json' } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch {
    throw new ApiError('connection');
  }
  const answer = await response.json().catch(() => ({ ok: false, error: `http_${response.status}` }));
  if (answer.ok === false && !answer.errors) throw new ApiError(answer.error ?? 'unknown');
  return answer;
}

export class Api {
  constructor(as) {
    this.as = as;
  }

  state() {
    return request('GET', `/client/state?${new URLSearchParams(this.as ? { as: this.as } : {})}`);
  }

  history(channel, threadTs) {
    const query = { as: this.as, channel, ...(threadTs ? { thread_ts: threadTs } : {}) };
    return request('GET', `/client/history?${new URLSearchParams(query)}`);
  }

  post(what, body) {
    return request('POST', `/client/${what}`, { as: this.as, ...body });
  }
}

const FIRST_DELAY = 300;
const LONGEST_DELAY = 10_000;

/** A WebSocket that comes back by itself; `onOpen(again)` tells whether something may have been missed. */
export function openLive(as, { onEvent, onOpen, onLost }) {
  let delay = FIRST_DELAY;
  let again = false;

  function connect() {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/client/live?${new URLSearchParams({ as })}`);
    socket.addEventListener('open', () => {
      delay = FIRST_DELAY;
      onOpen(again);
      again = true;
    });
    socket.addEventListener('message', (event) => onEvent(JSON.parse(event.data)));
    socket.addEventListener('close', () => {
      onLost();
      setTimeout(connect, delay * (0.75 + Math.random() / 2));
      delay = Math.min(delay * 2, LONGEST_DELAY);
    });
  }

  connect();
}
