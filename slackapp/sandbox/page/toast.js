import { h } from './dom.js';

const SHOWN_FOR = 6000;
let shelf;

/** Toasts live in the top layer, so that an open modal does not hide them. */
export function toast(text, kind = 'info') {
  if (!shelf) {
    shelf = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite', popover: 'manual' });
    document.body.append(shelf);
  }
  if ([...shelf.children].some((note) => note.textContent === text)) return;
  if (shelf.matches(':popover-open')) shelf.hidePopover();
  shelf.showPopover();
  const note = h('div', { class: `toast ${kind}` }, text);
  shelf.append(note);
  setTimeout(() => {
    note.remove();
    if (!shelf.childElementCount) shelf.hidePopover();
  }, SHOWN_FOR);
}

const WORDS = {
  connection: 'We had some trouble connecting. Try again?',
  operation_timeout: 'We had some trouble connecting. Try again?',
};

/** The server answers with a sentence or with one of Slack's error codes. */
export function toastError({ message }) {
  const sentence = message.includes(' ') ? message : `That did not work: ${message}`;
  toast(WORDS[message] ?? sentence, 'error');
}
