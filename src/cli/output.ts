/** Prints a result: as JSON for programs, as text for people. Nothing else goes to stdout. */
export function printResult(json: boolean | undefined, value: unknown, text: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${text()}\n`);
}

/** Lines of cells, padded to columns; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map(String));
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const right = cells[0].map((_, column) => rows.slice(1).every((row) => /^[-−–\d.,]/.test(String(row[column]))));
  return cells
    .map((row) =>
      row
        .map((cell, column) => (right[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What people call the item at a position, where it is known: for the entry of a list, whose rows then end with it. */
export const calledAs = (called: readonly string[] | undefined, position: number): { readonly name?: string } =>
  called?.[position] ? { name: called[position] } : {};

/** Below a list of items: why what scores more does not always come first. */
export const whyMixed = (diversity: number): string[] =>
  diversity === 0
    ? []
    : ['', `not by score alone: with --diversity ${diversity} each next one is also unlike those before it`];

/** Something to know that is no result: to stderr. */
export const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
