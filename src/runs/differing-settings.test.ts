import { expect, test } from 'vitest';
import { differingSettings } from './differing-settings.ts';

test('only what differs, by the name that --set takes', () => {
  const a = { seed: 1, encoder: { name: 'strided', channels: [32, 64] }, views: [{ name: 'shift', pixels: 2 }] };
  const b = {
    seed: 1,
    encoder: { name: 'strided', channels: [32] },
    views: [{ name: 'shift', pixels: 3 }, { name: 'flip' }],
    checkpoints: { keep: 2 },
  };
  expect(differingSettings([a, b])).toEqual([
    { key: 'encoder.channels', values: [[32, 64], [32]] },
    { key: 'views.0.pixels', values: [2, 3] },
    { key: 'views.1.name', values: [undefined, 'flip'] },
    { key: 'checkpoints.keep', values: [undefined, 2] },
  ]);
  expect(differingSettings([a, a, { ...a, seed: 2 }])).toEqual([{ key: 'seed', values: [1, 1, 2] }]);
  expect(differingSettings([a, structuredClone(a)])).toEqual([]);
});

test('a list without anything in it is no setting', () => {
  expect(differingSettings([{ views: [] }, { views: [{ name: 'flip' }] }])).toEqual([
    { key: 'views.0.name', values: [undefined, 'flip'] },
  ]);
  expect(differingSettings([{ views: [] }, {}])).toEqual([]);
});
