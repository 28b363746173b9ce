// Whether the package's types resolve and hold in a stranger's project, under each way TypeScript resolves modules.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const program = `
import { noGrad, tensor, type Tensor } from 'flambeau';
import { Linear, Module, Parameter, functional } from 'flambeau/nn';
import { SGD, lrScheduler } from 'flambeau/optim';
import { DataLoader, Dataset } from 'flambeau/data';
import { ImageFolder, NotMNIST } from 'flambeau/datasets';
import { Compose, ToTensor } from 'flambeau/transforms';
import * as flambeau from 'flambeau';

class Net extends Module {
  layer = new Linear(2, 1);
  scale = new Parameter(tensor([1]));
  override forward(x: Tensor): Tensor {
    return this.layer(x).mul(this.scale);
  }
}

class Pairs extends Dataset<{ x: Tensor; name: string; label: number }> {
  readonly length = 4;
  getItem(index: number) {
    return { x: tensor([index, 1]), name: String(index), label: index };
  }
}

export async function main(): Promise<number> {
  const model = new Net();
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const schedule = new lrScheduler.StepLR(optimizer, 1);
  for await (const { x, name, label } of new DataLoader(new Pairs(), { batchSize: 2 })) {
    const names: string[] = name;
    const labels: Tensor = label;
    functional.mseLoss(model(x), labels.unsqueeze(1)).backward();
    void names;
  }
  optimizer.step();
  schedule.step();
  // @ts-expect-error a model is called with what its forward takes
  model('text');
  // @ts-expect-error no such option
  new SGD(model.parameters(), { lr: 0.1, momentun: 0.9 });
  const photos = await ImageFolder.load({ root: 'photos', transform: new Compose([new ToTensor()]) });
  const letters: NotMNIST = await flambeau.datasets.NotMNIST.load({ root: 'data' });
  await flambeau.save(model.stateDict(), 'model.safetensors');
  return noGrad(() => model(tensor([[1, 2]])).item()) + photos.length + letters.length;
}
`;

const { ModuleKind, ModuleResolutionKind } = ts;
const ways = {
  node16: { module: ModuleKind.Node16, moduleResolution: ModuleResolutionKind.Node16 },
  nodenext: { module: ModuleKind.NodeNext, moduleResolution: ModuleResolutionKind.NodeNext },
  bundler: { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler },
};

/** The problems TypeScript has with a program in `project`, and which ways were tried. */
export function checkTypes(project) {
  const file = join(project, 'typed.ts');
  writeFileSync(file, program);
  const problems = [];
  for (const [name, options] of Object.entries(ways)) {
    const checked = ts.createProgram([file], {
      ...options,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.esnext.disposable.d.ts'],
      types: [],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    });
    for (const { file: source, messageText, start } of ts.getPreEmitDiagnostics(checked)) {
      const line = source && start !== undefined ? source.getLineAndCharacterOfPosition(start).line + 1 : 0;
      problems.push(
        `${name}: ${source?.fileName ?? ''}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      );
    }
  }
  return { problems, notes: [Object.keys(ways).join(', ')] };
}
