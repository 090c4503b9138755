// From the softmax to noise-contrastive estimation: the same pictures, encoder, batches and steps, four losses. Omniglot without rotations;
// tested on the 20 evaluation alphabets. The rates of
// each were chosen on five background alphabets held out. docs/guide/softmax-to-nce.md tells how each follows from the one before. Needs KINDRED_DATA.
const common = [
  'data={reader: data-set, name: omniglot, options: {validationAlphabets: 0, rotations: false}}',
  'batches={name: groups-of, groups: 64, perGroup: 2}',
  'encoder={name: strided, dimension: 64}',
  'steps=600',
];
const rate = (peak) => `{name: cosine, peak: ${peak}, warmup: 20}`;
const adam = (peak) => `{name: adam, rate: ${rate(peak)}}`;
const row = (name, settings) => ({ name, trained: 'omniglot', set: [...common, ...settings], threads: '1' });
const drawn = (name, loss, classes, optimizer) =>
  row(name, [
    `objective.loss=${loss}`,
    `objective.classes={samples: 128, sampler: {name: uniform}, rate: ${rate(classes)}, optimizer: adam}`,
    `optimizer=[${optimizer}]`,
  ]);

export default {
  seeds: [1, 2, 3],
  columns: { 'R@1': 'recallAt1', 'MAP@R': 'mapAtR', loss: 'loss', 'ms a step': 'stepMs' },
  against: 'softmax',
  rows: [
    row('softmax', ['objective.loss={name: normalized-softmax, temperature: 0.1}', `optimizer=[${adam(0.01)}]`]),
    drawn('sampled softmax', '{name: sampled-softmax, similarity: cosine, scale: 10}', 0.02, adam(0.004)),
    row('contrastive', ['objective.loss={name: info-nce, temperature: 0.1}', `optimizer=[${adam(0.02)}]`]),
    drawn(
      'NCE',
      '{name: nce, similarity: cosine, scale: 10, normalizer: learned}',
      0.01,
      `${adam(0.004)}, {name: scale, by: 10, of: objective}`,
    ),
  ],
};
