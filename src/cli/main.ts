#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { KindredError } from '../core/error.ts';
import { version } from '../runs/versions.ts';
import { calibrateCommand } from './calibrate.ts';
import { clusterCommand } from './cluster.ts';
import { clustersCommand } from './clusters.ts';
import { compareCommand } from './compare.ts';
import { embedCommand } from './embed.ts';
import { evaluateCommand } from './evaluate.ts';
import { featuresCommand } from './features.ts';
import { initCommand } from './init.ts';
import { inspectCommand } from './inspect.ts';
import { measureCommand } from './measure.ts';
import { probeCommand } from './probe.ts';
import { rankCommand } from './rank.ts';
import { recipesCommand } from './recipes.ts';
import { recommendCommand } from './recommend.ts';
import { relatedCommand } from './related.ts';
import { searchCommand } from './search.ts';
import { trainCommand } from './train.ts';
import { verifyCommand } from './verify.ts';

const program = new Command('kindred')
  .description('Learns what belongs together: bring relations, get a distance.')
  .version(version)
  .addHelpText('after', '\nExample:\n  $ kindred train demo --out runs/demo');

for (const command of [
  trainCommand,
  evaluateCommand,
  compareCommand,
  embedCommand,
  featuresCommand,
  searchCommand,
  relatedCommand,
  recommendCommand,
  calibrateCommand,
  verifyCommand,
  clusterCommand,
  probeCommand,
  clustersCommand,
  rankCommand,
  measureCommand,
  recipesCommand,
  initCommand,
  inspectCommand,
]) {
  program.addCommand(command());
}
// Commands throw instead of exiting, so that there is one place that says what went wrong and with which code.
for (const command of [program, ...program.commands]) {
  command.exitOverride().showHelpAfterError('Run the command with --help for its options and an example.');
}

// A reader that has seen enough (`kindred search ... | head -1`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Without the process and the advice on tracing that Node adds.
process.removeAllListeners('warning');
process.on('warning', ({ message }) => process.stderr.write(`${message}\n`));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong, without a stack, and gives the exit code: 1 failed, 2 wrong usage. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof KindredError) {
    process.stderr.write(`kindred: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`kindred: unexpected: ${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env.KINDRED_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  else process.stderr.write('This is a defect of kindred. Set KINDRED_DEBUG=1 to see where it happened.\n');
  return 1;
}
