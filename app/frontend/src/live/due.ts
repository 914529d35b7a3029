/** What the clock and the socket are to those who wait; tests hand in their own. */
export interface Clock {
  now(): number;
  later(callback: () => void, milliseconds: number): number;
  cancel(timer: number): void;
}

interface Events {
  /** Nothing came for too long while an answer is due. */
  onSilence(socket: WebSocket): void;
  /** How much of a large command has left this machine, from 0 to 1; null once its answer is there. */
  onSending(share: number | null): void;
}

const SILENCE_MS = 8000;
/** What is being sent gets this time beside: as long as the slowest line that one would work on takes, in bytes a millisecond. */
const SLOWEST = 8;
/** From so many bytes on it is told how much is sent. */
const LARGE_BYTES = 30_000;
const PROGRESS_MS = 250;
/** So many commands may wait for their answers; on a line where an answer takes longer than SLOW_MS, each waits for the one before. */
const MOST_WAITING = 4;
const SLOW_MS = 150;

/** The commands that were sent and are not answered yet. */
export class Due {
  /** When each went out, null for one whose answer is not timed, and how long it is. */
  #commands = new Map<number, { sentAt: number | null; bytes: number }>();
  #silenceTimer: number | null = null;
  #progressTimer: number | null = null;
  #buffered = 0;
  #slow = false;

  constructor(
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** Whether another command would not have to queue on its way, behind answers that are old by then. */
  get room(): boolean {
    return this.#commands.size < (this.#slow ? 1 : MOST_WAITING);
  }

  /** A command went out. `timedFrom`: since when its answer is waited for; null for one that is not timed. */
  sent(seq: number, bytes: number, timedFrom: number | null, socket: WebSocket): void {
    this.#commands.set(seq, { sentAt: timedFrom, bytes });
    this.expect(socket);
    if (bytes > LARGE_BYTES) this.#showProgress(seq, bytes, socket);
  }

  /**
   * Forgets the commands up to seq, or the oldest one where the answer says no number; returns how long the newest of them waited, in
   * milliseconds; null for one that is not timed.
   */
  answered(seq: number | null, socket: WebSocket): number | null {
    const until = seq ?? Math.min(...this.#commands.keys());
    const sentAt = this.#commands.get(until)?.sentAt ?? null;
    for (const earlier of [...this.#commands.keys()]) if (earlier <= until) this.#commands.delete(earlier);
    if (this.#commands.size === 0) this.#endSilence();
    else this.expect(socket);
    if (sentAt === null) return null;
    const waited = this.clock.now() - sentAt;
    this.#slow = waited > SLOW_MS;
    return waited;
  }

  /**
   * A server that says nothing for 8 s while an answer is due counts as gone; while much is being sent it has the time that this
   * takes on a slow line, and as long as the browser's own store of it gets smaller.
   */
  expect(socket: WebSocket): void {
    this.#endSilence();
    this.#buffered = socket.bufferedAmount;
    const bytes = [...this.#commands.values()].reduce((sum, command) => sum + command.bytes, 0);
    this.#silenceTimer = this.clock.later(() => {
      if (socket.bufferedAmount < this.#buffered) this.expect(socket);
      else this.events.onSilence(socket);
    }, SILENCE_MS + bytes / SLOWEST);
  }

  /** Nothing is waited for any more. */
  clear(): void {
    this.#commands.clear();
    this.#endSilence();
    if (this.#progressTimer === null) return;
    this.clock.cancel(this.#progressTimer);
    this.#progressTimer = null;
    this.events.onSending(null);
  }

  /** Tells again and again how much of a command has left, until it is answered. */
  #showProgress(seq: number, bytes: number, socket: WebSocket): void {
    if (this.#progressTimer !== null) this.clock.cancel(this.#progressTimer);
    this.#progressTimer = this.clock.later(() => {
      this.#progressTimer = null;
      if (!this.#commands.has(seq)) {
        this.events.onSending(null);
        return;
      }
      this.events.onSending(1 - Math.min(1, socket.bufferedAmount / bytes));
      this.#showProgress(seq, bytes, socket);
    }, PROGRESS_MS);
  }

  #endSilence(): void {
    if (this.#silenceTimer !== null) this.clock.cancel(this.#silenceTimer);
    this.#silenceTimer = null;
  }
}
