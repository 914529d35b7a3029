/** Questions about arrays of numbers. Loops, since arrays of a tensor are long and their own methods call a function for each number. */

export function hasNaN(values: Float32Array | undefined): boolean {
  if (values) for (let k = 0; k < values.length; k++) if (Number.isNaN(values[k])) return true;
  return false;
}

/** Whether two arrays hold the same numbers. What is no number is like itself. */
export function sameNumbers(one: Float32Array, other: Float32Array): boolean {
  if (one.length !== other.length) return false;
  for (let k = 0; k < one.length; k++) if (one[k] !== other[k] && !(Number.isNaN(one[k]) && Number.isNaN(other[k]))) return false;
  return true;
}
