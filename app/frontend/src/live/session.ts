import { retryDelay } from "./backoff";
import { Due } from "./due";
import { decodeFrame, sequenceOf, type Pass } from "./frames";
import { LeftOut } from "./leftOut";
import type { DescribedCell, ProblemDocument, ServerMessage, Slot } from "./protocol";
import { browserSurroundings, type Surroundings } from "./surroundings";

/** connecting: the first attempt; live: answers come; lost: no server, trying again by itself. */
export type Connection = "connecting" | "live" | "lost";

/** What is sent to open a network, and the network that the server has then. */
export interface Beginning<Opening> {
  command: object;
  told: Opening;
}

/** How networks of one sort are told: what opens one, what makes one of another. */
export interface Dialect<Opening, Change> {
  /** What a change replaces: two changes with one target are one change, the later. */
  targetOf(change: Change): string;
  /** The changes that make one network of another; null where it has to be sent anew. */
  difference(before: Opening, after: Opening): Change[] | null;
  /** The network as it stands after a change. */
  applied(opening: Opening, change: Change): Opening;
  /** What another shape is told by; null where it is to be sent anew. */
  reshape(before: Opening, after: Opening): object | null;
  /** Opens it by the name that the server keeps it by, or what it was made from; null where there is none. */
  named(opening: Opening): Beginning<Opening> | null;
  /** Opens it with all that it is; null where that cannot be. */
  whole(opening: Opening): Beginning<Opening> | null;
  /** The changes as commands, in their order: what each says, or the bytes that follow its number in a frame. */
  commands(changes: readonly Change[]): (object | Uint8Array)[];
}

export interface SessionEvents<Opening> {
  /** The whole network as it stands now: asked for whenever a session has to be opened. */
  opening(): Opening;
  /** A pass that is newer than any before. `milliseconds`: from the change that asked for it to its answer; null for an opening. */
  onPass(pass: Pass, milliseconds: number | null): void;
  /** What is watched for later, all of it as it stands: of the newest pass, or of the one before that another followed at once. */
  onLater(ahead: Pass): void;
  /** Which numbers the arrays of watched cells are, from the next pass on. */
  onExplained?(cells: readonly DescribedCell[]): void;
  onConnection(connection: Connection): void;
  onDevice(device: string): void;
  onProblem(problem: ProblemDocument): void;
  /** Something is not watched, since the server refuses it; all else is. */
  onLeftOut(problem: ProblemDocument): void;
  /** How much of a large network has left this machine, from 0 to 1; null once its answer is there. */
  onSending(share: number | null): void;
}

const OPEN = 1;

/**
 * The live connection. Changes go out at most once per animation frame, and no faster than a slow line brings their answers; newest
 * value of each target only. Answers older than one already seen are dropped. Whatever the network becomes, the server is told what is
 * different; only when it went away, or does not know this one, the session opens itself again with the whole network, so nothing that
 * the learner set is lost.
 */
export class LiveSession<Opening extends object, Change, Watch extends object> {
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
  #watch: readonly Watch[] = [];
  #watchDirty = false;
  readonly #leftOut = new LeftOut<Watch>();
  /** The network became another one, which the server is not told yet. */
  #behind = false;
  #frameAsked = false;
  readonly #due: Due;
  /** The network as the server has it after all that was sent; null where that is not known. */
  #told: Opening | null = null;
  /** The commands by which the open network stands on one that the server is to have: one that it keeps, or the one before. */
  #standsOn: number[] = [];
  #attempt = 0;
  #retryTimer: number | null = null;
  #closed = false;

