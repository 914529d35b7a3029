import { keyProtocols } from "../key";
import { at } from "../root";
import type { Clock } from "./due";

/** What the session needs from its surroundings; tests hand in their own. */
export interface Surroundings extends Clock {
  connect(): WebSocket;
  nextFrame(callback: () => void): void;
}

declare global {
  interface Window {
    /** The socket that the page's head opened, for whoever connects first. */
    openedEarly?: WebSocket | undefined;
  }
}

function openedEarly(): WebSocket | null {
  const socket = window.openedEarly;
  window.openedEarly = undefined;
  return socket && socket.readyState <= WebSocket.OPEN ? socket : null;
}

/** The page's own socket, clock and frames. */
export function browserSurroundings(): Surroundings {
  return {
    // Nobody can set a socket's headers: a browser asks for its own language, which need not be the page's.
    connect: () => openedEarly() ?? new WebSocket(`ws${location.protocol.slice(4)}//${location.host}${at("/api/v1/live")}?language=${document.documentElement.lang}`, keyProtocols()),
    now: () => performance.now(),
    nextFrame: (callback) => void requestAnimationFrame(callback),
    later: (callback, milliseconds) => window.setTimeout(callback, milliseconds),
    cancel: (timer) => window.clearTimeout(timer),
  };
}
