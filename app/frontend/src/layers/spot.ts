/** Where a layer is put, as the API takes it. */
export interface Spot {
  /** The layer that it comes after, −1: the input. */
  readonly after: number;
  /** Of the layers that take what is given there, those that take the new one's instead; all where it is not said. */
  readonly into?: readonly number[];
  /** Of several inputs, the one that it takes. */
  readonly input?: string;
}

export const sameSpot = (one: Spot, other: Spot): boolean => JSON.stringify(one) === JSON.stringify(other);
