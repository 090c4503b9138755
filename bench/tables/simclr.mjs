// What do representations that nobody labelled know of classes? SimCLR against random weights of the same net, raw pixels, and the same
// net trained with labels for as many steps of as many looks: the clothes that come with kindred, a linear classifier and the
// nearest neighbours with 1 %, 10 % and all of the 12,000 labels. Percent right of 2,000 test items; the labels drawn differ with the seed.
// Short runs: 150 steps of 128 looks.
const cell = (name, ...args) => ({
  name,
  script: (seed) => [
    ...['node', 'bench/simclr.mjs', 'recipes/simclr-fashion.yaml', '--threads', '1', ...args],
    ...['batches.items=64', 'steps=150', `seed=${seed}`].flatMap((setting) => ['--set', setting]),
  ],
});
const supervised = (name, share) => cell(`labels of ${name}`, '--method', 'supervised', '--labels', share);

export default {
  seeds: [1, 2, 3],
  columns: {
    'linear, 1 %': 'at1/linear',
    'nearest, 1 %': 'at1/knn',
    'linear, 10 %': 'at10/linear',
    'nearest, 10 %': 'at10/knn',
    'linear, all': 'all/linear',
    'nearest, all': 'all/knn',
    'processor, s': 'processorSeconds',
  },
  against: 'random weights',
  rows: [
    cell('SimCLR', '--method', 'simclr'),
    cell('random weights', '--method', 'random'),
    cell('raw pixels', '--method', 'raw'),
    supervised('1 %', '0.01'),
    supervised('10 %', '0.1'),
    supervised('all', '1'),
  ],
};
