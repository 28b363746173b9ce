// Whether everything the package exports has a docstring: each name of each subpath, and each public method and accessor of the
// classes and interfaces that a program handles: data sets, loader, modules, optimisers, files, pictures. What overrides or
// implements a documented member is documented by that. `--members` asks for every member of everything.

import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { root } from '../bootstrap.js';

const { SymbolFlags, SyntaxKind, ModifierFlags } = ts;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const sources = Object.values(manifest.exports).flatMap((target) => target['flambeau-source'] ?? []);
const entries = sources.map((source) => source.replace(/^\.\/src\/(.*)\.ts$/, '$1'));

const configFile = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
const { options } = ts.parseJsonConfigFileContent(configFile.config, ts.sys, root);
const files = entries.map((entry) => join(root, 'src', `${entry}.ts`));
const program = ts.createProgram(files, options);
const checker = program.getTypeChecker();

const everything = process.argv.includes('--members');
const missing = [];
const seen = new Set();
let count = 0;

function place(declaration) {
  const file = declaration.getSourceFile();
  return `${relative(root, file.fileName)}:${file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1}`;
}

function isDocumented(symbol) {
  const tags = symbol.getJsDocTags(checker);
  return symbol.getDocumentationComment(checker).length > 0 || tags.some(({ name }) => name === 'throws');
}

function isInternal(symbol) {
  return symbol.getJsDocTags(checker).some(({ name }) => name === 'internal');
}

function require(name, symbol) {
  count++;
  if (!isDocumented(symbol)) missing.push(`${place(symbol.declarations[0])}  ${name}`);
}

/** Where methods must be documented. Elsewhere a name says what PyTorch says. */
const held = /^src\/(datasets|data|io|transforms|visual|optim|autograd)\/|^src\/nn\/module\.ts$/;

const isCalled = (node) =>
  ts.isMethodDeclaration(node) || ts.isMethodSignature(node) || ts.isGetAccessorDeclaration(node);

/** Whether a member is declared in this class for the first time, for users, and says more than its name. */
function wants(member, declaration) {
  if (!member.declarations?.some((node) => node.parent === declaration)) return false;
  const node = member.declarations[0];
  if (ts.isConstructorDeclaration(node) || member.name.startsWith('#') || member.name.startsWith('__')) return false;
  const flags = ts.getCombinedModifierFlags(node);
  if (flags & (ModifierFlags.Private | ModifierFlags.Protected | ModifierFlags.Override)) return false;
  if (!everything && !(isCalled(node) && held.test(relative(root, node.getSourceFile().fileName)))) return false;
  // What a module's class documents is its forward; what a data set's does, its items.
  return !['forward', 'moduleUrl', 'toString', 'extraRepr'].includes(member.name);
}

function visitMembers(name, symbol) {
  for (const declaration of symbol.declarations ?? []) {
    if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) continue;
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    const members = [...checker.getPropertiesOfType(type), ...(symbol.exports?.values() ?? [])];
    for (const member of members) {
      if (member.flags & SymbolFlags.Prototype || isInternal(member)) continue;
      if (wants(member, declaration)) require(`${name}.${member.name}`, member);
    }
  }
}

function visit(name, exported) {
  const symbol = exported.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  if (seen.has(symbol) || symbol.declarations === undefined || isInternal(symbol)) return;
  seen.add(symbol);
  if (symbol.declarations[0].kind === SyntaxKind.SourceFile) {
    for (const inner of checker.getExportsOfModule(symbol)) visit(`${name}.${inner.name}`, inner);
    return;
  }
  require(name, symbol);
  visitMembers(name, symbol);
}

entries.forEach((entry, i) => {
  const file = program.getSourceFile(files[i]);
  const path = entry === 'index' ? 'flambeau' : `flambeau/${entry.replace('/index', '')}`;
  for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(file))) {
    visit(`${path}: ${exported.name}`, exported);
  }
});

for (const line of missing) console.error(line);
if (missing.length > 0) {
  console.error(`${missing.length} of ${count} exported names and members have no docstring`);
  process.exitCode = 1;
} else {
  console.log(`${count} exported names and members, each with a docstring`);
}
