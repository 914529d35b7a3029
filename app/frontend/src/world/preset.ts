import type { PresetOutline, StudioData } from "../studio/data";
import { reach } from "../studio/reach";

/** The preset that a network is, or was made from; null where it is of none, or that cannot be learned. */
export async function presetOf({ network, presets, language }: StudioData, name: string | null): Promise<PresetOutline | null> {
  if (network?.preset) return network.preset;
  if (name === null || !presets.some((each) => each.name === name)) return null;
  try {
    const answer = await reach(`/api/v1/presets/${encodeURIComponent(name)}`, { headers: { "Accept-Language": language } });
    return (await answer.json()) as PresetOutline;
  } catch {
    return null;
  }
}
