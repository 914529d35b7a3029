/**
 * That the server gives files just now; throws where it does not. Browsers remember a script that did not come as missing for as long as the
 * page stands, so none is imported before this: what could not be had may be asked for again.
 */
export async function served(): Promise<void> {
  const { ok } = await fetch(import.meta.url, { method: "HEAD", cache: "no-store" });
  if (!ok) throw new Error();
}

/** Of what the page's head asks for. */
export const preloaded = (): Promise<void> => Promise.resolve();
