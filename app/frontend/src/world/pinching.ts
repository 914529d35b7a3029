interface Centre {
  clientX: number;
  clientY: number;
}

/** Tells by what factor two fingers go apart or together, and around which point. Returns what ends it. */
export function pinched(element: HTMLElement, onpinch: (factor: number, centre: Centre) => void): () => void {
  const ends = new AbortController();
  let apart = 0;
  const between = ({ touches }: TouchEvent): { distance: number; centre: Centre } => {
    const [one, other] = [touches[0]!, touches[1]!];
    const centre = { clientX: (one.clientX + other.clientX) / 2, clientY: (one.clientY + other.clientY) / 2 };
    return { distance: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY), centre };
  };
  element.addEventListener("touchstart", (event) => event.touches.length === 2 && (apart = between(event).distance), { signal: ends.signal, passive: true });
  element.addEventListener(
    "touchmove",
    (event) => {
      if (event.touches.length !== 2 || apart === 0) return;
      event.preventDefault();
      const { distance, centre } = between(event);
      if (Math.abs(distance - apart) < 4) return;
      onpinch(distance / apart, centre);
      apart = distance;
    },
    { signal: ends.signal, passive: false },
  );
  return () => ends.abort();
}
