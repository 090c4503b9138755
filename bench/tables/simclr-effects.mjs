// What in SimCLR matters for the clothes that come with kindred? The recipe, with the net strided, and one thing changed; each run with as
// many pictures seen, about one epoch.
// Larger batches by gradient caching in chunks of 256 looks, fewer steps, and a rate that grows with the root of the batch. Measured
// as in simclr.mjs.
const PICTURES = 12_288;
const views = {
  crop: '{name: crop, area: [0.3, 1]}',
  flip: '{name: flip}',
  jitter: '{name: jitter, saturation: 0, hue: 0}',
};
/** @param looks in a batch: two of each picture */
const run = (name, { looks = 256, set = [] } = {}) => {
  const steps = PICTURES / (looks / 2);
  const rate = 0.002 * Math.sqrt(looks / 256);
  const chunks = looks > 256 ? ['objective.cached={chunk: 256}'] : [];
  const settings = [
    'encoder={name: strided, dimension: 256}',
    ...[`batches.items=${looks / 2}`, `steps=${steps}`, ...chunks],
    `optimizer=[{name: adam, rate: {name: cosine, peak: ${rate.toFixed(5)}, warmup: ${Math.round(steps / 10)}}}]`,
    ...set,
  ];
  return {
    name,
    script: (seed) => [
      ...['node', 'bench/simclr.mjs', 'recipes/simclr-fashion.yaml', '--threads', '1'],
      ...[...settings, `seed=${seed}`].flatMap((setting) => ['--set', setting]),
    ],
  };
};
const without = (name) =>
  run(`without ${name}`, {
    set: [`views=[${Object.keys(views).flatMap((each) => (each === name ? [] : [views[each]]))}]`],
  });
const temperature = (value) => run(`temperature ${value}`, { set: [`objective.loss.temperature=${value}`] });

export default {
  seeds: [1, 2, 3],
  columns: {
    'linear, 1 %': 'at1/linear',
    'linear, 10 %': 'at10/linear',
    'linear, all': 'all/linear',
    'nearest, all': 'all/knn',
    'processor, s': 'processorSeconds',
  },
  against: 'the recipe: temperature 0.2, 256 looks',
  rows: [
    run('the recipe: temperature 0.2, 256 looks'),
    ...[0.05, 0.1, 0.5, 1].map(temperature),
    ...[512, 1024, 2048].map((looks) => run(`${looks} looks`, { looks })),
    ...Object.keys(views).map(without),
    run('a head of three layers', { set: ['head={hidden: [256, 256], dimension: 128}'] }),
    run('without a head', { set: ['head=null'] }),
  ],
};
