import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { picture } from '../relations/items.ts';
import { describeFolder } from './describe.ts';
import { readFolders, readPictures } from './folders.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kindred-folders-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const rgb = { height: 4, width: 4, channels: 3 } as const;
const grey = { height: 4, width: 4, channels: 1 } as const;

function put(path: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
}

function plain(background: string, width = 8, height = 8) {
  return sharp({ create: { width, height, channels: 3, background } });
}

/** A picture too rough to compress, so that a cut falls into its pixels. */
function rough(width: number, height: number) {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919) % 251);
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

async function twoClasses(): Promise<void> {
  put('bag/b.png', await plain('#ff0000').png().toBuffer());
  put('bag/deep/er/a.PNG', await plain('#00ff00').png().toBuffer());
  put('shoe/c.png', await plain('#0000ff').png().toBuffer());
}

test('classes are first-level folders, pictures lie at any depth, both in order of name', async () => {
  await twoClasses();
  put('shoe/notes.txt', 'no picture');
  put('shoe/.hidden.png', 'ignored');
  put('.hidden/x.png', 'ignored');
  const steps: number[][] = [];
  const read = await readFolders(root, { ...rgb, progress: (...step) => steps.push(step) });
  expect(read.pictures).toMatchObject({ count: 3, ...rgb, ids: ['bag/b.png', 'bag/deep/er/a.PNG', 'shoe/c.png'] });
  expect(read.groups).toEqual({ names: ['bag', 'shoe'], labels: Int32Array.of(0, 0, 1) });
  expect([...picture(read.pictures, 1)]).toEqual(Array(16).fill([0, 255, 0]).flat());
  expect([...picture(read.pictures, 2)]).toEqual(Array(16).fill([0, 0, 255]).flat());
  expect(read).toMatchObject({ skipped: [], emptyGroups: [] });
  expect(steps).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
});

test('bad pictures are left out and listed, and fatal with strict', async () => {
  await twoClasses();
  put('bag/cut.jpg', (await rough(60, 60).jpeg().toBuffer()).subarray(0, 1500));
  put('bag/empty.jpg', '');
  put('lost/text.jpg', 'this is no picture');
  symlinkSync('nowhere.png', join(root, 'shoe/gone.png'));
  symlinkSync('self.png', join(root, 'shoe/self.png'));
  put('loose.png', await plain('#000').png().toBuffer());
  mkdirSync(join(root, 'vacant'));
  const read = await readFolders(root, rgb);
  expect(read.skipped.map(({ path, reason }) => `${path.slice(root.length + 1)} ${reason}`)).toEqual([
    'loose.png lies beside the class folders',
    expect.stringMatching(/^bag\/cut.jpg cannot be decoded \(.*(premature end|damaged)/),
    'bag/empty.jpg has zero bytes',
    'lost/text.jpg is not a picture, or is damaged',
    'shoe/gone.png does not exist',
    'shoe/self.png cannot be read (ELOOP)',
  ]);
  expect(read.emptyGroups).toEqual(['lost', 'vacant']);
  expect(read.groups).toEqual({ names: ['bag', 'shoe'], labels: Int32Array.of(0, 0, 1) });
  // What is kept moved up over what was left out.
  expect([...picture(read.pictures, 2)].slice(0, 3)).toEqual([0, 0, 255]);
  await expect(readFolders(root, { ...rgb, strict: true })).rejects.toThrow(/loose\.png lies beside/);
  rmSync(join(root, 'loose.png'));
  await expect(readFolders(root, { ...rgb, strict: true })).rejects.toThrow(
    /5 of 8 cannot: .*cut\.jpg .*; .*empty\.jpg has zero bytes; .*; and 2 more\. Repair or remove/,
  );
});

test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
  '%s is read, and refused when cut',
  async (format) => {
    const extension = format === 'jpeg' ? 'jpg' : format;
    // Tall, so that what is cut off at the end of the file lies outside the middle that is kept.
    for (const [width, height] of [
      [60, 60],
      [30, 300],
    ]) {
      const whole = await rough(width, height).toFormat(format).toBuffer();
      put(`whole/a.${extension}`, whole);
      for (const share of [0.5, 0.9]) put(`cut/${share}.${extension}`, whole.subarray(0, whole.length * share));
      const { pictures, skipped } = await readFolders(root, grey);
      expect(pictures.ids).toEqual([`whole/a.${extension}`]);
      expect(skipped.length).toBe(2);
    }
  },
);

test('proportions are kept: what sticks out is cut off on both sides', async () => {
  const stripes = Uint8Array.from({ length: 12 * 4 }, (_, i) => [10, 100, 200][Math.floor((i % 12) / 4)]);
  const wide = sharp(stripes, { raw: { width: 12, height: 4, channels: 1 } });
  put('a/wide.png', await wide.png().toBuffer());
  put('a/tall.png', await wide.rotate(90).png().toBuffer());
  put('a/thin.png', await plain('#fff', 1000, 1).png().toBuffer());
  const { pictures, skipped } = await readFolders(root, grey);
  expect(pictures.ids).toEqual(['a/tall.png', 'a/wide.png']);
  expect([...pictures.pixels]).toEqual(Array(32).fill(100));
  expect(skipped).toMatchObject([{ reason: 'is 1000 x 1 pixels, too long for 4 x 4' }]);
});

