// Colours of the server's, less those of CEL: there the grammar knows more than that it is CEL.

import { SemanticTokens } from "vscode";

/** How many numbers a token is: line and start from the one before, length, type, modifiers. */
const WIDTH = 5;

/** The tokens without those of the type that stands for CEL. */
export function withoutCel(tokens: SemanticTokens, legend: string[]): SemanticTokens {
  const cel = legend.indexOf("macro");
  const kept: number[] = [];
  let [line, start, lastLine, lastStart] = [0, 0, 0, 0];
  for (let at = 0; at + WIDTH <= tokens.data.length; at += WIDTH) {
    const [lineDelta = 0, startDelta = 0, length = 0, type = 0, modifiers = 0] = tokens.data.subarray(at, at + WIDTH);
    start = lineDelta === 0 ? start + startDelta : startDelta;
    line += lineDelta;
    if (type !== cel) {
      kept.push(line - lastLine, line === lastLine ? start - lastStart : start, length, type, modifiers);
      [lastLine, lastStart] = [line, start];
    }
  }
  return new SemanticTokens(Uint32Array.from(kept), tokens.resultId);
}
