/** Bytes of contents that are asked for and not here yet: each that is asked for besides needs room for its own as well. */
export interface Arriving {
  readonly bytes: number;
  /** Tells how many are still to come for one transfer; 0: none any more. */
  set(transfer: object, bytes: number): void;
}

export function createArriving(): Arriving {
  const left = new Map<object, number>();
  let sum = 0;
  return {
    get bytes() {
      return sum;
    },
    set(transfer, bytes) {
      sum += bytes - (left.get(transfer) ?? 0);
      if (bytes === 0) left.delete(transfer);
      else left.set(transfer, bytes);
    },
  };
}
