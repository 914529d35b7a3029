import type { Translate } from "../text/messages";

/** What the page has to say beside its numbers. */
export class Notices {
  /** What went wrong, in words; null while nothing did. */
  problem = $state.raw<string | null>(null);
  /** Why what was just asked for did not happen, where nothing is wrong with that. */
  notice = $state.raw<string | null>(null);
  /** Why no server is there; null while one is. */
  outage = $state.raw<string | null>(null);

  constructor(private readonly t: Translate) {}

  get trouble(): string | null {
    return this.problem ?? this.outage;
  }

  /** Says why something did not happen, until something does. */
  say(key: string, values: Record<string, string> = {}): void {
    this.notice = this.t(key, values);
  }

  /** Something happens: what was said before is old. */
  clear(): void {
    this.problem = null;
    this.notice = null;
  }
}
