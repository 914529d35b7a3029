import { retryDelay } from "./backoff";
import { applied, difference } from "./difference";
import { decodeFrame, sequenceOf, type Pass } from "./frames";
import { targetOf, type Change, type Opening, type ProblemDocument, type ServerMessage, type Slot, type Watch } from "./protocol";

/** connecting: the first attempt; live: answers come; lost: no server, trying again by itself. */
export type Connection = "connecting" | "live" | "lost";

export interface SessionEvents {
  /** The whole network as it stands now: asked for whenever a session has to be opened. */
  opening(): Opening;
  /** A pass that is newer than any before. `milliseconds`: from the change that asked for it to its answer; null for an opening. */
  onPass(pass: Pass, milliseconds: number | null): void;
  /** What is watched for later, all of it as it stands: of the newest pass, or of the one before that another followed at once. */
  onLater(ahead: Pass): void;
  onConnection(connection: Connection): void;
  onDevice(device: string): void;
  onProblem(problem: ProblemDocument): void;
  /** How much of a large network has left this machine, from 0 to 1; null once its answer is there. */
  onSending(share: number | null): void;
}

/** What the session needs from its surroundings; tests hand in their own. */
export interface Surroundings {
  connect(): WebSocket;
  now(): number;
  nextFrame(callback: () => void): void;
  later(callback: () => void, milliseconds: number): number;
  cancel(timer: number): void;
}

const SILENCE_MS = 8000;
/** What is being sent gets this time beside: as long as the slowest line that one would work on takes, in bytes a millisecond. */
const SLOWEST = 8;
/** From so many bytes on it is told how much is sent. */
const LARGE_BYTES = 30_000;
const PROGRESS_MS = 250;
const OPEN = 1;

/**
 * The live connection. Changes go out at most once per animation frame, newest value of each target only; answers
 * older than one already seen are dropped. When the server goes away the session opens itself again with the whole
 * network, so nothing that the learner set is lost.
 */
export class LiveSession {
  #socket: WebSocket | null = null;
  #seq = 0;
  #seenSeq = 0;
  /** Of the last frame that was a pass, also of one that came too late. */
  #passSeq = 0;
  #openSeq = 0;
  #order: Slot[] | null = null;
  #laterOrder: Slot[] | null = null;
  #ahead: Pass | null = null;
  /** What was told later since the watches are these. */
  #standing: Pass["arrays"] = new Map();
  /** A pass was told whose frame is not painted yet. */
  #painting = false;
  #pending = new Map<string, Change>();
  #watch: Watch[] = [];
  #watchDirty = false;
  #frameAsked = false;
  /** When each unanswered command went out; null for one whose answer is not timed. */
  #sentAt = new Map<number, number | null>();
  /** How long each unanswered command is. */
  #unanswered = new Map<number, number>();
  /** The network as the server has it after all that was sent; null where that is not known. */
  #told: Opening | null = null;
  /** The opening under way names a network that the server is to have. */
  #byName = false;
  #buffered = 0;
  #progressTimer: number | null = null;
  #attempt = 0;
  #retryTimer: number | null = null;
  #silenceTimer: number | null = null;
  #closed = false;

  constructor(
    private readonly events: SessionEvents,
    private readonly surroundings: Surroundings = browserSurroundings(),
  ) {}

  start(): void {
    this.#closed = false;
    this.#connect();
  }

  stop(): void {
    this.#closed = true;
    this.#clearTimers();
    this.#socket?.close();
    this.#socket = null;
  }

  /** Whether a change would go out at once. */
  get free(): boolean {
    return this.#socket?.readyState === OPEN && this.#openSeq !== 0 && !this.#frameAsked;
  }

  /** Sends a changed value, at once or with the next frame; one that is waiting for the same target is replaced. */
  change(change: Change): void {
    // Taken out first, so that it goes out after what was changed since: all inputs, then one of them.
    this.#pending.delete(targetOf(change));
    this.#pending.set(targetOf(change), change);
    this.#schedule();
  }

