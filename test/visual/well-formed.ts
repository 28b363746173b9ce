// Whether a drawing is well-formed XML, as far as drawings need it.

import assert from 'node:assert/strict';

/** Every element is closed in its place, attributes are quoted, texts have no bare signs. */
export function assertWellFormed(svg: string): void {
  const open: string[] = [];
  let rest = svg;
  while (rest !== '') {
    const [text] = /^[^<]*/.exec(rest)!;
    assert.doesNotMatch(text, /&(?!(amp|lt|gt|quot);)/);
    rest = rest.slice(text.length);
    if (rest === '') break;
    const tag = /^<(\/)?([a-z]+)((?:\s[a-zA-Z:-]+="[^"<]*")*)(\/)?>/.exec(rest);
    assert.ok(tag, `at ${rest.slice(0, 80)}`);
    const [whole, closing, name, attributes, single] = tag;
    assert.doesNotMatch(attributes!, /NaN|Infinity|undefined/);
    if (closing) assert.equal(open.pop(), name);
    else if (!single) open.push(name!);
    rest = rest.slice(whole.length);
  }
  assert.deepEqual(open, []);
}

/** The texts of a drawing in their order. */
export function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
}
