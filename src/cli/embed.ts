import { Command } from 'commander';
import type { Device } from '../onnx/device.ts';
import { openRun } from '../runs/files.ts';
import { counted } from '../runs/page/numbers.ts';
import { vectorFormat, writeVectors } from '../runs/vectors.ts';
import { embeddedItems } from './embedded-items.ts';
import { cropOption, deviceOption, jsonOption, strictOption, threadsOption } from './options.ts';
import { printResult, say } from './output.ts';

interface Options {
  readonly output: string;
  readonly strict?: boolean;
  readonly crop?: 'detect';
  readonly threads: number;
  readonly device: Device | 'auto';
  readonly json?: boolean;
}

export const embedCommand = (): Command =>
  new Command('embed')
    .description('write the embeddings of pictures to a file')
    .argument('<run>', 'a folder that `kindred train` wrote')
    .argument('<items>', 'a picture, a folder of pictures, or an IDX file; of items by their id, a file of ids')
    .requiredOption('-o, --output <file>', 'a .parquet or .jsonl file with id and vector')
    .addOption(strictOption())
    .addOption(cropOption())
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred embed runs/demo ./photos -o vectors.parquet')
    .action(embed);

async function embed(run: string, items: string, options: Options): Promise<void> {
  const { folder } = openRun(run);
  vectorFormat(options.output);
  const { ids, embeddings, skipped } = await embeddedItems(folder, items, options);
  await writeVectors(options.output, { ids, embeddings });
  for (const { path, reason } of skipped) say(`skipped ${path}: ${reason}`);
  const result = { file: options.output, items: embeddings.rows, dimension: embeddings.columns, skipped };
  printResult(
    options.json,
    result,
    () => `${counted(result.items, 'embeddings')} of dimension ${result.dimension} in ${result.file}`,
  );
}
