// Writes fonts.json: which families and styles are drawn, under what licence, and which are kept for testing.
// Usage: node survey.js FOLDER, where FOLDER holds the families to consider as npm packages (see README.md).
import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawLetters } from './drawing.js';
import { fontFile, readFontPackage } from './font-package.js';

/** Styles in the order in which they are wanted; a family gives the first three it has. */
const wanted = ['400-normal', '700-normal', '400-italic', '700-italic', '900-normal', '300-normal'];
const stylesPerFamily = 3;

/**
 * Two families whose letters differ by less than this (mean difference, 1 being black against white) are one design:
 * below it lie Heebo and Roboto, Carlito and Lato, Cambo and Caladea; above it, designs that are merely alike.
 */
const sameDesign = 0.033;

/**
 * One group in seven is kept for testing: those whose hash leaves this remainder. Of the seven remainders it is the one
 * whose share of families and images came near a seventh with script, black-letter and typewriter faces on both sides.
 */
const testRemainder = 2;

/** The families in `folder` that may be used, each with its styles and the letters of its first style. */
function usableFamilies(folder) {
  const families = [];
  for (const slug of readdirSync(join(folder, 'node_modules', '@fontsource')).sort()) {
    const { styles: available, ...family } = readFontPackage(folder, slug);
    if (!family.licence) {
      console.log(`${slug}: left out, no open licence for the font itself`);
      continue;
    }
    const styles = wanted.filter((style) => available.includes(style)).slice(0, stylesPerFamily);
    try {
      const drawings = styles.map((style) => drawLetters(fontFile(folder, slug, style)));
      if (drawings.length === 0) throw new Error('none of the styles wanted');
      families.push({ ...family, styles, drawing: Buffer.concat(drawings[0]) });
    } catch (error) {
      console.log(`${slug}: left out, ${error.message}`);
    }
  }
  return families;
}

/** Mean absolute difference of two drawings, 0 to 1. */
function difference(first, second) {
  let sum = 0;
  for (let pixel = 0; pixel < first.length; pixel++) sum += Math.abs(first[pixel] - second[pixel]);
  return sum / (255 * first.length);
}

/**
 * Names for each family the group it belongs to: families that share the first word of their name (Roboto, Roboto
 * Slab) or a design are in one group, so that none is tested on what a sister was trained on.
 */
function groupsOf(families) {
  const parent = new Map();
  const root = (name) => (parent.get(name) === undefined ? name : root(parent.get(name)));
  const unite = (one, other) => {
    const [first, second] = [root(one), root(other)].sort();
    if (first !== second) parent.set(second, first);
  };
  const firstWord = ({ slug }) => slug.split('-')[0];
  for (const [index, family] of families.entries()) {
    for (const earlier of families.slice(0, index)) {
      if (difference(family.drawing, earlier.drawing) < sameDesign) unite(firstWord(family), firstWord(earlier));
    }
  }
  return families.map((family) => root(firstWord(family)));
}

/** Chosen by a hash of the group's name, so that adding a family moves others only if it joins two groups. */
function splitOf(group) {
  return createHash('sha256').update(group).digest().readUInt32BE() % 7 === testRemainder ? 'test' : 'train';
}

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Usage: node survey.js FOLDER (a folder with @fontsource packages in its node_modules)');
const families = usableFamilies(folder);
const groups = groupsOf(families);
const lines = families.map(({ drawing: _, ...family }, index) =>
  JSON.stringify({ ...family, split: splitOf(groups[index]) }),
);
writeFileSync(new URL('fonts.json', import.meta.url), `[\n${lines.join(',\n')}\n]\n`);
const testing = lines.filter((line) => line.includes('"split":"test"')).length;
const styles = families.reduce((sum, family) => sum + family.styles.length, 0);
console.log(`${families.length} families (${testing} for testing), ${styles} styles`);
