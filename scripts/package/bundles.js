// What bundlers make of the package: it bundles for browsers, trains there, and what isn't used is left out.

import vm from 'node:vm';
import { build } from 'esbuild';

/** A program as a browser would run it: no Node, no files. */
const browserProgram = `
import { data, datasets, load, manualSeed, nn, noGrad, optim, randn, transforms } from 'flambeau';

export async function train() {
  manualSeed(0);
  const x = randn([64, 3]);
  const y = x.matmul(randn([3, 1])).add(0.5);
  const model = new nn.Sequential(new nn.Linear(3, 8), new nn.ReLU(), new nn.Linear(8, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
  const criterion = new nn.MSELoss();
  const loss = () => noGrad(() => criterion(model(x), y).item());
  const before = loss();
  const loader = new data.DataLoader(new data.TensorDataset(x, y), { batchSize: 16, shuffle: true });
  for (let epoch = 0; epoch < 20; epoch++) {
    for await (const [input, target] of loader) {
      optimizer.zeroGrad();
      criterion(model(input), target).backward();
      optimizer.step();
    }
  }
  const refused = [() => datasets.NotMNIST, () => load('weights.safetensors')].map((attempt) => {
    try {
      attempt();
      return 'nothing was refused';
    } catch (error) {
      return error.message;
    }
  });
  return { before, after: loss(), refused, image: new transforms.Normalize([0.5], [0.5]).forward(randn([1, 4, 4])).shape };
}
`;

/**
 * The largest bundle for one import, in bytes, minified. A layer needs the tensor, autograd, the reference backend (all of its
 * kernels: which of them run is decided at run time) and the operations its forward names; a pure tool needs nothing else.
 */
const bounds = [
  ["import { Subset } from 'flambeau/data'; console.log(Subset)", 5_000],
  ["import { Compose } from 'flambeau/transforms'; console.log(Compose)", 8_000],
  ["import { Adam } from 'flambeau/optim'; console.log(Adam)", 80_000],
  ["import { Linear } from 'flambeau/nn'; console.log(Linear)", 240_000],
];

async function bundle(contents, resolveDir, options) {
  const result = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    platform: 'browser',
    write: false,
    minify: true,
    metafile: true,
    logLevel: 'silent',
    ...options,
  });
  return { text: result.outputFiles[0].text, bytes: result.outputFiles[0].contents.length };
}

/** The problems of bundles made in a project that has the package installed, and what was measured. */
export async function checkBundles(project) {
  const problems = [];
  const notes = [];
  try {
    const { text, bytes } = await bundle(browserProgram, project, {
      format: 'iife',
      globalName: 'program',
      define: { 'import.meta.url': '"https://example.org/bundle.js"' },
    });
    // What browsers have and this program may use; `process`, `Buffer` and `require` are not among it.
    const browser = { console, performance, queueMicrotask, setTimeout, clearTimeout, TextDecoder, TextEncoder, URL };
    const context = vm.createContext(browser);
    vm.runInContext(`${text}\nglobalThis.result = program.train();`, context);
    const { before, after, refused } = await context.result;
    if (!(after < before / 20)) problems.push(`in a browser the loss went from ${before} to ${after}`);
    for (const message of refused) {
      if (!/needs Node/.test(message)) problems.push(`in a browser a name that needs Node says: ${message}`);
    }
    notes.push(`a browser bundle of the root trains (${Math.round(bytes / 1000)} kB)`);
  } catch (error) {
    problems.push(`no browser bundle: ${error.message}`);
  }
  for (const [program, most] of bounds) {
    const { bytes } = await bundle(program, project, { format: 'esm' });
    const name = /\{ (\w+) \}/.exec(program)[1];
    notes.push(`${name} ${Math.round(bytes / 100) / 10} kB`);
    if (bytes > most) problems.push(`a bundle with ${name} alone takes ${bytes} bytes, more than ${most}`);
  }
  return { problems, notes };
}
