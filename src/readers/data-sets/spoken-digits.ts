import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { must } from '../../core/error.ts';
import { Random } from '../../core/random.ts';
import { type Groups, takeGroups } from '../../relations/groups.ts';
import { type Images, type Items, type Sounds, takePictures, takeSounds } from '../../relations/items.ts';
import { type DataSet, defineDataSet, type LoadOptions } from '../data-set.ts';
import { holdOut } from '../hold-out.ts';
import { labelsOf } from '../media-files.ts';
import { pairsByLabel } from '../pairs-by-label.ts';
import { readSounds } from '../sounds.ts';
import { digits } from './digits.ts';

/**
 * Digits spoken in English (the Free Spoken Digit Dataset): groups by digit, the label `speaker`. Recordings 0 to 4 of each
 * speaker and digit are the official test part.
 *
 * With the option `written` an item is a recording and a picture, the modality `image`: one of the data set `digits` that is of the same digit, drawn
 * by the seed. Each recording and each picture is in one item at most, and each speaker has as many items of a digit as the others, to one; recordings for which no
 * picture is left are left out.
 */
export const spokenDigits = defineDataSet({
  name: 'spoken-digits',
  about: '3,000 recordings of spoken digits by six people',
  folders: ['fsdd', 'free-spoken-digit-dataset'],
  source: 'https://github.com/Jakobovski/free-spoken-digit-dataset (CC BY-SA 4.0)',
  options: z.strictObject({
    rate: z.int().min(1000).max(192_000).default(8000).describe('samples a second; the recordings have 8,000'),
    validation: z.number().min(0).max(0.9).default(0.1).describe('share of the training sounds held out for choosing'),
    written: z
      .boolean()
      .default(false)
      .describe('whether each recording comes with a picture of the same digit, of the data set digits'),
  }),
  async load(folder, { rate, validation, written }, how) {
    const { seed, strict = false, progress } = how;
    const inside = join(folder, 'recordings');
    const { items, skipped } = await readSounds(existsSync(inside) ? inside : folder, { rate, strict, progress });
    const parsed = items.ids.map((id) => {
      const found = /^(\d)_(\w+)_(\d+)\.wav$/.exec(id);
      must(found !== null, () => ({
        rule: 'Recordings are called DIGIT_SPEAKER_NUMBER.wav',
        received: `${id} in ${folder}`,
        next: 'Take other files out of the folder',
      }));
      return { digit: found[1], speaker: found[2], number: Number(found[3]) };
    });
    const digit = labelsOf(parsed.map((each) => each.digit));
    const speaker = labelsOf(parsed.map((each) => each.speaker));
    const kept = written ? await withWritten(items, digit, speaker, how) : undefined;
    const rows = kept?.rows ?? Int32Array.from(parsed.keys());
    const groups = (each: Groups) => ({ kind: 'groups' as const, items: rows.length, ...takeGroups(each, rows) });
    return {
      items: kept?.items ?? items,
      relations: groups(digit),
      labels: { speaker: groups(speaker) },
      parts: holdOut(
        Array.from(rows, (row) => parsed[row].number < 5),
        validation,
        seed,
      ),
      skipped: [...skipped, ...(kept?.skipped ?? [])],
      notes: kept?.notes ?? [],
    };
  },
});

/** Recordings and written digits as items with both, and which recordings they are. */
async function withWritten(
  spoken: Items,
  digit: Groups,
  speaker: Groups,
  how: LoadOptions,
): Promise<Pick<DataSet, 'items' | 'skipped' | 'notes'> & { readonly rows: Int32Array }> {
  const { items: drawn, relations, skipped } = await digits().load(how);
  const random = Random.seeded(how.seed).split('spoken and written');
  const pairs = pairsByLabel(digit, relations as typeof relations & Groups, speaker.labels, random);
  const left = spoken.count - pairs.ours.length;
  const image = { ...(drawn.modalities.image as Images), ids: drawn.ids };
  const { ids: _, ...pictures } = takePictures(image, pairs.theirs);
  return {
    items: {
      count: pairs.ours.length,
      ids: Array.from(pairs.ours, (row) => spoken.ids[row]),
      modalities: {
        sound: takeSounds(spoken.modalities.sound as Sounds, pairs.ours),
        image: { kind: 'image', ...pictures },
      },
    },
    rows: pairs.ours,
    skipped,
    notes: left === 0 ? [] : [`${left} recordings were left out, because no picture of their digit was left for them`],
  };
}
