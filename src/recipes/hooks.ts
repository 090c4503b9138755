import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { stripTypes } from './strip-types.ts';

// Hooks into Node's loading of modules, for the files of users that define an encoder, a loss or a miner. They run in
// Node's own thread for them or, where Node can, in ours. Either way they answer at once or with what `next` gives.

interface Resolved {
  readonly url: string;
  readonly shortCircuit?: boolean;
}

/**
 * `kindred/...` is the very package that runs, wherever the file lies that imports it: a second copy would have ops of its
 * own. `zod` is the package's own where the file has none.
 */
export function resolve<Context extends { readonly parentURL?: string | undefined }, Result>(
  specifier: string,
  context: Context,
  next: (specifier: string, context: Context) => Result,
): Result | Resolved {
  const own = /^kindred(?:\/(.+))?$/.exec(specifier);
  if (own !== null) {
    const url = new URL(`../${own[1] ?? 'index'}.js`, import.meta.url);
    if (!existsSync(url)) throw new Error(`there is no ${specifier}`);
    return { url: url.href, shortCircuit: true };
  }
  const missing = /^zod(\/|$)/.test(specifier) && !isFound(specifier, context.parentURL);
  return next(specifier, missing ? { ...context, parentURL: import.meta.url } : context);
}

/** TypeScript is read without its types, on every release of Node in the same way. */
export function load<Context, Result>(
  url: string,
  context: Context,
  next: (url: string, context: Context) => Result,
): Result | { format: 'module'; source: string; shortCircuit: true } {
  if (!/^file:.*\.m?ts$/.test(url)) return next(url, context);
  const file = fileURLToPath(url);
  return { format: 'module', source: stripTypes(readFileSync(file, 'utf8'), file), shortCircuit: true };
}

function isFound(specifier: string, from: string | undefined): boolean {
  if (from === undefined || !from.startsWith('file:')) return true;
  try {
    createRequire(from).resolve(specifier);
    return true;
  } catch {
    return false;
  }
}
