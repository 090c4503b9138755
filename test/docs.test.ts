import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import sharp from 'sharp';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { build } from '../src/recipes/build.ts';
import { readRecipe } from '../src/recipes/read.ts';
import { recipeSchema } from '../src/recipes/schema.ts';

// What the documentation shows must work. Fenced blocks are
//   ts run         type-checked and run, with `kindred/...` taken from src/, beside a folder `photos`
//   ts definition=NAME   type-checked, and lies under that name beside the recipes, which are to load it
//   ts file=PATH   words that stand in that file; js, html and python likewise
//   yaml recipe    a recipe, checked and built
//   sh             commands: those of kindred are parsed by its own command line, those of npm looked up in package.json
//   text           shown, not checked
const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
];

interface Block {
  /** `README.md:120` */
  readonly at: string;
  readonly kind: string;
  readonly text: string;
}

function blocksOf(page: string): Block[] {
  const found: Block[] = [];
  let open: { at: string; kind: string; lines: string[] } | undefined;
  for (const [i, line] of read(page).split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (fence === null) open?.lines.push(line);
    else if (open === undefined) open = { at: `${page}:${i + 1}`, kind: fence[1].trim(), lines: [] };
    else {
      found.push({ at: open.at, kind: open.kind, text: open.lines.join('\n') });
      open = undefined;
    }
  }
  expect(open, `${page} has a block that does not end`).toBeUndefined();
  return found;
}

const blocks = pages.flatMap(blocksOf);
const ofKind = (kind: string) => blocks.filter((block) => block.kind === kind);
const definitions = blocks.flatMap(({ kind, text }) => {
  const [, file] = /^ts definition=(.+)$/.exec(kind) ?? [];
  return file === undefined ? [] : [{ file, text }];
});
const work = mkdtempSync(join(tmpdir(), 'kindred-docs-'));
afterAll(() => rmSync(work, { recursive: true }));
symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'), 'dir');

/** TypeScript that takes `kindred/...` from src/. */
const fromSources = (text: string) =>
  text.replaceAll(/(from ')kindred\/([^']+)(')/g, (_, before, path, after) => {
    const source = join(root, 'src', `${path}.ts`);
    expect(existsSync(source), `kindred/${path}`).toBe(true);
    return before + source + after;
  });

test('every block is of a kind that is checked', () => {
  for (const { at, kind } of blocks) {
    expect(kind, at).toMatch(/^(ts run|ts definition=[\w-]+\.ts|(ts|js|html|python) file=\S+|yaml recipe|sh|text)$/);
  }
});

test('links lead somewhere', () => {
  for (const page of pages) {
    for (const [, target] of read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (/^https?:/.test(target)) continue;
      expect(existsSync(join(root, dirname(page), target)), `${page} links to ${target}`).toBe(true);
    }
  }
});

test.each(blocks.filter(({ kind }) => kind.includes(' file=')))('$at is what $kind holds', ({ kind, text }) => {
  expect(read(kind.slice(kind.indexOf('=') + 1))).toContain(text);
});

