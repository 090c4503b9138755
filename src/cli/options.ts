import { InvalidArgumentError, Option } from 'commander';
import { defaultThreads } from '../core/threads.ts';
import { devices } from '../onnx/device.ts';

const wholeNumber = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new InvalidArgumentError(`It takes a whole number from ${least} on.`);
  }
  return value;
};

/** Where to compute. */
export const deviceOption = () =>
  new Option('--device <device>', 'where to compute; auto: cuda or webgpu where they work')
    .choices([...devices, 'auto'])
    .default('cpu');

/** For commands that print a result. */
export const jsonOption = () => new Option('--json', 'print the result as JSON');

export const threadsOption = () =>
  new Option('--threads <n>', 'threads to use; results are the same bits only with the same number')
    .argParser(wholeNumber(1))
    .default(defaultThreads(), 'all processors');

export const strictOption = () =>
  new Option('--strict', 'fail on a picture that cannot be read, instead of skipping it');

/** For commands that read pictures with faces. */
export const cropOption = () =>
  new Option(
    '--crop <what>',
    'detect: find the largest face of each picture and turn it upright; else as the pictures of the run were cut',
  ).choices(['detect']);

export const countOption = (flags: string, description: string, value?: number) =>
  new Option(flags, description).argParser(wholeNumber(1)).default(value);

export const secondsOption = (flags: string, description: string) =>
  new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (!(value > 0)) throw new InvalidArgumentError('It takes a number of seconds above 0.');
    return value;
  });

/** A number that lies within bounds, which are told in `words`. */
export const shareOf = (words: string, fits: (value: number) => boolean) => (text: string) => {
  const value = Number(text);
  if (text.trim() === '' || !fits(value))
    throw new InvalidArgumentError(`It takes a number${words === '' ? '' : ` ${words}`}.`);
  return value;
};

/** For commands that list items. */
export const diversityOption = () =>
  new Option('--diversity <share>', 'how much each next item shall differ from those before it, 0 to 1')
    .argParser(shareOf('from 0 to 1', (value) => value >= 0 && value <= 1))
    .default(0);

/** What the rows of a table are. */
export const rowsOption = () =>
  new Option('--kind <kind>', 'what the rows of a table are, where that is not found out').choices([
    'pairs',
    'triplets',
    'graph',
    'preferences',
    'lists',
    'log',
    'items',
  ]);
