import { beforeEach, describe, expect, test } from "vitest";

import type { Pass } from "./frames";
import { DENSE } from "./dense";
import type { Change, Opening, ProblemDocument, Watch } from "./protocol";
import { reshape } from "./reshape";
import { LiveSession } from "./session";

class FakeSocket {
  readyState = 0;
  binaryType = "";
  sent: Record<string, unknown>[] = [];
  bufferedAmount = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.readyState = 3;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  answer(seq: number, value: number): void {
    const buffer = new ArrayBuffer(8);
    new DataView(buffer).setUint32(0, seq, true);
    new DataView(buffer).setFloat32(4, value, true);
    this.onmessage?.({ data: buffer });
  }
  opened(seq: number): void {
    const message = { op: "opened", seq, order: [{ name: "inputs", shape: [1] }], dtype: "float32", device: "cpu" };
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let sockets: FakeSocket[];
let frames: (() => void)[];
let timers: Map<number, () => void>;
let passes: Pass[];
let later: Pass[];
let connections: string[];
let input: number;
let session: LiveSession<Opening, Change, Watch>;
let opening: Opening;
let sending: (number | null)[];
let delays: Map<number, number>;
let time: number;
let problems: ProblemDocument[];
let leftOut: ProblemDocument[];

beforeEach(() => {
  sockets = [];
  frames = [];
  timers = new Map();
  passes = [];
  later = [];
  connections = [];
  input = 0.5;
  opening = { layers: [], inputs: [] };
  sending = [];
  delays = new Map();
  time = 0;
  problems = [];
  leftOut = [];
  let timer = 0;
  session = new LiveSession(
    {
      opening: () => ({ ...opening, inputs: [input] }),
      onPass: (pass) => passes.push(pass),
      onLater: (ahead) => later.push(ahead),
      onConnection: (connection) => connections.push(connection),
      onDevice: () => undefined,
      onProblem: (problem) => problems.push(problem),
      onLeftOut: (problem) => leftOut.push(problem),
      onSending: (share) => sending.push(share),
    },
    { ...DENSE, reshape },
    {
      connect: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      now: () => time,
      nextFrame: (callback) => frames.push(callback),
      later: (callback, milliseconds) => (timers.set(++timer, callback), delays.set(timer, milliseconds), timer),
      cancel: (id) => timers.delete(id),
    },
  );
  session.start();
});

const frame = (): void => frames.splice(0).forEach((callback) => callback());
const refuse = (socket: FakeSocket, seq: number, ...pointers: string[]): void => {
  const problem = { type: "/problems/unknown-network", title: "no", status: 404, errors: pointers.map((pointer) => ({ pointer, detail: "no" })) };
  socket.onmessage?.({ data: JSON.stringify({ op: "problem", seq, problem }) });
};
const seqs = (): number[] => passes.map((pass) => pass.seq);

describe("a live session", () => {
  test("sends the newest value of a target once a frame", () => {
    const socket = sockets[0]!;
    socket.open();
    socket.opened(1);
    frame();
    for (const value of [1, 2, 3]) session.change({ input: 0, value });
    expect(socket.sent.filter((command) => command["op"] === "set")).toHaveLength(1);
    frame();
    const sets = socket.sent.filter((command) => command["op"] === "set");
    expect(sets.map((command) => command["changes"])).toEqual([[{ input: 0, value: 1 }], [{ input: 0, value: 3 }]]);
  });

  test("a socket that is open already is told at once, and watching nothing is nothing to say", () => {
    session.stop();
    const [closed] = sockets.splice(0);
    closed!.readyState = 1;
    // What connects next is handed this one.
    sockets.push = (...more) => (Object.assign(more[0]!, { readyState: 1 }), Array.prototype.push.apply(sockets, more));
    session.start();
    session.watch([]);
    frame();
    expect(sockets[0]!.sent.map(({ op }) => op)).toEqual(["open"]);
  });

  test("the very list that it was opened anew with is not told again, a copy of it is", () => {
    const socket = sockets[0]!;
    socket.open();
    socket.opened(1);
    frame();
    const list: Watch[] = [{ kind: "explain", layer: 0, neuron: 0 }];
    session.reopen(list);
    session.watch(list);
    frame();
    const told = (): number => socket.sent.filter(({ op }) => op === "watch").length;
    expect(told()).toBe(1);
    session.watch([...list]);
    frame();
    expect(told()).toBe(2);
  });

  test("a stale answer never follows a newer one", () => {
    const socket = sockets[0]!;
    socket.open();
    socket.opened(1);
    socket.answer(1, 0);
    socket.answer(3, 0);
    socket.answer(2, 0);
    expect(seqs()).toEqual([1, 3]);
  });

  test("a second frame with the newest pass's number is what comes later", () => {
    const socket = sockets[0]!;
    socket.open();
    socket.opened(1);
    socket.answer(1, 0);
    socket.onmessage?.({ data: JSON.stringify({ op: "later", seq: 1, order: [{ name: "ahead", shape: [1] }] }) });
    socket.answer(1, 0.25);
    socket.answer(2, 0);
    socket.answer(2, 0.5);
    socket.answer(3, 0);
    socket.answer(3, 0.75);
    expect(later).toEqual([]);
    frame();
    for (const callback of [...timers.values()]) callback();
    expect(seqs()).toEqual([1, 2, 3]);
    expect(later.map(({ arrays }) => arrays.get("ahead")?.[0])).toEqual([0.75]);
    expect(later.map(({ seq }) => seq)).toEqual([3]);
  });

  test("what comes later than the pass is painted waits for no other frame", () => {
    const socket = sockets[0]!;
    socket.open();
    socket.opened(1);
    socket.onmessage?.({ data: JSON.stringify({ op: "later", seq: 1, order: [{ name: "ahead", shape: [1] }] }) });
    socket.answer(1, 0);
    frame();
    for (const callback of [...timers.values()]) callback();
    socket.answer(1, 0.25);
    expect(later.map(({ arrays }) => arrays.get("ahead")?.[0])).toEqual([0.25]);
    expect(frames).toHaveLength(0);
  });

  test("what is not told again later is as it was, until the watches are others", () => {
    const socket = sockets[0]!;
    const announce = (...names: string[]): void => {
      const order = names.map((name) => ({ name, shape: [1] }));
      socket.onmessage?.({ data: JSON.stringify({ op: "later", seq: 1, order }) });
    };
    const told = (): [string, number][] => [...later.at(-1)!.arrays].map(([name, [value]]) => [name, value!]);
    const pass = (seq: number): void => {
      socket.answer(seq, 0);
      frame();
      for (const callback of [...timers.values()]) callback();
    };
    socket.open();
    socket.opened(1);
    pass(1);
    announce("plane");
    socket.answer(1, 0.25);
    pass(2);
    announce("sweep");
    socket.answer(2, 0.5);
    expect(told()).toEqual([["plane", 0.25], ["sweep", 0.5]]);
    pass(3);
    socket.answer(3, 0.75);
    expect(told()).toEqual([["plane", 0.25], ["sweep", 0.75]]);
    socket.onmessage?.({ data: JSON.stringify({ op: "watching", seq: 4, order: [{ name: "inputs", shape: [1] }] }) });
    pass(4);
    announce("sweep");
    socket.answer(4, 1);
    expect(told()).toEqual([["sweep", 1]]);
  });

  test("a lost server: it tries again and opens with the learner's values", () => {
    sockets[0]!.open();
    sockets[0]!.opened(1);
    sockets[0]!.onclose?.();
    expect(connections).toEqual(["live", "lost"]);
    input = 0.75;
    session.change({ input: 0, value: 0.75 });
    for (const callback of [...timers.values()]) callback();
    sockets[1]!.open();
    expect(sockets[1]!.sent[0]).toMatchObject({ op: "open", inputs: [0.75] });
    sockets[1]!.opened(sockets[1]!.sent[0]!["seq"] as number);
    expect(connections).toEqual(["live", "lost", "live"]);
  });
});

/** A network of so many weights, in one layer with one output. */
const layered = (weights: number, value = 0.123456): Opening["layers"] => [
  { name: "", activation: "relu", weights: Array.from({ length: weights }, () => [value]), biases: [0] },
];

describe("a large network on a slow line", () => {
  /** The timer that would give the server up, and for how long it waits. */
  const silence = (): [() => void, number] => {
    const [id, callback] = [...timers].filter(([timer]) => delays.get(timer)! >= 8000).at(-1)!;
    return [callback, delays.get(id)!];
  };

  test("has the time that sending it takes before the server counts as gone", () => {
    opening = { layers: layered(100_000), inputs: [] };
    sockets[0]!.open();
    expect(silence()[1]).toBeGreaterThan(100_000);
    sockets[0]!.answer(1, 0);
    expect(connections).toEqual([]);
  });

  test("is not given up while the browser still sends", () => {
    const socket = sockets[0]!;
    opening = { layers: layered(10), inputs: [] };
    socket.bufferedAmount = 1000;
    socket.open();
    socket.bufferedAmount = 500;
    silence()[0]();
    expect(connections).toEqual([]);
    silence()[0]();
    expect(connections).toEqual(["lost"]);
  });

  test("tells how much of it has left, until it is answered", () => {
    const socket = sockets[0]!;
    opening = { layers: layered(10_000), inputs: [] };
    socket.bufferedAmount = 0;
    socket.open();
    const tick = (): void => {
      const [id, callback] = [...timers].filter(([timer]) => delays.get(timer) === 250).at(-1)!;
      timers.delete(id);
      callback();
    };
    const bytes = JSON.stringify(socket.sent[0]).length;
    socket.bufferedAmount = bytes / 2;
    tick();
    expect(sending.at(-1)).toBeCloseTo(0.5, 2);
    socket.opened(1);
    socket.answer(1, 0);
    tick();
    expect(sending.at(-1)).toBeNull();
  });

  test("a step back sends what it changes, not the network anew", () => {
    const socket = sockets[0]!;
    opening = { layers: layered(1000), inputs: [] };
    socket.open();
    socket.opened(1);
    socket.answer(1, 0);
    const before = opening.layers;
    opening = { layers: [{ ...before[0]!, weights: before[0]!.weights.with(7, [0.5]) }], inputs: [] };
    session.change({ layer: 0, weight: [7, 0], value: 0.5 });
    opening = { layers: before, inputs: [] };
    session.reopen([]);
    expect(socket.sent.filter(({ op }) => op === "open")).toHaveLength(1);
    expect(socket.sent.filter(({ op }) => op === "set").map(({ changes }) => changes)).toEqual([
      [{ layer: 0, weight: [7, 0], value: 0.5 }],
      [{ layer: 0, weight: [7, 0], value: 0.123456 }],
    ]);
  });

  test("another shape is told by what is new, and sent whole where that is refused", () => {
    const socket = sockets[0]!;
    opening = { layers: layered(100), inputs: [] };
    socket.open();
    socket.opened(1);
    const [layer] = opening.layers;
    opening = { layers: [{ ...layer!, weights: [...layer!.weights, [7]] }], inputs: [] };
    session.reopen([]);
    const rows = [...Array(100).keys(), null];
    expect(socket.sent.find(({ op }) => op === "reshape")).toEqual({ op: "reshape", seq: 2, layers: [{ from: 0, rows, weights: [7] }], inputs: [0.5] });
    refuse(socket, 2);
    expect(socket.sent.at(-1)).toMatchObject({ op: "open", layers: opening.layers });
    refuse(socket, 4);
    session.reopen([]);
    expect(socket.sent.filter(({ op }) => op === "open")).toHaveLength(3);
  });

  test("one that the server keeps is opened by its id, and whole where it is kept no longer", () => {
    const socket = sockets[0]!;
    const layers = layered(10);
    opening = { layers, inputs: [], kept: { id: "abc", layers } };
    socket.open();
    expect(socket.sent[0]).toMatchObject({ op: "open", network: "abc" });
    expect(socket.sent[0]).not.toHaveProperty("layers");
    refuse(socket, 1);
    expect(socket.sent.at(-1)).toMatchObject({ op: "open", layers: opening.layers });
  });

  test("one that was made from what the server keeps is opened by that, and by what is different", () => {
    const socket = sockets[0]!;
    const layers = layered(100);
    opening = { layers: [{ ...layers[0]!, biases: [9] }], inputs: [], kept: { id: "abc", layers } };
    socket.open();
    expect(socket.sent).toEqual([
      { op: "open", seq: 1, network: "abc", inputs: [0.5] },
      { op: "set", seq: 2, changes: [{ layer: 0, bias: 0, value: 9 }] },
    ]);
    // Refused, it is sent whole, and what was said of it before is no news.
    refuse(socket, 1);
    refuse(socket, 2);
    expect(socket.sent.filter(({ op }) => op === "open")).toHaveLength(2);
    expect(problems).toEqual([]);
  });
});

describe("a slow line", () => {
  test("is not filled with changes whose answers are old when they come", () => {
    const socket = sockets[0]!;
    socket.open();
    socket.opened(1);
    socket.answer(1, 0);
    const sets = (): unknown[] => socket.sent.filter(({ op }) => op === "set").map(({ changes }) => changes);
    for (let value = 0; value < 20; value++) {
      session.change({ input: 0, value });
      frame();
    }
    expect(sets()).toHaveLength(4);
    time += 1000;
    socket.answer(5, 0);
    frame();
    // The newest of all that waited; and as long as answers take a second, the next waits for it.
    expect(sets().at(-1)).toEqual([{ input: 0, value: 19 }]);
    session.change({ input: 0, value: 30 });
    frame();
    expect(sets()).toHaveLength(5);
    socket.answer(6, 0);
    frame();
    expect(sets().at(-1)).toEqual([{ input: 0, value: 30 }]);
  });

  test("steps back that follow each other are told as one, and no pass of a step between is shown", () => {
    const socket = sockets[0]!;
    opening = { layers: layered(50), inputs: [] };
    socket.open();
    socket.opened(1);
    socket.answer(1, 0);
    const layer = opening.layers[0]!;
    for (const bias of [1, 2, 3, 4, 5, 6]) {
      opening = { layers: [{ ...layer, biases: [bias] }], inputs: [] };
      session.reopen([]);
    }
    const sets = (): unknown[] => socket.sent.filter(({ op }) => op === "set").map(({ changes }) => changes);
    const before = sets().length;
    expect(before).toBeLessThan(4);
    socket.answer(2, 0);
    expect(seqs()).toEqual([1]);
    socket.answer(5, 0);
    frame();
    expect(sets().at(-1)).toEqual([{ layer: 0, bias: 0, value: 6 }]);
    expect(sets()).toHaveLength(before + 1);
  });
});

describe("a list of watches that the server refuses", () => {
  const watches: Watch[] = [1, 2, 3].map((layer) => ({ kind: "shares", layer }));
  const told = (): unknown[] => sockets[0]!.sent.filter(({ op }) => op === "watch").map(({ watch }) => watch);
  const seq = (): number => sockets[0]!.sent.at(-1)!["seq"] as number;
  const [first, second, third] = watches as [Watch, Watch, Watch];

  beforeEach(() => {
    sockets[0]!.open();
    sockets[0]!.opened(1);
    sockets[0]!.answer(1, 0);
    session.watch(watches);
    frame();
  });

  test("for some of them is sent again without these, and says so once", () => {
    refuse(sockets[0]!, seq(), "/watch/1/layer");
    frame();
    expect(told()).toEqual([watches, [first, third]]);
    // Whatever else is watched: it is not asked for again until it is another.
    session.watch([second]);
    frame();
    session.watch([second, { kind: "shares", layer: 4 }]);
    frame();
    expect(told().slice(2)).toEqual([[], [{ kind: "shares", layer: 4 }]]);
    expect(leftOut).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  test("for some of the rest too is sent without both", () => {
    refuse(sockets[0]!, seq(), "/watch/1/layer");
    frame();
    refuse(sockets[0]!, seq(), "/watch/1/layer");
    frame();
    expect(told().at(-1)).toEqual([first]);
  });

  test("for all of them together goes on without the last, which another list may have room for", () => {
    refuse(sockets[0]!, seq(), "/watch");
    frame();
    expect(told().at(-1)).toEqual([first, second]);
    session.watch([second, third]);
    frame();
    expect(told().at(-1)).toEqual([second, third]);
  });

  test("is asked for whole of another network", () => {
    refuse(sockets[0]!, seq(), "/watch/0");
    frame();
    session.reopen(watches);
    frame();
    expect(told()).toEqual([watches, [second, third], watches]);
  });

  test("is old where another list was sent meanwhile", () => {
    const before = seq();
    session.watch([first, second]);
    frame();
    refuse(sockets[0]!, before, "/watch/0");
    frame();
    expect(told()).toEqual([watches, [first, second]]);
    expect(leftOut).toEqual([]);
  });

  test("is old where another list waits for the next frame", () => {
    session.watch([third, second]);
    session.watch([first, second]);
    refuse(sockets[0]!, seq(), "/watch");
    frame();
    expect(told()).toEqual([watches, [third, second], [first, second]]);
    expect(leftOut).toEqual([]);
  });

  test("leaves what the network is known to be: the next change of it is not sent as a new one", () => {
    refuse(sockets[0]!, seq(), "/watch/0");
    frame();
    input = 0.75;
    session.reopen(watches);
    expect(sockets[0]!.sent.filter(({ op }) => op === "open")).toHaveLength(1);
  });
});
