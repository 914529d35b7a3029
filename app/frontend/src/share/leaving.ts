interface Listening {
  /** The page is left: what is not kept yet is kept at once. */
  save(): unknown;
  /** Someone put another link into the address. */
  open(fragment: string): unknown;
}

/** Tells a keeper when the page is left, and when its address becomes another. Returns what ends it. */
export function whenLeft({ save, open }: Listening): () => void {
  const ends = new AbortController();
  const { signal } = ends;
  window.addEventListener("pagehide", () => save(), { signal });
  // The address itself may by now be the kept scene's again.
  window.addEventListener("hashchange", ({ newURL }) => open(new URL(newURL).hash.slice(1)), { signal });
  return () => ends.abort();
}
