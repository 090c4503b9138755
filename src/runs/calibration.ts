import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../core/error.ts';
import type { Metric } from '../core/metric.ts';
import type { Rate } from '../evaluation/calibrate.ts';
import type { RejectionScore } from '../evaluation/rejection.ts';
import type { LinkageThreshold } from '../search/linkage-threshold.ts';
import { readJson, runFiles, saveJson } from './files.ts';
import { shellWord } from './shell-word.ts';

/** What pairs of a part say of the threshold. */
export interface RatesOfPart {
  readonly people: number;
  readonly same: number;
  readonly different: number;
  readonly falseMatchRate: Rate;
  readonly trueMatchRate: Rate;
}

/** `calibration.json` of a run. */
export interface Calibration {
  readonly version: 1;
  readonly metric: Metric;
  /** The false match rate that was asked for. */
  readonly target: number;
  /** Pairs at this distance or below are taken for the same. */
  readonly threshold: number;
  /** Where the threshold was chosen. */
  readonly validation: RatesOfPart;
  /** Where it was not. `holds`: yes where the whole interval lies at the target or below, no where it lies above, else not shown; not known without one. */
  readonly test:
    | (RatesOfPart & { readonly unseen: boolean; readonly holds: 'yes' | 'not shown' | 'no' | 'not known' })
    | { readonly reason: string };
  /** The share of different validation pairs up to a distance, rising. */
  readonly falseMatches: readonly { readonly distance: number; readonly rate: number }[];
  /** How a picture of nobody known is rejected. */
  readonly rejection: Rejection | { readonly reason: string };
  /** Up to which mean distance groups join, chosen on the validation part: `kindred cluster` takes it unless another is given. */
  readonly grouping: LinkageThreshold | { readonly reason: string };
  /** Of the data and their parts, and SHA-256 of the model. */
  readonly data: string;
  readonly model: string;
}

export interface Rejection {
  readonly score: RejectionScore;
  /** Queries with this score or below are taken for somebody. */
  readonly threshold: number;
  /** The share of validation queries of nobody known that may be. */
  readonly target: number;
  /** Area under the ROC curve of known against unknown queries, for each score that was tried. */
  readonly auroc: Readonly<Record<'validation' | 'test', Readonly<Partial<Record<RejectionScore, number>>> | null>>;
  /** At the threshold, on the test part: the share of queries of nobody known, and of people known, that is taken for somebody. */
  readonly test: { readonly unknownAccepted: number; readonly knownAccepted: number } | null;
}

const fileOf = (folder: string): string => join(folder, 'calibration.json');

export const isCalibrated = (folder: string): boolean => existsSync(fileOf(folder));

export const modelDigest = (folder: string): string =>
  createHash('sha256')
    .update(readFileSync(runFiles(folder).model))
    .digest('hex');

export const saveCalibration = (folder: string, calibration: Calibration): void =>
  saveJson(fileOf(folder), calibration);

/** @throws KindredError where there is none, or it is of another model */
export function openCalibration(folder: string): Calibration {
  const next = `Run kindred calibrate ${shellWord(folder)} --false-match-rate 0.01, which takes runs of groups or pairs`;
  must(isCalibrated(folder), () => ({
    rule: 'Same or different is said by the threshold of a calibration',
    received: `${folder} has none`,
    next,
  }));
  const found = readJson<Calibration>(fileOf(folder));
  must(found.model === modelDigest(folder), () => ({
    rule: 'A calibration is that of the model beside it',
    received: `${fileOf(folder)} is of another model: the run was trained again`,
    next,
  }));
  return found;
}
