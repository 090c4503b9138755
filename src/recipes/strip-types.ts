import { transformSync } from '@swc/wasm-typescript';

/** What the stripper throws, which is no `Error`. */
interface Complaint {
  readonly message: string;
  readonly startLine?: number;
}

/**
 * TypeScript with its types blanked out, so that lines and columns stay where they are; JavaScript as it is. Syntax that is
 * more than types, such as `enum`, is refused.
 *
 * @throws SyntaxError with the file and the line.
 */
export function stripTypes(text: string, file: string): string {
  try {
    return transformSync(text, { mode: 'strip-only', module: true, filename: file }).code;
  } catch (complaint) {
    const { message, startLine } = complaint as Complaint;
    throw new SyntaxError(`${file}${startLine === undefined ? '' : `, line ${startLine}`}: ${message}`);
  }
}
