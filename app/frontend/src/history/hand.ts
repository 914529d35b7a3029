interface Given {
  gestures: { press(): void; release(): void };
  pace: { settle(): void };
}

/** Follows the hand wherever on the page it is: where a gesture begins and ends, and before what is done next stands on what is on screen. Returns what ends it. */
export function followHand({ gestures, pace }: Given): () => void {
  const ends = new AbortController();
  const { signal } = ends;
  window.addEventListener("pointerdown", () => gestures.press(), { signal, capture: true });
  for (const type of ["pointerdown", "keydown", "input", "wheel", "click"] as const) {
    window.addEventListener(type, () => pace.settle(), { signal, capture: true, passive: true });
  }
  for (const end of ["pointerup", "pointercancel"] as const) {
    window.addEventListener(end, () => (pace.settle(), gestures.release()), { signal, capture: true });
  }
  return () => ends.abort();
}
