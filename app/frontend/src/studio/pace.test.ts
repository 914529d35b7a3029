import { beforeEach, expect, test } from "vitest";

import { Pace } from "./pace";

let now: number;
let frames: (() => void)[];
let timers: Map<number, { callback: () => void; milliseconds: number }>;
let shown: string[];
let pace: Pace;

beforeEach(() => {
  now = 5000;
  frames = [];
  timers = new Map();
  shown = [];
  pace = new Pace({
    now: () => now,
    nextFrame: (callback) => void frames.push(callback),
    later: (callback, milliseconds) => (timers.set(timers.size + 1, { callback, milliseconds }), timers.size),
    cancel: (timer) => void timers.delete(timer),
  });
});

/** Lets the time run out that an answer has. */
function miss(): void {
  for (const [timer, { callback, milliseconds }] of timers) {
    timers.delete(timer);
    now += milliseconds;
    callback();
  }
}

function nextFrame(): void {
  for (const callback of frames.splice(0)) callback();
}

test("a move is shown when its answer is there, once", () => {
  pace.hold(() => shown.push("move"));
  expect(shown).toEqual([]);
  pace.answered();
  pace.answered();
  miss();
  expect(shown).toEqual(["move"]);
});

test("no frame is asked for before the move is shown", () => {
  pace.hold(() => shown.push("move"));
  pace.nextFrame(() => shown.push("frame"));
  expect(frames).toHaveLength(0);
  pace.release();
  nextFrame();
  expect(shown).toEqual(["move", "frame"]);
});

test("a server that is slow twice in a row is not waited for for a second", () => {
  for (const move of ["one", "two"]) {
    pace.hold(() => shown.push(move));
    expect(shown).not.toContain(move);
    miss();
    expect(shown).toContain(move);
  }
  now += 900;
  pace.hold(() => shown.push("three"));
  expect(shown).toContain("three");
  now += 200;
  pace.hold(() => shown.push("four"));
  expect(shown).not.toContain("four");
});

test("an answer in time makes up for one that was late", () => {
  pace.hold(() => shown.push("late"));
  miss();
  pace.hold(() => shown.push("in time"));
  pace.answered();
  pace.hold(() => shown.push("late again"));
  miss();
  pace.hold(() => shown.push("waited for"));
  expect(shown).toEqual(["late", "in time", "late again"]);
});

test("a hand that is faster than frames moves once for each of them, to its newest place", () => {
  pace.moveLater(() => shown.push("one"));
  pace.moveLater(() => shown.push("two"));
  expect(shown).toEqual([]);
  nextFrame();
  expect(shown).toEqual(["two"]);
  nextFrame();
  expect(shown).toEqual(["two"]);
});

test("when the hand is done nothing of it is left to be shown", () => {
  pace.hold(() => shown.push("held"));
  pace.moveLater(() => pace.hold(() => shown.push("newest")));
  pace.settle();
  expect(shown).toEqual(["held", "newest"]);
  nextFrame();
  expect(shown).toEqual(["held", "newest"]);
});
