import { Command, InvalidArgumentError, Option } from 'commander';
import { Random } from '../core/random.ts';
import { falseMatchCurve, type Rate, ratesAt, thresholdAt } from '../evaluation/calibrate.ts';
import { distancesOfPairs, mustHaveBoth } from '../evaluation/identity-pairs.ts';
import {
  acceptedShare,
  knownAgainstUnknown,
  openSet,
  perQueryScores,
  type RejectionScore,
  rejectionThreshold,
} from '../evaluation/rejection.ts';
import { type Calibration, isCalibrated, modelDigest, type Rejection, saveCalibration } from '../runs/calibration.ts';
import { openRun } from '../runs/files.ts';
import { linkageThreshold } from '../search/linkage-threshold.ts';
import { jsonOption } from './options.ts';
import { printResult, say, table } from './output.ts';
import { type PartOfPeople, peopleOfRun, type RunPeople } from './run-people.ts';

interface Options {
  readonly falseMatchRate: number;
  readonly json?: boolean;
}

/** The share of pictures of nobody known that may be taken for somebody. */
const UNKNOWN_ACCEPTED = 0.05;

export const calibrateCommand = (): Command =>
  new Command('calibrate')
    .description('choose the distance up to which two items are the same, at a rate of false matches')
    .argument('<run>', 'a folder that `kindred train` wrote, of groups or of pairs')
    .addOption(
      new Option('--false-match-rate <rate>', 'the share of different pairs that may be taken for the same')
        .argParser(rate)
        .default(0.001),
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred calibrate runs/faces --false-match-rate 0.001')
    .action(calibrate);

function rate(text: string): number {
  const value = Number(text);
  if (!(text.trim() !== '' && value > 0 && value < 1)) {
    throw new InvalidArgumentError('It takes a number above 0 and below 1.');
  }
  return value;
}

async function calibrate(run: string, { falseMatchRate: target, json }: Options): Promise<void> {
  const { folder } = openRun(run);
  const people = await peopleOfRun(run);
  const { metric, seed } = people;
  const validation = people.part('validation');
  mustHaveBoth(validation.pairs);
  const distances = distancesOfPairs(validation.embeddings, validation.pairs, metric);
  const threshold = thresholdAt(validation.pairs, distances, target);
  const test = people.part('test');
  const calibration: Calibration = {
    version: 1,
    ...{ metric, target, threshold },
    validation: ratesAt(validation.pairs, distances, threshold, seed),
    test: transfer(test, people, threshold, target),
    falseMatches: falseMatchCurve(validation.pairs, distances),
    rejection: rejectionOf(validation, test, people),
    grouping: (await linkageThreshold(validation.embeddings, validation.person)) ?? {
      reason: 'the validation part has fewer than two people, or one item of each',
    },
    data: people.data,
    model: modelDigest(folder),
  };
  if (isCalibrated(folder)) say(`${folder}/calibration.json is replaced`);
  saveCalibration(folder, calibration);
  printResult(json, { run, ...calibration }, () => textOf(calibration));
}

/** Whether the threshold keeps its promise where it was not chosen. */
function transfer(part: PartOfPeople, { metric, seed }: RunPeople, threshold: number, target: number) {
  const { pairs, embeddings, unseen } = part;
  const same = pairs.same.reduce((sum, value) => sum + value, 0);
  if (same === 0 || same === pairs.same.length) return { reason: 'the test part has no pairs of one kind' };
  const rates = ratesAt(pairs, distancesOfPairs(embeddings, pairs, metric), threshold, seed);
  const { interval } = rates.falseMatchRate;
  const holds =
    interval === null ? 'not known' : interval[0] > target ? 'no' : interval[1] <= target ? 'yes' : 'not shown';
  return { ...rates, unseen, holds } as const;
}

function rejectionOf(
  validation: PartOfPeople,
  test: PartOfPeople,
  { metric, seed, trained }: RunPeople,
): Calibration['rejection'] {
  // Known are those of training, too, as they are when a run is asked whom a picture shows.
  const others = validation.unseen && test.unseen ? trained() : undefined;
  const setOf = ({ embeddings, person }: PartOfPeople, name: string) =>
    openSet(embeddings, person, {
      random: Random.seeded(seed).split('rejection').split(name),
      ...{ metric, ...(others && { others }) },
    });
  const chosenOn = setOf(validation, 'validation');
  if (chosenOn === undefined) {
    return {
      reason: 'it takes six people with two items each in the validation part, of whom half are taken for unknown',
    };
  }
  const reportedOn = setOf(test, 'test');
  const all = ['flat', ...perQueryScores] as const;
  const areas = (set: typeof chosenOn): Partial<Record<RejectionScore, number>> =>
    Object.fromEntries(all.map((score) => [score, knownAgainstUnknown(set, score)]));
  const found = areas(chosenOn);
  const score = perQueryScores.reduce((best, each) => ((found[each] ?? 0) > (found[best] ?? 0) ? each : best));
  const threshold = rejectionThreshold(chosenOn, score, UNKNOWN_ACCEPTED);
  return {
    ...{ score, threshold, target: UNKNOWN_ACCEPTED },
    auroc: { validation: found, test: reportedOn ? areas(reportedOn) : null },
    test: reportedOn
      ? {
          unknownAccepted: acceptedShare(reportedOn.unknown, score, threshold),
          knownAccepted: acceptedShare(reportedOn.known, score, threshold),
        }
      : null,
  } satisfies Rejection;
}

const share = (value: number) => Number(value.toPrecision(3)).toString();
const spread = ({ value, interval }: Rate) => [
  share(value),
  interval === null ? '–' : `${share(interval[0])} to ${share(interval[1])}`,
];

function textOf({ target, threshold, metric, validation, test, rejection, grouping }: Calibration): string {
  const rows = [
    ['validation', validation] as const,
    ...('reason' in test ? [] : [[test.unseen ? 'test, unseen' : 'test', test] as const]),
  ].map(([name, { people, different, falseMatchRate, trueMatchRate }]) => [
    ...[name, people, different],
    ...spread(falseMatchRate),
    ...spread(trueMatchRate),
  ]);
  return [
    `Same up to a distance of ${threshold.toFixed(4)} (${metric}), for a false match rate of ${target}`,
    '',
    table([['', 'people', 'different pairs', 'false matches', '95 %', 'true matches', '95 %'], ...rows]),
    '',
    verdict(test, target),
    rejectionText(rejection),
    groupingText(grouping),
  ].join('\n');
}

function verdict(test: Calibration['test'], target: number): string {
  if ('reason' in test) return `Whether it holds elsewhere is not known: ${test.reason}.`;
  const who = test.unseen ? 'people never seen' : 'the test part, whose people were in training too';
  const { falseMatchRate } = test;
  const { value } = falseMatchRate;
  if (falseMatchRate.interval === null) {
    return `Whether it holds for ${who} is not known, and no interval is given: ${falseMatchRate.reason}.`;
  }
  if (test.holds === 'yes') return `It holds for ${who}: the whole interval is at ${target} or below.`;
  if (test.holds === 'not shown') {
    return `Whether it holds for ${who} is not shown: ${share(value)}, and the interval reaches beyond the ${target} that was promised.`;
  }
  return `It does not hold for ${who}: ${share(value)}, ${share(value / target)} times ${target}. Ask for a smaller rate.`;
}

function groupingText(grouping: Calibration['grouping']): string {
  if ('reason' in grouping) return `Groups: not calibrated, ${grouping.reason}.`;
  const { threshold, bCubed } = grouping;
  return `Groups: kindred cluster joins them up to a mean distance of ${threshold.toFixed(4)}, B-cubed F1 ${share(bCubed.f1)} on validation people.`;
}

function rejectionText(rejection: Calibration['rejection']): string {
  if ('reason' in rejection) return `Nobody known: not calibrated, ${rejection.reason}.`;
  const { score, auroc, test } = rejection;
  const areas = auroc.test ?? auroc.validation ?? {};
  const of = auroc.test ? 'test' : 'validation';
  const at = test
    ? `; at its threshold ${share(test.unknownAccepted)} of the unknown and ${share(test.knownAccepted)} of the known are taken for somebody`
    : '';
  return `Nobody known: by the score "${score}" of each query, AUROC ${share(areas[score] ?? Number.NaN)} on ${of} people, one flat cutoff ${share(areas.flat ?? Number.NaN)}${at}.`;
}
