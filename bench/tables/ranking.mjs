// Every loss over rankings on LightGBM's example, beside XGBoost's rank:ndcg: 100 trees of depth 5 on the same queries.
// Needs KINDRED_DATA and `apt-get install python3-xgboost`.
//
// The rate (0.001 or 0.004) and the steps (60 or 120) of each loss were chosen by NDCG@10 on the queries held out of training, the mean of
// the seeds 11 and 12, and so were the settings of the other encoders; the test queries had no part in it. Noise of 1.5, 8 queries a step.
const ours = (name, loss, settings = {}, rest = {}) => {
  const { steps = 120, rate = 0.004, encoder } = settings;
  const set = [
    `objective.loss=${loss}`,
    `optimizer=[{ name: adam, rate: ${rate} }]`,
    `steps=${steps}`,
    'evaluate.every=60',
    ...(encoder === undefined ? [] : [`encoder=${encoder}`]),
  ];
  return { name, train: 'rank', set, ...rest };
};
const xgboost = (seed) => ['/usr/bin/python3', 'bench/peers/rank_xgboost.py', '--seed', `${seed}`];

export default {
  seeds: [1, 2, 3, 4, 5],
  columns: { 'NDCG@10': 'ndcgAt10', 'NDCG@1': 'ndcgAt1', 'NDCG@3': 'ndcgAt3', 'NDCG@5': 'ndcgAt5' },
  against: 'XGBoost',
  rows: [
    { name: 'XGBoost', script: xgboost },
    { name: 'XGBoost, from the queries held out too', of: 'XGBoost', at: 'all' },
    { name: 'recipe `rank`', train: 'rank' },
    { name: 'the best single feature', of: 'recipe `rank`', at: 'baseline' },
    { name: 'random order', of: 'recipe `rank`', at: 'randomOrder' },
    ours('neural-ndcg', '{ name: neural-ndcg }'),
    ours('soft-rank', '{ name: soft-rank }'),
    ours('approx-ndcg', '{ name: approx-ndcg }'),
    ours('approx-mrr', '{ name: approx-mrr }'),
    ours('lambda-rank', '{ name: lambda-rank }'),
    ours('lambda-loss, NDCGLoss2++', '{ name: lambda-loss }'),
    ours('lambda-loss, NDCGLoss2', '{ name: lambda-loss, weighing: ndcg-loss-2 }'),
    ours('lambda-loss, NDCGLoss1', '{ name: lambda-loss, weighing: ndcg-loss-1 }'),
    ours('list-net', '{ name: list-net }'),
    ours('list-softmax', '{ name: list-softmax }', { steps: 60 }),
    ours('list-mle', '{ name: list-mle }', { steps: 60 }),
    ours('list-mle, by position', '{ name: list-mle, positions: exponential }'),
    ours('rank-net', '{ name: rank-net }'),
    ours('bradley-terry', '{ name: bradley-terry }'),
    ours('pair-hinge', '{ name: pair-hinge }'),
    ours('point-rmse', '{ name: point-rmse }'),
    ours('point-logistic', '{ name: point-logistic }'),
    ours('ordinal', '{ name: ordinal }'),
    ours('neural-ndcg, linear', '{ name: neural-ndcg }', { encoder: '{ name: identity }' }),
    ours('neural-ndcg, list-attention', '{ name: neural-ndcg }', {
      encoder: '{ name: list-attention, dimension: 32, layers: 1, forward: 64, dropout: 0.3 }',
    }),
  ],
};
