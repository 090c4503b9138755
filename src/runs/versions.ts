import { readFileSync } from 'node:fs';
import { arch, cpus, totalmem, type } from 'node:os';

const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
  dependencies: Readonly<Record<string, string>>;
};

export const version = own.version;

/** The programs that a result depends on. */
export const versions = (): Readonly<Record<string, string>> => ({
  kindred: own.version,
  'onnxruntime-node': own.dependencies['onnxruntime-node'],
  node: process.versions.node,
});

/** The machine, in words: `AMD EPYC, 2 processors, 24 GiB, Linux x64`. */
export function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${first?.model.trim() ?? 'unknown processor'}, ${cpus().length} processors, ${memory} GiB, ${type()} ${arch()}`;
}
