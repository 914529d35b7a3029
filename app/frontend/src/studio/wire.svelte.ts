import { untrack } from "svelte";

import type { Pass } from "../live/frames";
import type * as Protocol from "../live/protocol";
import { LiveSession, type Connection, type Dialect } from "../live/session";
import { browserSurroundings } from "../live/surroundings";
import { Part } from "../parts/part";
import type { Translate } from "../text/messages";
import type { Notices } from "./notices.svelte";
import type { Pace } from "./pace";
import { alike, steadily } from "./steady";

const REFUSALS = new Part(() => import("../live/refusal"));

interface Given<Opening extends object, Change> {
  language: string;
  t: Translate;
  notices: Notices;
  pace: Pace;
  values: { newest: Pass | null; newestAhead: Pass | null };
  dialect: Dialect<Opening, Change>;
  /** The whole network as it stands now. */
  opening: () => Opening;
  /** Answers a problem itself; whether it does. */
  answer?: (problem: Protocol.ProblemDocument) => boolean;
  /** Sees to what the server would not watch beside the rest; whether that is all, and nothing is to be said. */
  leftOut?: () => boolean;
  /** Which numbers the arrays of watched cells are. */
  explained?: (cells: readonly Protocol.DescribedCell[]) => void;
}

const SLOW_MS = 300;

/** The server at the other end: what it is told, and how it is doing. */
export class Wire<Opening extends object = Protocol.Opening, Change = Protocol.Change, Watch extends object = Protocol.Watch> {
  connection = $state<Connection>("connecting");
  device = $state("");
  milliseconds = $state<number | null>(null);
  slow = $state(false);
  /** How much of a large network is sent, from 0 to 1; null while none is. */
  sending = $state<number | null>(null);
  /** The numbers on screen belong to earlier values: no server, or a slow one. */
  readonly stale = $derived(this.connection === "lost" || this.slow);

  readonly #session: LiveSession<Opening, Change, Watch>;
  #sources = $state.raw<readonly (() => readonly Watch[])[]>([]);
  readonly #steady = steadily<Watch>();
  readonly #watches = $derived.by(() => this.#steady(this.#sources.flatMap((source) => source())));
  /** How many sockets in a row did not open. */
  #failures = 0;
  #slowTimer: number | undefined;

  constructor(
    private readonly given: Given<Opening, Change>,
    device: string,
  ) {
    this.device = device;
    const { pace, values, opening, explained, dialect } = given;
    this.#session = new LiveSession(
      {
        opening,
        onPass: (pass, milliseconds) => this.#passed(pass, milliseconds),
        onLater: (ahead) => (values.newestAhead = ahead),
        onConnection: (connection) => this.#connected(connection),
        onDevice: (found) => (this.device = found),
        onProblem: (problem) => given.answer?.(problem) || this.refused(wordsOf(problem)),
        onLeftOut: (problem) => given.leftOut?.() || this.refused(given.t("studio.left-out", { reason: wordsOf(problem) })),
        onSending: (share) => (this.sending = share),
        ...(explained && { onExplained: explained }),
      },
      dialect,
      { ...browserSurroundings(), nextFrame: (callback) => pace.nextFrame(callback) },
    );
  }

  /** Goes live. Returns what ends it. */
  start(): () => void {
    const retry = (): void => this.#session.retry();
    this.#session.start();
    // Before the page is drawn anew: the answer is on its way while it is.
    const endWatching = $effect.root(() => {
      $effect.pre(() => {
        const watches = this.#watches;
        untrack(() => this.#session.watch(watches));
      });
    });
    window.addEventListener("online", retry);
    return () => {
      endWatching();
      window.removeEventListener("online", retry);
      this.#session.stop();
    };
  }

  /** Whether a change would go out at once. */
  get free(): boolean {
    return this.#session.free;
  }

  change(change: Change): void {
    this.#session.change(change);
    this.#slowTimer ??= window.setTimeout(() => (this.slow = this.connection !== "lost"), SLOW_MS);
  }

  /** The network became another one. */
  reopen(): void {
    this.#session.reopen(this.#watches);
  }

  /** Has the server tell more beside the trace: what `watches` gives, and whatever that becomes. Gives what ends it. */
  watch(watches: () => readonly Watch[]): () => void {
    const steady = steadily<Watch>(alike);
    const wanted = $derived(steady([...watches()]));
    const source = (): readonly Watch[] => wanted;
    const others = untrack(() => this.#sources);
    this.#sources = [...others, source];
    return () => (this.#sources = this.#sources.filter((each) => each !== source));
  }

  /** Asks for the same anew, as where the server chose what to tell. */
  rewatch(): void {
    this.#session.watch([...untrack(() => this.#watches)]);
  }

  #passed(pass: Pass, milliseconds: number | null): void {
    this.given.pace.answered();
    this.given.values.newest = pass;
    if (milliseconds !== null) this.milliseconds = milliseconds;
    this.#waitNoLonger();
  }

  #connected(connection: Connection): void {
    const { notices, t } = this.given;
    // What failed without a server is no news once that is back; nor is what was wrong before it went.
    if ((connection === "lost") !== (this.connection === "lost")) notices.problem = null;
    this.connection = connection;
    if (connection === "lost") {
      this.#failures++;
      notices.outage ??= t("studio.lost");
      this.#waitNoLonger();
      void this.#askWhy();
    } else {
      this.#failures = 0;
      notices.outage = null;
    }
  }

  /** A server that refuses the socket says why; the tries go on, since who deploys it may mend it. */
  async #askWhy(): Promise<void> {
    const { language, notices, t } = this.given;
    // A frame without an origin may not read any answer.
    const own = window.origin;
    const reason = own === "null" ? t("studio.cut-off") : await REFUSALS.load().then(
            ({ refusalOf }) => refusalOf(this.#failures, language, own),
            // A server that gives no file either gives no reason.
            () => null,
          );
    if (this.connection === "lost") notices.outage = reason ?? t("studio.lost");
  }

  #waitNoLonger(): void {
    window.clearTimeout(this.#slowTimer);
    this.#slowTimer = undefined;
    this.slow = false;
  }

  /** What was asked for cannot be done, in words for people. */
  refused(words: string): void {
    this.given.pace.release();
    this.#waitNoLonger();
    this.given.notices.problem = words;
  }
}

const wordsOf = (problem: Protocol.ProblemDocument): string => problem.errors?.[0]?.detail ?? problem.detail ?? problem.title;
