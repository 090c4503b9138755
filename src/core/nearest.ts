/** The allowed word that `given` is most likely a misspelling of; undefined when none is near. */
export function nearest(given: string, allowed: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.ceil(given.length / 3)) + 1;
  for (const word of allowed) {
    const edits = editDistance(given.toLowerCase(), word.toLowerCase());
    // As many edits as letters: nothing of the word is left, and it is no misspelling.
    if (edits < least && edits < Math.max(given.length, word.length)) {
      least = edits;
      best = word;
    }
  }
  return best;
}

/** Levenshtein's distance: the fewest insertions, deletions and replacements of a letter that turn one into the other. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, above[j] + 1, current[j - 1] + 1));
    }
    above = current;
  }
  return above[b.length];
}