describe('TypeScript', () => {
  const snippets = ofKind('ts run').map((block) => ({ ...block, file: `${block.at.replaceAll(/\W+/g, '-')}.ts` }));
  const checked = [...snippets, ...definitions];

  test('has the right types', () => {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
    const settings = {
      ...options,
      incremental: false,
      typeRoots: [join(root, 'node_modules/@types')],
      paths: { 'kindred/*': [join(root, 'src/*.ts')] },
    };
    delete settings.tsBuildInfoFile;
    // They lie in the root of the project for the compiler, but not on the disk.
    const texts = new Map(checked.map(({ file, text }) => [join(root, file), text]));
    const host = ts.createCompilerHost(settings);
    const { fileExists, readFile } = host;
    host.fileExists = (path) => texts.has(path) || fileExists(path);
    host.readFile = (path) => texts.get(path) ?? readFile(path);
    const program = ts.createProgram([...texts.keys()], settings, host);
    const wrong = [...texts.keys()].flatMap((path) =>
      ts.getPreEmitDiagnostics(program, program.getSourceFile(path)).map(({ messageText, start = 0 }) => {
        const { line } = ts.getLineAndCharacterOfPosition(program.getSourceFile(path) as ts.SourceFile, start);
        return `${basename(path)}, line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      }),
    );
    expect(wrong).toEqual([]);
  });

  beforeAll(async () => {
    for (const [c, name] of ['mugs', 'lamps'].entries()) {
      mkdirSync(join(work, 'photos', name), { recursive: true });
      for (let i = 0; i < 6; i++) {
        const background = { r: 200 * c, g: 40 * i, b: 90 };
        const file = join(work, 'photos', name, `${i}.png`);
        await sharp({ create: { width: 80, height: 70, channels: 3, background } }).toFile(file);
      }
    }
  });

  test.each(snippets)('$at runs', async ({ file, text }) => {
    writeFileSync(join(work, file), fromSources(text));
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const from = process.cwd();
    process.chdir(work);
    try {
      await import(join(work, file));
      expect(log).toHaveBeenCalled();
    } finally {
      process.chdir(from);
      log.mockRestore();
    }
  });
});

describe('recipes', () => {
  beforeAll(() => {
    for (const { file, text } of definitions) writeFileSync(join(work, file), fromSources(text));
  });

  test.each(ofKind('yaml recipe'))('$at is a recipe', async ({ text }) => {
    const path = join(work, 'recipe.yaml');
    writeFileSync(path, text);
    const parts = await build(readRecipe(path).recipe);
    expect(parts.objective.stages.length).toBeGreaterThan(0);
  });

  test('docs/guide/recipes.md explains every key, in the section of the one that it lies under', () => {
    const sections = new Map(
      read('docs/guide/recipes.md')
        .split(/^#+ /m)
        .map((section) => [/^`(\w+)`\n/.exec(section)?.[1], section]),
    );
    for (const [top, ...below] of keys(z.toJSONSchema(recipeSchema, { io: 'input' }) as Json)) {
      const section = sections.get(top);
      expect(section, `a section for ${top}`).toBeDefined();
      for (const key of below) expect(section, `${top}: ${key}`).toContain(`\`${key}\``);
    }
  });
});

type Json = { properties?: Record<string, Json>; items?: Json; anyOf?: Json[]; oneOf?: Json[] };

/** Every key of a schema, as the path that leads to it. */
function keys(schema: Json): string[][] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [
    [key],
    ...keys(value).map((path) => [key, ...path]),
  ]);
  const inside = [...(schema.items ? [schema.items] : []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return [...own, ...inside.flatMap(keys)];
}

describe('commands', async () => {
  const inline = pages.flatMap((page) =>
    [...read(page).matchAll(/`((?:npx )?kindred [a-z][^`]*)`/g)].map(([, line]) => ({ at: page, line })),
  );
  const shown = ofKind('sh').flatMap(({ at, text }) =>
    text.split('\n').flatMap((line) => line.split('&&').map((part) => ({ at, line: part.replace(/ #.*/, '').trim() }))),
  );
  const lines = [...inline, ...shown.filter(({ line }) => line !== '')];
  const commands: Command[] = [];
  for (const file of readdirSync(join(root, 'src/cli'))) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file === 'main.ts') continue;
    const module: Record<string, unknown> = await import(join(root, 'src/cli', file));
    for (const [name, make] of Object.entries(module))
      if (name.endsWith('Command')) commands.push((make as () => Command)());
  }

  test.each(lines.filter(({ line }) => /^(npx )?kindred /.test(line)))('$at: $line', ({ line }) => {
    const [name, ...words] = split(line.replace(/^(npx )?kindred /, ''));
    const command = commands.find((each) => each.name() === name);
    if (command === undefined) return expect.fail(`there is no command ${name}`);
    command.exitOverride().configureOutput({ writeErr: () => {} });
    let ran = false;
    command.action(() => {
      ran = true;
    });
    command.parse(words, { from: 'user' });
    expect(ran).toBe(true);
  });

  test.each(lines.filter(({ line }) => !/^(npx )?kindred /.test(line)))('$at: $line', ({ line }) => {
    const [program, verb, script] = split(line.replace(/^(\w+=\w+ )+/, ''));
    expect(program).toBe('npm');
    if (verb === 'run') expect(Object.keys(JSON.parse(read('package.json')).scripts)).toContain(script);
    else expect(['ci', 'test', 'install', 'pack']).toContain(verb);
  });

  test('every command is in the README', () => {
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) expect(read('README.md')).toContain(`npx kindred ${command.name()} `.trimEnd());
  });
});

/** Words of a command line, quotes taken off. */
const split = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);

test('docs/dependencies.md has one line for each dependency', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const named = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual([...Object.keys(dependencies), ...Object.keys(devDependencies)].sort());
});

test('the README names every file of a run', async () => {
  const { runFiles } = await import('../src/runs/files.ts');
  for (const path of Object.values(runFiles('run'))) {
    expect(read('README.md')).toContain(`\`${relative('run', path)}${/\.\w+$/.test(path) ? '' : '/'}\``);
  }
});
