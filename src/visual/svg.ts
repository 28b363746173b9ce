// SVG as text: elements, attributes, and what must be escaped. https://www.w3.org/TR/SVG11/

import { background, ink } from './palette.js';

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with its attributes; `content` is SVG, not text. */
export function element(name: string, attributes: Attributes, content?: string): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escaped(value!)}"`)
    .join('');
  return content === undefined ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A line of text. */
export function label(text: string, x: number, y: number, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escaped(text));
}

/** A picture as a document of its own. Its fonts are whatever stands for sans-serif where it is looked at. */
export function svgDocument(width: number, height: number, parts: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    ...{ width, height, viewBox: `0 0 ${rounded(width)} ${rounded(height)}` },
    'font-family': "system-ui, 'Helvetica Neue', Helvetica, Arial, sans-serif",
    ...{ 'font-size': 12, fill: ink },
  };
  const page = element('rect', { width, height, fill: background });
  return `${element('svg', attributes, ['', page, ...parts, ''].join('\n'))}\n`;
}

/** Text as it may stand in an element or attribute. Characters that XML has no way to write are left out. */
export function escaped(text: string): string {
  const plain = text.replace(/[^\t\n\r\u0020-\ufffd]|[\ud800-\udbff](?![\udc00-\udfff])/g, '');
  return plain.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);
}

/** Hundredths of a pixel are enough. */
export function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** About how wide a text is, for layout: fonts differ, so this is on the wide side. */
export function textWidth(text: string, fontSize = 12): number {
  return text.length * fontSize * 0.58;
}

/** The text cut to fit a width, with an ellipsis. */
export function fitted(text: string, width: number, fontSize = 12): string {
  if (textWidth(text, fontSize) <= width) return text;
  const room = Math.max(Math.floor(width / (fontSize * 0.58)) - 1, 1);
  return `${text.slice(0, room)}…`;
}
