import ts from 'typescript';
import type { SourceFile } from './sources.js';

export interface FunctionLength {
  name: string;
  lines: number;
}

/** Every function of a file with its length in lines. */
export function functionsOf(file: SourceFile): FunctionLength[] {
  if (/\.(cpp|hpp)$/.test(file.path)) return cppFunctions(file.lines);
  if (/\.(ts|tsx|mjs|js)$/.test(file.path)) return scriptFunctions(file);
  return [];
}

function scriptFunctions(file: SourceFile): FunctionLength[] {
  const tree = ts.createSourceFile(file.path, file.lines.join('\n'), ts.ScriptTarget.Latest, true);
  const found: FunctionLength[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const line = (position: number) => tree.getLineAndCharacterOfPosition(position).line;
      found.push({
        name: node.name?.getText() ?? `anonymous at line ${line(node.getStart()) + 1}`,
        lines: line(node.end) - line(node.getStart()) + 1,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const NO_FUNCTION = /^\s*(namespace|class|struct|union|enum|extern|template <|[}\])]|public|private)\b/;

const INITIALISES = /^[^(]*[^=!<>(r]= /; // a table, not a body; `operator=` stays a function

/**
 * Functions of clang-formatted C++: a block that opens at a margin (of a namespace, or of a class) and closes with a
 * brace at the same margin.
 */
function cppFunctions(lines: string[]): FunctionLength[] {
  const found: FunctionLength[] = [];
  for (let first = 0; first < lines.length; first += 1) {
    const text = lines[first] ?? '';
    const margin = text.search(/\S/);
    if (
      margin < 0 ||
      margin > 2 ||
      NO_FUNCTION.test(text) ||
      INITIALISES.test(text) ||
      !/[A-Za-z_]/.test(text[margin] ?? '')
    )
      continue;
    const opens = openingBrace(lines, first);
    if (opens === null) continue;
    const closing = `${' '.repeat(margin)}}`;
    const last = lines.findIndex((line, i) => i > opens && line === closing);
    if (last < 0) continue;
    found.push({ name: /(~?[\w:]+)\s*\(/.exec(text)?.[1] ?? text.trim(), lines: last - first + 1 });
    first = last;
  }
  return found;
}

/** The line on which a declaration that starts at `first` opens its body; null when it has none. */
function openingBrace(lines: string[], first: number): number | null {
  for (let i = first; i < Math.min(first + 8, lines.length); i += 1) {
    const text = lines[i] ?? '';
    if (text.endsWith('{'))
      return lines
        .slice(first, i + 1)
        .join(' ')
        .includes('(')
        ? i
        : null;
    if (/[;}]$/.test(text) || text === '') return null;
  }
  return null;
}
