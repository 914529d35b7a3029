// Put into the page before its own scripts: notes, for each move, when its event came in, when it was sent, when the server's
// answer came, when the answer's numbers stood in the document, and when the frame with them was painted. Milliseconds of
// performance.now().
(() => {
  const Socket = window.WebSocket;
  const frame = window.requestAnimationFrame.bind(window);
  let move = null;
  let inFrame = false;
  /** When the first frame after the event was painted; null where that is the answer's own. */
  let echoed = null;

  /** Calls back after the painting of the frame that is being made, or of the next one. */
  const afterPaint = (callback) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => callback(performance.now());
    if (inFrame) port2.postMessage(null);
    else frame(() => port2.postMessage(null));
  };

  window.requestAnimationFrame = (callback) =>
    frame((time) => {
      if (!inFrame) {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => (inFrame = false);
        port2.postMessage(null);
      }
      inFrame = true;
      callback(time);
    });

  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (move?.sent && typeof data !== "string") move.received ??= performance.now();
      });
    }
    send(text) {
      if (move && String(text).includes('"op":"set"')) move.sent ??= performance.now();
      super.send(text);
    }
  };

  /** Asks for no frame that the page itself does not ask for: the first change of anything is the move's own echo. */
  const watchEcho = () => {
    const observer = new MutationObserver(() => {
      observer.disconnect();
      afterPaint((now) => (echoed = now));
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  };

  const begin = (event) => {
    if (!window.frames_armed) return;
    window.frames_armed = false;
    move = { event: event.timeStamp, handled: performance.now() };
    echoed = null;
    watchEcho();
  };
  for (const kind of ["keydown", "pointermove"]) window.addEventListener(kind, begin, { capture: true });

  /**
   * Watches the numbers of `selector`, or what its `attribute` counts; of a page without a server, the first change is the answer's.
   */
  window.frames_watch = (selector, served, attribute = "data-value") => {
    new MutationObserver(() => {
      if (!move || move.applied || (served && !move.received)) return;
      const done = move;
      done.applied = performance.now();
      afterPaint((now) => {
        done.painted = now;
        done.echoed = echoed ?? now;
        window.frames_done = done;
        move = null;
      });
    }).observe(document.querySelector(selector), { subtree: true, attributes: true, attributeFilter: [attribute] });
  };
})();
