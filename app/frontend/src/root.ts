/** Where on its host the product stands: "" at the host's root, or the path under which a proxy shows it. */
const root = (globalThis.document as Document | undefined)?.documentElement.dataset["root"] ?? "";

/** The address, on this host, of what the product itself knows as `path`: /api/v1/forward, /en/. */
export const at = (path: string): string => root + path;

/** The same in full, for other places: https://school.example/adelante/en/. */
export const inFull = (path: string): string => location.origin + at(path);
