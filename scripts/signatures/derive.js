// What the public functions take, read from their types: a line for each, such as `sum(input: Tensor, dims?: number|array,
// options?: {dtype?: string, keepdim?: boolean})`, by which `guarded` refuses anything else when it is called.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The tables: the file each is written to, and the modules whose exports it describes. */
export const tables = [
  { file: 'src/tensor/signatures.ts', from: ['src/tensor/create.ts', 'src/tensor/random.ts'] },
  { file: 'src/ops/signatures.ts', from: ['src/ops/index.ts'] },
  { file: 'src/nn/functional/signatures.ts', from: ['src/nn/functional/index.ts'], only: 'src/nn/functional/' },
  {
    file: 'src/nn/signatures.ts',
    from: ['src/nn/index.ts', 'src/nn/init.ts', 'src/nn/utils/index.ts'],
    only: 'src/nn/',
  },
];

/** Classes that take what their own code checks. */
const OWN_CHECKS = new Set(['Module', 'ManualModule', 'Parameter', 'Buffer', 'Sequential', 'PackedSequence']);

export function program() {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  return ts.createProgram([join(root, 'src/index.ts')], options);
}

function typeName(type) {
  return type.aliasSymbol?.name ?? type.symbol?.name;
}

/** The reader of one program's types. */
function reader(checker) {
  const isTensor = (type) => {
    if (type.symbol?.name === 'Tensor') return true;
    return type.isClassOrInterface() && (checker.getBaseTypes(type) ?? []).some(isTensor);
  };

  function arrayKind(type, depth) {
    const element = checker.getTypeArguments(type)[0];
    if (!element || depth > 1) return 'array';
    const kinds = kindsOf(element, 2);
    return kinds.length === 1 && kinds[0] === 'Tensor' ? 'Tensor[]' : 'array';
  }

  /** Kinds of value that a type admits, sorted. */
  function kindsOf(type, depth) {
    const found = new Set();
    const visit = (part) => {
      const { flags } = part;
      if (flags & ts.TypeFlags.TypeParameter) visit(checker.getBaseConstraintOfType(part) ?? checker.getUnknownType());
      else if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) found.add('any');
      else if (part.isUnion()) part.types.forEach(visit);
      else if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) found.add('undefined');
      else if (flags & ts.TypeFlags.Null) found.add('null');
      else if (flags & ts.TypeFlags.NumberLike) found.add('number');
      else if (flags & ts.TypeFlags.StringLike) found.add('string');
      else if (flags & ts.TypeFlags.BooleanLike) found.add('boolean');
      else if (flags & ts.TypeFlags.BigIntLike) found.add('bigint');
      else if (isTensor(part)) found.add('Tensor');
      else if (checker.isArrayType(part)) found.add(arrayKind(part, depth));
      else if (checker.isTupleType(part)) found.add('array');
      else if (part.getCallSignatures().length > 0 && !part.getProperty('forward')) found.add('function');
      else if (part.flags & ts.TypeFlags.Object || part.isIntersection()) found.add(objectKind(part, depth));
      else found.add('any');
    };
    visit(type);
    return [...found].sort();
  }

  /** Several kinds of options in one place, as one: what any of them lets out may be left out. */
  function mergedOptions(kinds) {
    const options = kinds.filter((kind) => kind.startsWith('{'));
    if (options.length < 2) return kinds;
    const fields = new Map();
    for (const text of options) {
      for (const field of text.slice(1, -1).split(', ')) {
        const [label, kind] = field.split(': ');
        fields.set(label.replace('?', ''), kind);
      }
    }
    const merged = [...fields].map(([label, kind]) => `${label}?: ${kind}`).sort();
    return [...kinds.filter((kind) => !kind.startsWith('{')), `{${merged.join(', ')}}`];
  }

  /** An options object with its fields; any other object is an object. */
  function objectKind(type, depth) {
    const name = typeName(type) ?? '';
    const properties = checker.getPropertiesOfType(type);
    const plain = properties.every(({ flags }) => flags & ts.SymbolFlags.Property);
    const named = /Options$|^Omit$|^Pick$|^Partial$|^__type$/.test(name) || type.isIntersection();
    if (depth > 0 || !plain || !named || properties.length === 0) return 'object';
    const fields = properties.map((property) => {
      const optional = property.flags & ts.SymbolFlags.Optional;
      const kinds = kindsOf(checker.getTypeOfSymbol(property), depth + 1).filter((kind) => kind !== 'undefined');
      return `${property.name}${optional ? '?' : ''}: ${kinds.join('|')}`;
    });
    return `{${fields.sort().join(', ')}}`;
  }

  /** A function's parameters, those of a tuple of named ones written out. */
  function parametersOf(signature) {
    return signature.getParameters().flatMap((parameter) => {
      const declaration = parameter.valueDeclaration;
      const type = checker.getTypeOfSymbol(parameter);
      const declared = declaration !== undefined && ts.isParameter(declaration);
      const isRest = declared ? declaration.dotDotDotToken !== undefined : checker.isTupleType(type);
      if (isRest && checker.isTupleType(type)) {
        return checker.getTypeArguments(type).map((element, i) => ({
          label: type.target.labeledElementDeclarations?.[i]?.name.text ?? `argument${i}`,
          kinds: kindsOf(element, 0),
          rest: (type.target.elementFlags[i] & ts.ElementFlags.Variable) !== 0,
          optional: (type.target.elementFlags[i] & ts.ElementFlags.Optional) !== 0,
        }));
      }
      return {
        label: /^__\d/.test(parameter.name) ? 'options' : parameter.name.replace(/^_/, ''),
        kinds: isRest ? ['any'] : kindsOf(type, 0),
        rest: isRest,
        optional:
          (parameter.flags & ts.SymbolFlags.Optional) !== 0 || (declared && checker.isOptionalParameter(declaration)),
      };
    });
  }

  /** The one line for all overloads; the longest names the parameters. */
  function signatureOf(name, overloads) {
    const lists = overloads.map(parametersOf).sort((a, b) => b.length - a.length);
    const texts = lists[0].map(({ label, rest }, place) => {
      if (rest) return `...${label}`;
      const here = lists.map((list) => list[place]);
      const kinds = new Set(here.flatMap((parameter) => parameter?.kinds ?? ['undefined']));
      const optional = here.some((parameter) => parameter?.optional ?? true) || kinds.has('undefined');
      kinds.delete('undefined');
      const text = kinds.has('any') ? 'any' : mergedOptions([...kinds].sort()).join('|');
      return `${label}${optional ? '?' : ''}: ${text}`;
    });
    return `${name}(${texts.join(', ')})`;
  }

  return { signatureOf };
}