test('orientation, transparency, 16 bits, CMYK, grey, animation', async () => {
  const half = Buffer.concat([Buffer.alloc(32, 255), Buffer.alloc(32, 0)]);
  const sideways = sharp(half, { raw: { width: 8, height: 8, channels: 1 } });
  put('a/1-turned.png', await sideways.withMetadata({ orientation: 6 }).png().toBuffer());
  const clear = { r: 255, g: 0, b: 0, alpha: 0 };
  put(
    'a/2-clear.png',
    await sharp({ create: { width: 8, height: 8, channels: 4, background: clear } })
      .png()
      .toBuffer(),
  );
  const deep = new Uint16Array(64).fill(0x8080);
  const deepPng = sharp(deep, { raw: { width: 8, height: 8, channels: 1 } }).toColourspace('grey16');
  put('a/3-deep.png', await deepPng.png().toBuffer());
  put('a/4-print.jpg', await plain('#fff').toColourspace('cmyk').jpeg().toBuffer());
  const frames = [await plain('#000').png().toBuffer(), await plain('#fff').png().toBuffer()];
  put(
    'a/5-moving.gif',
    await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer(),
  );
  for (const shape of [grey, rgb]) {
    const { pictures } = await readFolders(root, shape);
    const corners = [0, 1, 2, 3, 4].map((i) => {
      const pixels = picture(pictures, i);
      return [pixels[0], pixels[pixels.length - 1]];
    });
    // Orientation 6: the top of what is stored is the right of what is seen.
    expect(corners).toEqual([
      [0, 255],
      [255, 255],
      [128, 128],
      [255, 255],
      [0, 0],
    ]);
  }
});

test('links: a picture may be one, a loop ends', async () => {
  await twoClasses();
  symlinkSync('../bag/b.png', join(root, 'shoe/d.png'));
  symlinkSync('..', join(root, 'shoe/up'));
  symlinkSync('.', join(root, 'bag/here'));
  symlinkSync('bag', join(root, 'copy'));
  const { pictures } = await readFolders(root, rgb);
  expect(pictures.ids).toEqual([
    'bag/b.png',
    'bag/deep/er/a.PNG',
    'copy/b.png',
    'copy/deep/er/a.PNG',
    'shoe/c.png',
    'shoe/d.png',
  ]);
});

test('a limit takes the first of each class', async () => {
  await twoClasses();
  expect((await readFolders(root, { ...rgb, limit: 1 })).pictures.ids).toEqual(['bag/b.png', 'shoe/c.png']);
  expect((await readPictures(root, { ...rgb, limit: 1 })).pictures.ids).toEqual(['bag/b.png']);
});

test('pictures without classes: a file, a folder, a list', async () => {
  await twoClasses();
  put('a.png', await plain('#888').png().toBuffer());
  const at = (path: string) => join(root, path);
  expect((await readPictures(at('a.png'), rgb)).pictures.ids).toEqual([at('a.png')]);
  expect((await readPictures(root, rgb)).pictures.ids).toEqual([
    'a.png',
    'bag/b.png',
    'bag/deep/er/a.PNG',
    'shoe/c.png',
  ]);
  const listed = await readPictures([at('shoe/c.png'), at('none.png'), at('a.png'), at('shoe/c.png')], rgb);
  expect(listed.pictures.ids).toEqual([at('shoe/c.png'), at('a.png')]);
  expect(listed.skipped).toEqual([{ path: at('none.png'), reason: 'does not exist' }]);
});

test('what has nothing to read is refused with the next action', async () => {
  await expect(readFolders(root, rgb)).rejects.toThrow(/has 0 folders and no file ending in \.jpg, .*Check the path/);
  await expect(readFolders(join(root, 'none'), rgb)).rejects.toThrow(/there is no folder .*none/);
  await expect(readPictures(join(root, 'none.jpg'), rgb)).rejects.toThrow(/there is no folder .*none\.jpg/);
  await expect(readPictures([], rgb)).rejects.toThrow(/empty list/);
  put('a.png', 'x');
  await expect(readFolders(root, rgb)).rejects.toThrow(/1 pictures directly in it.*Move the pictures of each class/);
  await expect(readFolders(join(root, 'a.png'), rgb)).rejects.toThrow(/is a file/);
  await expect(readPictures(join(root, 'a.png'), rgb)).rejects.toThrow(/1 of 1 cannot: .*a\.png is not a picture/);
  await expect(readPictures(root, { ...rgb, height: 0 })).rejects.toThrow(/1 pictures of 0 x 4 x 3/);
  await expect(describeFolder(join(root, 'none'))).rejects.toThrow(/there is no folder/);
});

test('describes a folder by classes', async () => {
  await twoClasses();
  put('shoe/wide.jpg', await plain('#777', 20, 10).jpeg().toBuffer());
  put('shoe/bad.jpg', 'bad');
  put('hat/d.png', await plain('#777', 6, 30).png().toBuffer());
  put('loose.png', 'x');
  mkdirSync(join(root, 'vacant'));
  expect(await describeFolder(root)).toEqual({
    root,
    layout: 'nested',
    pictures: 6,
    groups: [
      { name: 'bag', count: 2 },
      { name: 'hat', count: 1 },
      { name: 'shoe', count: 3 },
    ],
    perGroup: { min: 1, median: 2, max: 3 },
    emptyGroups: ['vacant'],
    loose: 1,
    sampled: 6,
    unreadable: 1,
    width: { min: 6, median: 8, max: 20 },
    height: { min: 8, median: 8, max: 30 },
    colour: true,
  });
});

test('describes a flat folder, and sees that RGB files may be grey', async () => {
  put('a.jpg', await plain('#777').jpeg().toBuffer());
  put('b.png', await plain('#111', 10, 8).png().toBuffer());
  expect(await describeFolder(root)).toMatchObject({
    layout: 'flat',
    pictures: 2,
    groups: [],
    perGroup: undefined,
    loose: 0,
    width: { min: 8, median: 9, max: 10 },
    colour: false,
  });
});
