const PATHS = {
  hash: ['M7.5 3 6 17', 'M14 3l-1.500 14', 'M3.500 7.500h13.500', 'M3 12.500h13.500'],
  lock: ['M5 9h10v7.500H5z', 'M7 9V6.500a3 3 0 0 1 6 0V9'],
  send: ['M3.500 4 17 10 3.500 16l1.800-6z', 'M5.500 10H11'],
  plus: ['M10 4v12', 'M4 10h12'],
  smile: ['M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0z', 'M7 11.800a3.500 3.500 0 0 0 6 0', 'M7.600 8v.4', 'M12.400 8v.4'],
  at: ['M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0z', 'M13 7v3.800c0 2.400 4 2.200 4-.8a7 7 0 1 0-3 5.750'],
  thread: ['M3 4.500h14v9H9l-3.500 3v-3H3z', 'M6.500 7.800h7', 'M6.500 10.500h4.500'],
  dots: ['M10 4.500v.2', 'M10 10v.2', 'M10 15.500v.2'],
  close: ['M5 5l10 10', 'M15 5 5 15'],
  bolt: ['M11.500 2.500 4.500 11.500H9.500l-1 6 7-9H10.500z'],
  down: ['M5.500 8l4.500 4.500L14.500 8'],
  menu: ['M3.500 6h13', 'M3.500 10h13', 'M3.500 14h13'],
  back: ['M12 4.500 6.500 10l5.500 5.500'],
  eye: ['M2.500 10S5 5 10 5s7.500 5 7.500 5-2.500 5-7.500 5-7.500-5-7.500-5z', 'M12 10a2 2 0 1 1-4 0 2 2 0 0 1 4 0z'],
  bold: ['M6 4h5a3 3 0 0 1 0 6H6zM6 10h6a3 3 0 0 1 0 6H6z'],
  italic: ['M8 4h6', 'M6 16h6', 'M11.500 4l-3 12'],
  strike: ['M3.500 10h13', 'M13.500 6.500C13 4.800 11.800 4 10 4 7 4 5.800 6.800 8 8.500', 'M6.500 13.500C7 15.200 8.200 16 10 16c2.600 0 4-1.800 3.300-3.800'],
  code: ['M7 6l-4 4 4 4', 'M13 6l4 4-4 4'],
  search: ['M13.500 9a4.500 4.500 0 1 1-9 0 4.500 4.500 0 0 1 9 0z', 'M12.500 12.500 16.500 16.500'],
  clock: ['M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0z', 'M10 6v4.300l2.800 1.700'],
  addSmile: ['M16 11.500A6.500 6.500 0 1 1 9.500 4', 'M6.800 11.800a3.300 3.300 0 0 0 5.400 0', 'M7.300 8.300v.4', 'M11.700 8.300v.4', 'M15.500 2.500v5', 'M13 5h5'],
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
  const stroke = { fill: 'none', stroke: 'currentColor', 'stroke-width': 1.6, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
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
