/** How thick edges are drawn, as a part of their full width: as thin as their ends stand close. */
export function edgeScale(sources: Float32Array, targets: Float32Array): number {
  return Math.max(0.2, Math.min(1, pitchOf(sources) / 22, pitchOf(targets) / 22));
}

/** How far apart ends stand on average. */
function pitchOf(ends: Float32Array): number {
  if (ends.length < 2) return Infinity;
  let [low, high] = [Infinity, -Infinity];
  for (const end of ends) [low, high] = [Math.min(low, end), Math.max(high, end)];
  return (high - low) / (ends.length - 1);
}
