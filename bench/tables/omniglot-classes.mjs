// Does a sample of the classes cost accuracy? Omniglot's 964 background characters and their rotations, 3,856 classes: the softmax over
// all of them against one over those that are drawn; same similarity, scale, encoder and batches. Tested on the 20 evaluation alphabets.
// Needs KINDRED_DATA. Rates were chosen on the validation part; 300 steps are too few for either to learn these classes.
const common = [
  'data={reader: data-set, name: omniglot, options: {validationAlphabets: 0}}',
  'batches={name: groups-of, groups: 64, perGroup: 2}',
  'encoder={name: strided, dimension: 64}',
  'steps=5000',
  'optimizer=[{name: adam, rate: {name: cosine, peak: 0.005, warmup: 50}}]',
];
const row = (name, settings) => ({ name, trained: 'omniglot', set: [...common, ...settings], threads: '1' });
const drawn = (samples) =>
  row(`${samples} drawn`, [
    'objective.loss={name: sampled-softmax, similarity: cosine, scale: 10}',
    // A class that is drawn now and then has fewer steps to learn in.
    `objective.classes={samples: ${samples}, sampler: {name: uniform}, rate: {name: cosine, peak: 0.01, warmup: 50}, optimizer: adam}`,
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
  rows: [row('all classes', ['objective.loss={name: normalized-softmax, temperature: 0.1}']), drawn(1024), drawn(256)],
};
