// Does a sample of the classes cost accuracy? Omniglot's 964 background characters and their rotations, 3,856 classes: the softmax over
// all of them against one over those that are drawn; same similarity, scale, encoder and batches. Tested on the 20 evaluation alphabets.
// Needs KINDRED_DATA. 300 steps are too few for either to learn these classes: what they give says nothing of sampling (docs/results.md).
const common = [
  'data={reader: data-set, name: omniglot, options: {validationAlphabets: 0}}',
  'batches={name: groups-of, groups: 64, perGroup: 2}',
  'steps=300',
];
const row = (name, settings) => ({
  name,
  script: (seed) => [
    ...['node', 'bench/train.mjs', 'omniglot', '--threads', '1'],
    ...[...common, ...settings, `seed=${seed}`].flatMap((setting) => ['--set', setting]),
  ],
});
const rate = '{name: cosine, peak: 0.004, warmup: 20}';
const drawn = (name, samples, sampler) =>
  row(name, [
    'objective.loss={name: sampled-softmax, similarity: cosine, scale: 10}',
    `objective.classes={samples: ${samples}, sampler: ${sampler}, rate: ${rate}, optimizer: adam}`,
  ]);

export default {
  seeds: [1, 2, 3],
  columns: {
    'R@1': 'recallAt1',
    'half of its interval over queries': 'halfInterval',
    'MAP@R': 'mapAtR',
    'ms a step': 'stepMs',
    classes: 'classes',
  },
  against: 'all classes',
  rows: [
    row('all classes', [
      'objective.loss={name: normalized-softmax, temperature: 0.1}',
      // Every step moves all vectors here, and a drawn one of ten or more there.
      `optimizer=[{name: adam, rate: ${rate}}, {name: scale, by: 0.1, of: objective}]`,
    ]),
    drawn('256 uniform', 256, '{name: uniform}'),
    drawn('in-batch', 128, '{name: in-batch}'),
    drawn('1,024 uniform', 1024, '{name: uniform}'),
    drawn('256 learned', 256, '{name: learned}'),
    drawn('256 log-uniform', 256, '{name: log-uniform}'),
  ],
};
