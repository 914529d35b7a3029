/**
 * Parts of the page that its first picture does without. Each loads when it is first needed, or earlier, once the page has
 * nothing else to do: so that all of them work when the server has gone by then.
 */
export class Part<T> {
  /** What was loaded; undefined until then. */
  loaded: T | undefined;
  #loading: Promise<T> | null = null;

  constructor(private readonly bring: () => Promise<T>) {
    parts.add(this);
  }

  get asked(): boolean {
    return this.#loading !== null;
  }

  /** Brings the part; one that did not come is asked for again by the next who needs it. */
  load(): Promise<T> {
    this.#loading ??= this.bring().then(
      (loaded) => (this.loaded = loaded),
      (error: unknown) => {
        this.#loading = null;
        throw error;
      },
    );
    return this.#loading;
  }
}

const parts = new Set<Part<unknown>>();

/** How long the page is left to itself before parts come that nobody asked for. */
const REST_MS = 2000;
/** A page that is never idle gets each of them after this time. */
const MOST_MS = 5000;
/** Where the server did not give one, it is asked again after this time. */
const AGAIN_MS = 30_000;

/** Brings every part that the page may need later, one after the other. Returns what ends it. */
export function loadAhead(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const rest = (milliseconds: number): void => {
    if (!ended) timer = setTimeout(() => whenIdle(next), milliseconds);
  };
  const next = async (): Promise<void> => {
    const part = [...parts].find(({ asked }) => !asked);
    if (part === undefined || ended) return;
    await part.load().then(
      () => rest(0),
      () => rest(AGAIN_MS),
    );
  };
  rest(REST_MS);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** Calls it when the page has nothing else to do. */
export function whenIdle(then: () => unknown): void {
  // Safari has no such thing.
  if (typeof requestIdleCallback === "function") requestIdleCallback(() => void then(), { timeout: MOST_MS });
  else setTimeout(() => void then());
}
