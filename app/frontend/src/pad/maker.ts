import type { Line, Stroke } from "./strokes";

/** What a drawing became. */
export interface Drawn<How> {
  readonly values: Float64Array;
  /** Whether there is anything on it. */
  readonly inked: boolean;
  /** How its numbers came about. */
  readonly how: How;
}

/** How strokes and picture files become an input's numbers. */
export interface Maker<How> {
  /** What the server is told while the pen is down. */
  ahead(lines: readonly Line[]): { readonly strokes: readonly Stroke[] } | { readonly values: Float64Array };
  drawn(lines: readonly Line[], language: string): Promise<Drawn<How>>;
  /** Throws Unread too. */
  opened(file: File, language: string): Promise<Drawn<How>>;
}
