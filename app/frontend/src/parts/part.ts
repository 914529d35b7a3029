import { served } from "./served";

/** What is there from a moment on; `load` brings it, where it does not come of itself. */
export interface Coming<T> {
  readonly loaded: T | undefined;
  load(): Promise<T>;
}

/** A part of the page that its first picture does without, as it loads when it is first needed. */
export class Part<T> implements Coming<T> {
  /** What was loaded; undefined until then. */
  loaded: T | undefined;
  #loading: Promise<T> | null = null;

  /** `ready` throws where it can't be brought now. */
  constructor(
    private readonly bring: () => Promise<T>,
    private readonly ready: () => Promise<void> = served,
  ) {}

  /** Brings the part; one that did not come is asked for again by the next who needs it. */
  load(): Promise<T> {
    this.#loading ??= this.#brought().then(
      (loaded) => (this.loaded = loaded),
      (error: unknown) => {
        this.#loading = null;
        throw error;
      },
    );
    return this.#loading;
  }

  async #brought(): Promise<T> {
    await this.ready();
    return await this.bring();
  }

  /** One of several things that come together. */
  only<K extends keyof T>(name: K): Coming<T[K]> {
    const whole = this;
    return {
      get loaded() {
        return whole.loaded?.[name];
      },
      load: async () => (await whole.load())[name],
    };
  }
}

/** How long the page is left to itself before parts come that nobody asked for. */
const REST_MS = 2000;
/** A page that is never idle gets each of them after this time. */
const MOST_MS = 5000;
/** Where the server did not give one, it is asked again after this time. */
const AGAIN_MS = 30_000;

/**
 * Brings these once the page has nothing else to do, one after the other: so that they work when the server has gone by then. Returns
 * what ends it.
 */
export function loadAhead(...parts: Coming<unknown>[]): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const rest = (milliseconds: number): void => {
    if (!ended) timer = setTimeout(() => whenIdle(next), milliseconds);
  };
  const next = async (): Promise<void> => {
    const part = parts.find(({ loaded }) => loaded === undefined);
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
function whenIdle(then: () => unknown): void {
  // Safari has no such thing.
  if (typeof requestIdleCallback === "function") requestIdleCallback(() => void then(), { timeout: MOST_MS });
  else setTimeout(() => void then());
}
