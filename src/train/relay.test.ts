import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Relay } from './relay.ts';

/** All that the stream says, and what it returns. */
async function told<T>(stream: AsyncGenerator<unknown, T, void>): Promise<{ events: unknown[]; result: T }> {
  const events: unknown[] = [];
  for (;;) {
    const next = await stream.next();
    if (next.done) return { events, result: next.value };
    events.push(next.value);
  }
}

const progress = (done: number, total: number) => ({ kind: 'progress', done, total });

test('reports become events, and the result of the work is that of the stream', async () => {
  const relay = new Relay();
  const work = async () => {
    for (let i = 1; i <= 3; i++) {
      await setImmediate();
      relay.report(i, 3);
    }
    return 'made';
  };
  const { events, result } = await told(relay.during(work()));
  expect(result).toBe('made');
  expect(events).toEqual([progress(1, 3), progress(2, 3), progress(3, 3)]);
});

test('a slow listener hears the latest, and always the last', async () => {
  const relay = new Relay();
  let end = () => {};
  const work = new Promise<void>((resolve) => {
    end = resolve;
  });
  const stream = relay.during(work);
  const first = stream.next();
  relay.report(1, 9);
  expect((await first).value).toEqual(progress(1, 9));
  relay.report(2, 9);
  relay.report(3, 9);
  expect((await stream.next()).value).toEqual(progress(3, 9));
  relay.report(9, 9);
  end();
  await setImmediate();
  expect((await stream.next()).value).toEqual(progress(9, 9));
  expect((await stream.next()).done).toBe(true);
});

test('work without reports gives its result alone', async () => {
  expect(await told(new Relay().during(Promise.resolve(7)))).toEqual({ events: [], result: 7 });
});

test('work that fails fails the stream, also when nobody was listening at that moment', async () => {
  const relay = new Relay();
  relay.report(1, 2);
  let fail = (_: Error) => {};
  const work = new Promise<void>((_, reject) => {
    fail = reject;
  });
  const stream = relay.during(work);
  expect((await stream.next()).value).toEqual(progress(1, 2));
  fail(new Error('broken'));
  await setImmediate();
  await expect(stream.next()).rejects.toThrow('broken');
});

test('whoever leaves the stream waits until the work has ended', async () => {
  for (const ending of ['well', 'badly']) {
    const relay = new Relay();
    let ended = false;
    const work = (async () => {
      await setImmediate();
      relay.report(1, 2);
      for (let i = 0; i < 5; i++) await setImmediate();
      ended = true;
      if (ending === 'badly') throw new Error('broken');
    })();
    const stream = relay.during(work);
    await stream.next();
    expect(ended).toBe(false);
    await stream.return();
    expect(ended).toBe(true);
  }
});
