import { must } from '../core/error.ts';
import type { TripletMiner } from '../objective/miner.ts';

/**
 * From easy to hard: each miner in turn, until the given share of all steps is over. The last one runs to the end.
 *
 * `curriculum([{ miner: easy(), until: 0.1 }, { miner: semiHard(), until: 1 }])`
 */
export function curriculum(parts: readonly { readonly miner: TripletMiner; readonly until: number }[]): TripletMiner {
  const rising = parts.every(({ until }, i) => until > (parts[i - 1]?.until ?? 0) && until <= 1);
  must(rising && parts.at(-1)?.until === 1, () => ({
    rule: 'A curriculum has rising shares of the steps, the last of them 1',
    received: parts.map(({ miner, until }) => `${miner.name} until ${until}`).join(', ') || 'no part',
    next: 'Order its parts, and let the last one run until 1',
  }));
  return {
    kind: 'triplets',
    name: parts.map(({ miner }) => miner.name).join(' -> '),
    stages: parts.flatMap(({ miner, until }, i) => {
      const from = parts[i - 1]?.until ?? 0;
      return miner.stages.map((stage) => ({ ...stage, until: from + stage.until * (until - from) }));
    }),
  };
}
