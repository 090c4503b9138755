// Spoken and written digits as one item: fused, each alone, and fused with one of them taken away. Speakers of the test part are never heard in
// training or in choosing, its pictures are never seen. Small runs of 150 steps. Needs KINDRED_DATA: fsdd and digits.
const train = 'recipes/cdml-av.yaml';
const sound = '{ name: strided, channels: [16, 32, 64], dimension: 64 }';
const image = '{ name: strided, channels: [16, 32], dimension: 64 }';
const fused = 'fused: gated';
const fusion = (how, ...set) => ({ name: `fused: ${how}`, train, set: [`encoder.fusion=${how}`, ...set] });
const alone = (what, tower, ...set) => ({
  name: `${what} alone`,
  train,
  set: [`encoder.towers={ ${what}: ${tower} }`, 'encoder.drop=0', ...set],
});
const without = (what, of) => ({ name: `${of}, ${what} taken away`, of, at: `evaluate --without ${what}` });
const then = [
  ['evaluate', '--without', 'image'],
  ['evaluate', '--without', 'sound'],
];

export default {
  seeds: [1, 2, 3],
  columns: { 'MAP@R': 'mapAtR', 'R@1': 'recallAt1', 'NDCG@10': 'ndcgAt10' },
  against: fused,
  rows: [
    { name: fused, train, then },
    alone('image', image, 'views=[]'),
    alone('sound', sound),
    { name: 'raw pixels, cosine or euclidean', of: 'image alone', at: 'baseline' },
    { name: 'raw log-mel, cosine or euclidean', of: 'sound alone', at: 'baseline' },
    { name: 'raw pixels and log-mel, together or one of them', of: fused, at: 'baseline' },
    { name: 'PCA + LDA on both', of: fused, at: 'pcaLda' },
    without('image', fused),
    without('sound', fused),
    { name: 'fused, nothing hidden in training', train, set: ['encoder.drop=0'], then },
    without('image', 'fused, nothing hidden in training'),
    without('sound', 'fused, nothing hidden in training'),
    {
      name: 'fused early: a hidden layer behind it',
      train,
      set: ['encoder.fusion=concatenate', 'encoder.hidden=[128]'],
    },
    ...['sum', 'product', 'product-residual', 'attention'].map((how) => fusion(how)),
  ],
};
