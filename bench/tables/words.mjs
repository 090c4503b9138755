// Word vectors beside gensim: the same film reviews, dimension 100, window 5, 5 negatives, minimum count 5, as many threads for either.
// Needs KINDRED_DATA and `apt-get install python3-gensim`.
const ours = (name, settings, rest) => ({ name, train: 'words', set: settings, ...rest });
const gensim = (name, args, rest) => ({
  name: `gensim, ${name}`,
  script: (seed, threads) => [
    ...['/usr/bin/python3', 'bench/peers/words_gensim.py', ...args],
    ...['--workers', threads, '--seed', `${seed}`],
  ],
  ...rest,
});

export default {
  seeds: [1, 2, 3],
  columns: {
    'WordSim-353': 'wordsim353',
    'SimLex-999': 'simlex999',
    analogies: 'analogies',
    'words/s': 'wordsPerSecond',
    'WordSim-353 known': 'coverage/wordsim353',
    'SimLex-999 known': 'coverage/simlex999',
    'analogies known': 'coverage/analogies',
  },
  rows: [
    ours('skip-gram, 1 epoch', ['words.epochs=1']),
    gensim('skip-gram, 1 epoch', ['--epochs', '1']),
    ours('CBOW, 1 epoch', ['words.model=cbow', 'words.epochs=1']),
    gensim('CBOW, 1 epoch', ['--model', 'cbow', '--epochs', '1']),
    ours('skip-gram, 5 epochs', ['words.epochs=5']),
    gensim('skip-gram, 5 epochs', ['--epochs', '5']),
    ours('CBOW, 5 epochs', ['words.model=cbow', 'words.epochs=5']),
    gensim('CBOW, 5 epochs', ['--model', 'cbow', '--epochs', '5']),
  ],
};
