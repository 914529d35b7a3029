import { afterEach, beforeEach, expect, test, vi } from "vitest";

const served = vi.fn<() => Promise<void>>();

beforeEach(() => {
  vi.resetModules();
  served.mockReset().mockResolvedValue();
  vi.doMock("./served", () => ({ served }));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a part is brought once, whoever asks", async () => {
  const { Part } = await import("./part");
  const bring = vi.fn(async () => 7);
  const part = new Part(bring);
  expect(part.loaded).toBeUndefined();
  expect(await Promise.all([part.load(), part.load()])).toEqual([7, 7]);
  expect(bring).toHaveBeenCalledTimes(1);
  expect(part.loaded).toBe(7);
});

test("a part that did not come is asked for again", async () => {
  const { Part } = await import("./part");
  const bring = vi.fn<() => Promise<number>>().mockRejectedValueOnce(new Error("offline")).mockResolvedValueOnce(7);
  const part = new Part(bring);
  await expect(part.load()).rejects.toThrow("offline");
  expect(await part.load()).toBe(7);
});

test("a part is not imported while the server is away: a script that once did not come never comes again", async () => {
  const { Part } = await import("./part");
  served.mockRejectedValueOnce(new Error("away"));
  const bring = vi.fn(async () => 7);
  const part = new Part(bring);
  await expect(part.load()).rejects.toThrow("away");
  expect(bring).not.toHaveBeenCalled();
  expect(await part.load()).toBe(7);
});

test("of what comes together each may be asked for", async () => {
  const { Part } = await import("./part");
  const bring = vi.fn<() => Promise<{ one: number; two: string }>>().mockRejectedValueOnce(new Error("offline")).mockResolvedValueOnce({ one: 1, two: "2" });
  const whole = new Part(bring);
  const [one, two] = [whole.only("one"), whole.only("two")];
  await expect(one.load()).rejects.toThrow("offline");
  expect(two.loaded).toBeUndefined();
  expect(await one.load()).toBe(1);
  expect(two.loaded).toBe("2");
  expect(await two.load()).toBe("2");
  expect(bring).toHaveBeenCalledTimes(2);
});

test("the parts come of themselves, one after the other", async () => {
  const { Part, loadAhead } = await import("./part");
  const asked: string[] = [];
  let release = (): void => undefined;
  const first = new Part(() => new Promise<number>((resolve) => (asked.push("first"), (release = () => resolve(1)))));
  const second = new Part(async () => asked.push("second"));
  loadAhead(first, second);
  expect(asked).toEqual([]);
  await vi.runAllTimersAsync();
  expect(asked).toEqual(["first"]);
  release();
  await vi.runAllTimersAsync();
  expect(asked).toEqual(["first", "second"]);
});

test("what did not come of itself is asked for again", async () => {
  const { Part, loadAhead } = await import("./part");
  const bring = vi.fn<() => Promise<number>>().mockRejectedValueOnce(new Error("offline")).mockResolvedValueOnce(7);
  const part = new Part(bring);
  loadAhead(part);
  await vi.runAllTimersAsync();
  expect(part.loaded).toBe(7);
});

test("none comes after the page has ended", async () => {
  const { Part, loadAhead } = await import("./part");
  const bring = vi.fn(async () => 7);
  loadAhead(new Part(bring))();
  await vi.runAllTimersAsync();
  expect(bring).not.toHaveBeenCalled();
});
