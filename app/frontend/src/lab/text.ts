import type { LineResult } from "./protocol";

/** The text of one line of a program as it was written, all of its physical lines. */
export function textOf(program: string, { line, end }: LineResult): string {
  return program.split("\n").slice(line - 1, end).join("\n").trimEnd();
}

/** The program up to a line and with it. */
export function textUntil(program: string, last: LineResult | undefined): string {
  return program.split("\n").slice(0, last?.end ?? 0).join("\n");
}