/** For each table the signature of each name. */
export function derive(from = program()) {
  const checker = from.getTypeChecker();
  const { signatureOf } = reader(checker);
  return tables.map((table) => {
    const entries = {};
    for (const path of table.from) {
      const module = checker.getSymbolAtLocation(from.getSourceFile(join(root, path)));
      for (const exported of checker.getExportsOfModule(module)) {
        const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
        const declaration = symbol.valueDeclaration;
        if (!declaration) continue;
        if (table.only && !declaration.getSourceFile().fileName.startsWith(join(root, table.only))) continue;
        const { name } = symbol;
        const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
        if (symbol.flags & ts.SymbolFlags.Class) {
          if (
            table.file !== 'src/nn/signatures.ts' ||
            OWN_CHECKS.has(name) ||
            declaration.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword)
          )
            continue;
          if (type.getConstructSignatures().length === 0) continue;
          entries[name] = signatureOf(name, type.getConstructSignatures());
        } else if (type.getCallSignatures().length > 0) {
          const overloads = type.getCallSignatures();
          // The parameters of a kernel aren't a caller's to give. `variance` is `var` to callers.
          const shown = exported.name === 'var' ? 'var' : name;
          if (shown === name && name in entries) continue;
          entries[name] = signatureOf(shown, overloads).replace(/, a\?: number, b\?: number\)$/, ')');
        }
      }
    }
    return { ...table, entries };
  });
}
