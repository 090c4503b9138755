import type { Command } from 'commander';
import { vi } from 'vitest';

/** Runs a command, and gives back what it wrote on both streams. */
export async function said(command: Command, args: readonly string[]): Promise<{ out: string; err: string }> {
  const said = { out: '', err: '' };
  const listen = (stream: NodeJS.WriteStream, to: 'out' | 'err') =>
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said[to] += text;
      return true;
    });
  const spies = [listen(process.stdout, 'out'), listen(process.stderr, 'err')];
  try {
    await command.exitOverride().parseAsync(args, { from: 'user' });
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return said;
}
