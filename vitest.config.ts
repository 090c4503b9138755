import { defineConfig } from 'vitest/config';

// Modules are loaded once for all of these files: loading them anew for each took a third of the time.
const together = ['src/**/*.test.ts', 'test/laws/*.test.ts'];
// They put other modules in the place of node:fs and koffi, and so have to come first in a process.
const apart = ['src/core/files.test.ts', 'src/core/map-file.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'together', isolate: false, include: together, exclude: apart } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts', ...apart], exclude: ['test/laws/**'] } },
    ],
  },
});
