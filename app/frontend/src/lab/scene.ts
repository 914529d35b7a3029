import type { Program } from "./program";
import type { Scene } from "./protocol";

const NONE: ReadonlySet<string> = new Set();

/** A scene as a program: one step a line. */
export function sceneProgram({ lines, steps }: Scene): Program {
  return { lines: lines.map((text, k) => ({ text, number: k + 1, steps: k + 1 })), steps, parts: NONE };
}
