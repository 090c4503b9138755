// FaceNet on lfw10: people never seen, verified by up to 60,000 same and as many different pairs of the test part, beside raw pixels and eigenfaces.
// Needs KINDRED_DATA; the last row needs @vladmandic/face-api.
//
// Another seed is another split of the 158 people, about 102 to train on, 24 to choose by (the number of eigenfaces) and 32 to report on.
const faces = (name, settings = [], rest = {}) => ({
  name,
  script: (seed) => [
    'node',
    'bench/faces.mjs',
    'facenet',
    ...[...settings, `seed=${seed}`].flatMap((setting) => ['--set', setting]),
    ...['--threads', '1'],
    ...(rest.args ?? []),
  ],
});
const miners = (list) => `objective.miners=[${list}]`;

export default {
  seeds: [1, 2, 3],
  columns: {
    'ROC AUC': 'rocAuc/value',
    accuracy: 'accuracy/value',
    'VAL at FAR 1 %': 'val/1 %/value',
    EER: 'eer/value',
    'AUC above raw pixels, low end': 'over/raw/rocAuc/low',
    'AUC above eigenfaces, low end': 'over/eigenfaces/rocAuc/low',
    'VAL with bytes': 'bytes/val/value',
    'low end': 'bytes/val/low',
    'CPU seconds': 'cpuSeconds',
  },
  rows: [
    faces('recipe `facenet`'),
    { name: 'raw pixels, cosine', of: 'recipe `facenet`', at: 'raw' },
    { name: 'eigenfaces, cosine', of: 'recipe `facenet`', at: 'eigenfaces' },
    faces('easy, then semi-hard, then hard', [
      miners('{ name: easy, until: 0.05 }, { name: semi-hard, until: 0.8 }, { name: hard }'),
    ]),
    faces('a third of the steps', ['steps=150']),
    faces('a third of the steps, batches three times as large, cached', [
      'steps=150',
      'batches={ groups: 24, perGroup: 18, random: 144 }',
      'objective.cached={ chunk: 144 }',
    ]),
    faces('the network of face-api, frozen', ['data.options={ size: 150, crop: 0.6, channels: 3 }'], {
      args: ['--trunk'],
    }),
  ],
};