  /** Opens the network anew, for changed shapes, another preset or a step back in history, with what to watch in it. */
  reopen(watch: Watch[]): void {
    this.#watch = watch;
    if (this.#socket?.readyState !== OPEN) {
      this.#pending.clear();
      return;
    }
    const changes = this.#told && difference(this.#told, this.events.opening());
    if (!changes) {
      this.#open();
      return;
    }
    // A step back of a large network is told by what it changes.
    this.#pending.clear();
    this.#watchDirty = true;
    if (changes.length > 0) this.#sendChanges(changes, null);
    this.#flushWatch();
  }

  /** Replaces what the server explains beside the trace. */
  watch(watch: Watch[]): void {
    this.#watch = watch;
    this.#watchDirty = true;
    this.#schedule();
  }

  /** Tries now instead of when the wait is over. */
  retry(): void {
    if (this.#socket || this.#closed) return;
    this.#clearTimers();
    this.#connect();
  }

  #connect(): void {
    const socket = this.surroundings.connect();
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.#open();
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#receive(event.data as string | ArrayBuffer);
    };
    socket.onclose = () => this.#lost(socket);
    socket.onerror = () => this.#lost(socket);
    this.#expectAnswer();
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket || this.#closed) return;
    this.#socket = null;
    this.#order = null;
    this.#told = null;
    this.#sentAt.clear();
    this.#unanswered.clear();
    this.#endProgress();
    this.#clearTimers();
    socket.close();
    this.events.onConnection("lost");
    this.#retryTimer = this.surroundings.later(() => this.#connect(), retryDelay(this.#attempt++));
  }

  #open(byName = true): void {
    this.#pending.clear();
    this.#watchDirty = this.#watch.length > 0;
    const { network, layers, inputs } = this.events.opening();
    this.#told = { layers, inputs };
    this.#byName = byName && network !== undefined;
    this.#openSeq = this.#send({ op: "open", ...(this.#byName ? { network } : { layers }), inputs });
    this.#flushWatch();
  }

  #sendChanges(changes: Change[], timedFrom: number | null): void {
    if (this.#told) this.#told = changes.reduce(applied, this.#told);
    this.#send({ op: "set", changes }, timedFrom);
  }

  #schedule(): void {
    if (this.#frameAsked) return;
    this.#frameAsked = true;
    this.#flush();
    this.surroundings.nextFrame(() => {
      this.#frameAsked = false;
      if (this.#pending.size > 0 || this.#watchDirty) this.#schedule();
    });
  }

  #flush(): void {
    if (this.#socket?.readyState !== OPEN || this.#openSeq === 0) return;
    if (this.#pending.size > 0) {
      const changes = [...this.#pending.values()];
      this.#pending.clear();
      this.#sendChanges(changes, this.surroundings.now());
    }
    this.#flushWatch();
  }

  #flushWatch(): void {
    if (!this.#watchDirty) return;
    this.#watchDirty = false;
    this.#send({ op: "watch", watch: this.#watch });
  }

  #send(command: object, timedFrom: number | null = null): number {
    const seq = ++this.#seq;
    this.#sentAt.set(seq, timedFrom);
    const text = JSON.stringify({ ...command, seq });
    this.#unanswered.set(seq, text.length);
    this.#socket?.send(text);
    this.#expectAnswer();
    if (text.length > LARGE_BYTES) this.#showProgress(seq, text.length);
    return seq;
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      this.#receivePass(data);
      return;
    }
    const message = JSON.parse(data) as ServerMessage;
    if (message.op === "problem") {
      if (message.seq !== null) this.#answered(message.seq);
      // What was refused is not what the server has.
      this.#told = null;
      if (message.seq === this.#openSeq && this.#byName) {
        // It is kept no longer: then it is sent whole.
        this.#open(false);
        return;
      }
      this.events.onProblem(message.problem);
      return;
    }
    if (message.op === "later") {
      this.#laterOrder = message.order;
      return;
    }
    this.#order = message.order;
    this.#laterOrder = null;
    this.#standing = new Map();
    if (message.op === "opened") {
      this.#attempt = 0;
      this.events.onDevice(message.device);
      this.events.onConnection("live");
    }
  }

  #receivePass(buffer: ArrayBuffer): void {
    if (!this.#order) return;
    // A second frame with one number is what was to come later.
    const seq = sequenceOf(buffer);
    if (this.#laterOrder && seq === this.#passSeq) {
      this.#tellLater(decodeFrame(buffer, this.#laterOrder));
      return;
    }
    this.#passSeq = seq;
    const pass = decodeFrame(buffer, this.#order);
    const milliseconds = this.#answered(pass.seq);
    if (pass.seq < this.#seenSeq || pass.seq < this.#openSeq) return;
    this.#seenSeq = pass.seq;
    this.events.onPass(pass, milliseconds);
    this.#awaitPainting();
  }

  /**
   * Once the frame with the pass is painted: at once where it is, since asking for a frame makes one. What is not told again
   * is as it was.
   */
  #tellLater({ seq, arrays }: Pass): void {
    this.#standing = new Map([...this.#standing, ...arrays]);
    this.#ahead = { seq, arrays: this.#standing };
    if (!this.#painting) this.#showAhead();
  }

  #awaitPainting(): void {
    if (this.#painting) return;
    this.#painting = true;
    this.surroundings.nextFrame(() =>
      this.surroundings.later(() => {
        this.#painting = false;
        this.#showAhead();
      }, 0),
    );
  }

  #showAhead(): void {
    const newest = this.#ahead;
    this.#ahead = null;
    if (newest && newest.seq >= this.#openSeq) this.events.onLater(newest);
  }

  /** Forgets the commands up to seq; returns how long the newest of them waited, in milliseconds; null for an opening. */
  #answered(seq: number): number | null {
    const sent = this.#sentAt.get(seq) ?? null;
    for (const earlier of [...this.#sentAt.keys()]) {
      if (earlier > seq) continue;
      this.#sentAt.delete(earlier);
      this.#unanswered.delete(earlier);
    }
    if (this.#sentAt.size === 0) this.#cancelSilence();
    else this.#expectAnswer();
    return sent === null ? null : this.surroundings.now() - sent;
  }

  /**
   * A server that says nothing for 8 s while an answer is due counts as gone; while much is being sent it has the time that this
   * takes on a slow line, and as long as the browser's own store of it gets smaller.
   */
  #expectAnswer(): void {
    this.#cancelSilence();
    const socket = this.#socket;
    if (!socket) return;
    this.#buffered = socket.bufferedAmount;
    const bytes = [...this.#unanswered.values()].reduce((sum, length) => sum + length, 0);
    this.#silenceTimer = this.surroundings.later(() => {
      if (socket.bufferedAmount < this.#buffered) this.#expectAnswer();
      else this.#lost(socket);
    }, SILENCE_MS + bytes / SLOWEST);
  }

  /** Tells again and again how much of a command has left, until it is answered. */
  #showProgress(seq: number, bytes: number): void {
    if (this.#progressTimer !== null) this.surroundings.cancel(this.#progressTimer);
    this.#progressTimer = this.surroundings.later(() => {
      this.#progressTimer = null;
      if (!this.#unanswered.has(seq) || !this.#socket) {
        this.events.onSending(null);
        return;
      }
      this.events.onSending(1 - Math.min(1, this.#socket.bufferedAmount / bytes));
      this.#showProgress(seq, bytes);
    }, PROGRESS_MS);
  }

  #endProgress(): void {
    if (this.#progressTimer === null) return;
    this.surroundings.cancel(this.#progressTimer);
    this.#progressTimer = null;
    this.events.onSending(null);
  }

  #cancelSilence(): void {
    if (this.#silenceTimer !== null) this.surroundings.cancel(this.#silenceTimer);
    this.#silenceTimer = null;
  }

  #clearTimers(): void {
    this.#cancelSilence();
    this.#endProgress();
    if (this.#retryTimer !== null) this.surroundings.cancel(this.#retryTimer);
    this.#retryTimer = null;
  }
}

/** The page's own socket, clock and frames. */
export function browserSurroundings(): Surroundings {
  return {
    connect: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live`),
    now: () => performance.now(),
    nextFrame: (callback) => void requestAnimationFrame(callback),
    later: (callback, milliseconds) => window.setTimeout(callback, milliseconds),
    cancel: (timer) => window.clearTimeout(timer),
  };
}
