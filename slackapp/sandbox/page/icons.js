const PATHS = {
  hash: ['M7.5 3 6 17', 'M14 3l-1.5 14', 'M3.5 7.5h13.5', 'M3 12.5h13.5'],
  lock: ['M5 9h10v7.5H5z', 'M7 9V6.5a3 3 0 0 1 6 0V9'],
  send: ['M3.5 4 17 10 3.5 16l1.8-6z', 'M5.5 10H11'],
  plus: ['M10 4v12', 'M4 10h12'],
  smile: ['M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0z', 'M7 11.8a3.5 3.5 0 0 0 6 0', 'M7.6 8v.4', 'M12.4 8v.4'],
  at: ['M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0z', 'M13 7v3.8c0 2.4 4 2.2 4-.8a7 7 0 1 0-3 5.75'],
  thread: ['M3 4.5h14v9H9l-3.5 3v-3H3z', 'M6.5 7.8h7', 'M6.5 10.5h4.5'],
  dots: ['M10 4.5v.2', 'M10 10v.2', 'M10 15.5v.2'],
  close: ['M5 5l10 10', 'M15 5 5 15'],
  bolt: ['M11.5 2.5 4.5 11.5H9.5l-1 6 7-9H10.5z'],
  down: ['M5.5 8l4.5 4.5L14.5 8'],
  menu: ['M3.5 6h13', 'M3.5 10h13', 'M3.5 14h13'],
  eye: ['M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5z', 'M12 10a2 2 0 1 1-4 0 2 2 0 0 1 4 0z'],
  bold: ['M6 4h5a3 3 0 0 1 0 6H6zM6 10h6a3 3 0 0 1 0 6H6z'],
  italic: ['M8 4h6', 'M6 16h6', 'M11.5 4l-3 12'],
  strike: [
    'M3.5 10h13',
    'M13.5 6.5C13 4.8 11.8 4 10 4 7 4 5.8 6.8 8 8.5',
    'M6.5 13.5C7 15.2 8.2 16 10 16c2.6 0 4-1.8 3.3-3.8',
  ],
  code: ['M7 6l-4 4 4 4', 'M13 6l4 4-4 4'],
  clock: ['M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0z', 'M10 6v4.3l2.8 1.7'],
  addSmile: [
    'M16 11.5A6.5 6.5 0 1 1 9.5 4',
    'M6.8 11.8a3.3 3.3 0 0 0 5.4 0',
    'M7.3 8.3v.4',
    'M11.7 8.3v.4',
    'M15.5 2.5v5',
    'M13 5h5',
  ],
};

const SVG = 'http://www.w3.org/2000/svg';

function svg(size, ...shapes) {
  const root = document.createElementNS(SVG, 'svg');
  root.setAttribute('viewBox', '0 0 20 20');
  root.setAttribute('width', size);
  root.setAttribute('height', size);
  root.setAttribute('aria-hidden', 'true');
  root.classList.add('icon');
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    root.append(shape);
  }
  return root;
}

export function icon(name, size = 18) {
  const stroke = {
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': 1.6,
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
  };
  return svg(size, ...PATHS[name].map((d) => ['path', { ...stroke, d }]));
}

/** The app's neutral mark: two rings that hold each other. */
export function appMark(size) {
  const ring = { cy: 10, r: 4, fill: 'none', 'stroke-width': 2 };
  return svg(
    size,
    ['rect', { width: 20, height: 20, fill: '#3b2450' }],
    ['circle', { ...ring, cx: 7.8, stroke: '#f3c969' }],
    ['circle', { ...ring, cx: 12.2, stroke: '#7fd1c1' }],
  );
}
