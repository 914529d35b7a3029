/** The desk in a worker of its own: nothing that the page does waits for it. */
import { Desk } from "./desk";
import type { Order } from "./work";

const { port1, port2 } = new MessageChannel();
/** Lets orders that have come be taken. */
const rest = (): Promise<void> =>
  new Promise((done) => {
    port1.onmessage = () => done();
    port2.postMessage(null);
  });

const page = self as unknown as { postMessage(message: unknown, transfer: Transferable[]): void };
const desk = new Desk((picture) => page.postMessage(picture, [picture.pixels.buffer]), rest, 30);
self.onmessage = ({ data }: MessageEvent<Order>) => desk.take(data);
