import { post } from "../studio/draws";

/** What /api/v1/code answers: the program, and the file with its numbers where they stand beside it. */
export interface Written {
  source: string;
  file?: { name: string };
}

/**
 * Has a program written once the hand rests, so many milliseconds from now, and hands it or the error on; what it returns calls it
 * off, also once the request is on its way: so the newest answer wins.
 */
export function writeAtRest(ask: () => object | Promise<object>, language: string, rest: number, done: (written: Written) => void, failed: (error: unknown) => void): () => void {
  let over = false;
  const timer = setTimeout(async () => {
    try {
      const answer = (await (await post("/api/v1/code", await ask(), language)).json()) as Written;
      if (!over) done(answer);
    } catch (error) {
      if (!over) failed(error);
    }
  }, rest);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
