import { h, keepFocusInside, uid } from './dom.js';
import { icon } from './icons.js';
import { textObject } from './mrkdwn.js';

/** The browser makes the page inert behind a dialog; this says the same to tools that only read attributes. */
function hideThePage() {
  const page = document.getElementById('app');
  if (document.querySelector('dialog[open]')) page.setAttribute('aria-hidden', 'true');
  else page.removeAttribute('aria-hidden');
}

/** A native dialog: the browser makes the rest of the page inert; `onDismiss` answers Escape and the ✕. */
export function openDialog({ title, picture, body, footer, onDismiss, className = '' }) {
  const opener = document.activeElement;
  const titleId = uid('dialog-title');
  const closeButton = h(
    'button',
    { class: 'icon-button dialog-close', 'aria-label': 'Close', onclick: () => onDismiss('x') },
    icon('close'),
  );
  const dialog = h('dialog', {
    class: `dialog ${className}`,
    role: 'dialog',
    'aria-modal': 'true',
    'aria-labelledby': titleId,
  },
    h('header', { class: 'dialog-header' }, picture, h('h2', { id: titleId }, title), closeButton),
    body, footer);
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    onDismiss('escape');
  });
  dialog.addEventListener('keydown', (event) => keepFocusInside(dialog, event));
  document.body.append(dialog);
  dialog.showModal();
  hideThePage();
  return {
    dialog,
    setTitle: (text) => { dialog.querySelector('h2').textContent = text; },
    close() {
      dialog.close();
      dialog.remove();
      hideThePage();
      if (opener?.isConnected) opener.focus();
    },
  };
}

/** Ask a question of Slack's confirm object; resolves to whether the answer was yes. */
export function confirmFirst(question) {
  return new Promise((resolve) => {
    const answer = (yes) => () => {
      shown.close();
      resolve(yes);
    };
    const yesClass = question.style === 'danger' ? 'btn danger' : 'btn primary';
    const yesButton = h('button', { class: yesClass, onclick: answer(true) }, textObject(question.confirm));
    const shown = openDialog({
      title: question.title.text,
      className: 'small',
      body: h('div', { class: 'dialog-body' }, textObject(question.text)),
      footer: h(
        'footer',
        { class: 'dialog-footer' },
        h('button', { class: 'btn', onclick: answer(false) }, textObject(question.deny)),
        yesButton,
      ),
      onDismiss: answer(false),
    });
    yesButton.focus();
  });
}