  constructor(
    private readonly events: SessionEvents<Opening>,
    private readonly dialect: Dialect<Opening, Change>,
    private readonly surroundings: Surroundings = browserSurroundings(),
  ) {
    this.#due = new Due({ onSilence: (socket) => this.#lost(socket), onSending: (share) => events.onSending(share) }, surroundings);
  }

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
    return this.#socket?.readyState === OPEN && this.#openSeq !== 0 && !this.#frameAsked && !this.#behind && this.#due.room;
  }

  /** Sends a changed value, at once or with the next frame; one that is waiting for the same target is replaced. */
  change(change: Change): void {
    // Taken out first, so that it goes out after what was changed since: all inputs, then one of them.
    const target = this.dialect.targetOf(change);
    this.#pending.delete(target);
    this.#pending.set(target, change);
    this.#schedule();
  }

  /** The network is another one, as after a step back in history: tells what is different as soon as there is room, and what to watch in it. */
  reopen(watch: readonly Watch[]): void {
    this.#watch = watch;
    this.#leftOut.anew();
    if (this.#socket?.readyState !== OPEN) {
      this.#pending.clear();
      return;
    }
    this.#behind = true;
    this.#watchDirty = true;
    this.#flush();
  }

  /** Tells what is different from what the server has; false where that is not known, or is too much. */
  #catchUp(opening: Opening): boolean {
    const told = this.#told;
    const changes = told && this.dialect.difference(told, opening);
    if (changes) {
      if (changes.length > 0) this.#sendChanges(changes, null);
      return true;
    }
    const shape = told && this.dialect.reshape(told, opening);
    if (!shape) return false;
    this.#told = opening;
    this.#openSeq = this.#send({ op: "reshape", ...shape });
    this.#standsOn.push(this.#openSeq);
    return true;
  }

  /** Replaces what the server explains beside the trace. */
  watch(watch: readonly Watch[]): void {
    // Who begins by watching nothing has nothing to say, nor who opened it anew with this very list.
    if (watch === this.#watch || (watch.length === 0 && this.#watch.length === 0)) return;
    this.#watch = watch;
    this.#leftOut.another();
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
    this.#due.expect(socket);
    if (socket.readyState === OPEN) this.#open();
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket || this.#closed) return;
    this.#socket = null;
    this.#order = null;
    this.#told = null;
    this.#clearTimers();
    socket.close();
    this.events.onConnection("lost");
    this.#retryTimer = this.surroundings.later(() => this.#connect(), retryDelay(this.#attempt++));
  }

  /** Opens the network as it stands: by the name that the server keeps it by, or what it was made from, and what is different; else whole. */
  #open(byName = true): void {
    this.#pending.clear();
    this.#behind = false;
    this.#watchDirty = this.#watch.length > 0;
    this.#leftOut.anew();
    const opening = this.events.opening();
    const named = byName ? this.dialect.named(opening) : null;
    if (named) {
      this.#begin(named);
      this.#standsOn = [this.#openSeq];
      if (this.#catchUp(opening)) {
        this.#flushWatch();
        return;
      }
    }
    const whole = this.dialect.whole(opening);
    if (!whole) return;
    this.#standsOn = [];
    this.#begin(whole);
    this.#flushWatch();
  }

  #begin({ command, told }: Beginning<Opening>): void {
    this.#told = told;
    this.#openSeq = this.#send({ op: "open", ...command });
  }

  #sendChanges(changes: Change[], timedFrom: number | null): void {
    if (this.#told) for (const change of changes) this.#told = this.dialect.applied(this.#told, change);
    for (const command of this.dialect.commands(changes)) {
      if (command instanceof Uint8Array) this.#sendFrame(command, timedFrom);
      else this.#send(command, timedFrom);
    }
  }

  get #waits(): boolean {
    return this.#behind || this.#pending.size > 0 || this.#watchDirty;
  }

  #schedule(): void {
    if (this.#frameAsked) return;
    this.#frameAsked = true;
    this.#flush();
    this.surroundings.nextFrame(() => {
      this.#frameAsked = false;
      if (this.#due.room && this.#waits) this.#schedule();
    });
  }

  #flush(): void {
    if (this.#socket?.readyState !== OPEN || this.#openSeq === 0) return;
    if (!this.#due.room) return;
    if (this.#behind) {
      this.#behind = false;
      this.#pending.clear();
      if (!this.#catchUp(this.events.opening())) this.#open();
    } else if (this.#pending.size > 0) {
      const changes = [...this.#pending.values()];
      this.#pending.clear();
      this.#sendChanges(changes, this.surroundings.now());
    }
    this.#flushWatch();
  }

  #flushWatch(): void {
    if (!this.#watchDirty) return;
    this.#watchDirty = false;
    this.#leftOut.sent(this.#send({ op: "watch", watch: this.#leftOut.rest(this.#watch) }));
  }

  #send(command: object, timedFrom: number | null = null): number {
    const seq = ++this.#seq;
    const text = JSON.stringify({ ...command, seq });
    this.#socket!.send(text);
    this.#due.sent(seq, text.length, timedFrom, this.#socket!);
    return seq;
  }

  #sendFrame(bytes: Uint8Array, timedFrom: number | null): void {
    const seq = ++this.#seq;
    const frame = new Uint8Array(4 + bytes.length);
    new DataView(frame.buffer).setUint32(0, seq, true);
    frame.set(bytes, 4);
    this.#socket!.send(frame);
    this.#due.sent(seq, frame.length, timedFrom, this.#socket!);
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      this.#receivePass(data);
      return;
    }
    const message = JSON.parse(data) as ServerMessage;
    if (message.op === "problem") {
      this.#answered(message.seq);
      if (message.seq !== null && this.#standsOn.includes(message.seq)) {
        // What it stood on is not there: then it is sent whole.
        if (this.dialect.whole(this.events.opening())) {
          this.#open(false);
          return;
        }
      }
      // Said of what was sent before the network that is open now.
      if (message.seq !== null && message.seq < this.#openSeq) return;
      const left = this.#leftOut.refuses(message.seq, message.problem);
      if (left === "rest") {
        this.#watchDirty = true;
        this.#schedule();
        this.events.onLeftOut(message.problem);
      }
      if (left !== null) return;
      // What was refused is not what the server has.
      this.#told = null;
      this.events.onProblem(message.problem);
      return;
    }
    if (message.op === "later") {
      this.#laterOrder = message.order;
      return;
    }
    if (message.op === "explained") {
      this.events.onExplained?.(message.cells);
      return;
    }
    if (message.op === "order") {
      this.#order = message.order;
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
    const old = this.#behind;
    const milliseconds = this.#answered(pass.seq);
    if (old || pass.seq < this.#seenSeq || pass.seq < this.#openSeq) return;
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
    if (newest && newest.seq >= this.#openSeq && !this.#behind) this.events.onLater(newest);
  }

  /** What waited for room goes out with the next frame. Returns how long the answer took, where it is timed. */
  #answered(seq: number | null): number | null {
    const milliseconds = this.#due.answered(seq, this.#socket!);
    if (this.#waits) this.#schedule();
    return milliseconds;
  }

  #clearTimers(): void {
    this.#due.clear();
    if (this.#retryTimer !== null) this.surroundings.cancel(this.#retryTimer);
    this.#retryTimer = null;
  }
}
