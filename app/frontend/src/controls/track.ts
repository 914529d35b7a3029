import { createContext, type Component } from "svelte";

/** What paints the track of a slider, by the number that the slider moves and its ends. */
export type SliderTrack = Component<{ cell: { readonly tensor: string; readonly at: readonly number[] }; range: readonly [number, number] }>;

export const [getTrack, setTrack] = createContext<SliderTrack>();
