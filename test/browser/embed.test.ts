import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { embedded, expectSame, runAndPictures } from '../embedded-pictures.ts';

const executablePath = '/usr/bin/chromium';
const installed = existsSync(executablePath);
if (!installed) console.warn(`Skipped: the guide's page is tested in ${executablePath} (Debian: chromium).`);

const work = mkdtempSync(join(tmpdir(), 'kindred-browser-'));
afterAll(() => rmSync(work, { recursive: true }));

const here = dirname(fileURLToPath(import.meta.url));
const web = dirname(fileURLToPath(import.meta.resolve('onnxruntime-web/wasm')));
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** Serves the guide's page, the two files of onnxruntime-web that the guide names, and the run. */
function serve(run: string): Promise<Server> {
  const files: Readonly<Record<string, string>> = {
    '/': join(here, 'page.html'),
    '/embed.js': join(here, 'embed.js'),
    '/onnxruntime-web/ort.wasm.bundle.min.mjs': join(web, 'ort.wasm.bundle.min.mjs'),
    '/onnxruntime-web/ort-wasm-simd-threaded.wasm': join(web, 'ort-wasm-simd-threaded.wasm'),
    '/run/preprocess.json': join(run, 'preprocess.json'),
    '/run/model.onnx': join(run, 'model.onnx'),
  };
  const server = createServer(({ url = '' }, answer) => {
    const file = files[url];
    if (file === undefined) answer.writeHead(404).end();
    else answer.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream').end(readFileSync(file));
  });
  return new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(server)));
}

describe.skipIf(!installed)('Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
    });
  });
  afterAll(() => browser?.close());

  test.each([1, 3] as const)('gives the vectors of kindred embed, %i channels', async (channels) => {
    const folder = join(work, String(channels));
    mkdirSync(folder);
    const { run, pictures } = await runAndPictures(folder, channels);
    const all = [...pictures.exact, ...pictures.others];
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const expected = await embedded(run, all, folder);
    vi.restoreAllMocks();

    const server = await serve(run);
    const page = await browser.newPage();
    const said: string[] = [];
    page.on('pageerror', (error) => said.push(error.message));
    page.on('console', (message) => said.push(message.text()));
    page.on('requestfailed', (request) => said.push(`${request.url()} failed`));
    try {
      await page.goto(`http://127.0.0.1:${(server.address() as { port: number }).port}/`);
      await page.locator('input:enabled').setInputFiles(all);
      await page.locator('pre:not(:empty)').waitFor({ timeout: 30_000 });
      const lines = ((await page.locator('pre').textContent()) ?? '').trimEnd().split('\n');
      expectSame(
        lines.map((line) => JSON.parse(line)),
        expected,
        pictures.exact.length,
      );
    } catch (error) {
      throw new Error(`The page said: ${said.join('; ') || 'nothing'}`, { cause: error });
    } finally {
      await page.close();
      server.close();
    }
  });
});
