/** A path as a shell takes it for one word that is no option. */
export function shellWord(path: string): string {
  const plain = path.startsWith('-') ? `./${path}` : path;
  return /^[\w./:@%+,-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "'\\''")}'`;
}
