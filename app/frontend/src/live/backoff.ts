const FIRST_MS = 250;
const LONGEST_MS = 4000;

/** How long to wait before attempt number `attempt` (from 0): doubling, at most 4 s, spread by up to a quarter. */
export function retryDelay(attempt: number, random: () => number = Math.random): number {
  const delay = Math.min(FIRST_MS * 2 ** Math.min(attempt, 10), LONGEST_MS);
  return delay * (0.75 + random() / 4);
}
