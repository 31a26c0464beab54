/** Pieces of at least this size are passed on as they are; smaller ones are joined. */
const LARGE = 1 << 12;
const ROOM = 1 << 16;

/**
 * Joins small pieces: a client that sends single bytes makes them cost some hundred bytes of memory each where they are
 * collected.
 */
export interface Gatherer {
  /** Pieces to be passed on now; they are not changed afterwards. */
  add(piece: Buffer): Buffer[];
  /** What is left at the end. */
  rest(): Buffer;
}

export function createGatherer(): Gatherer {
  let room: Buffer | undefined;
  let used = 0;
  const take = (): Buffer => {
    const taken = room?.subarray(0, used) ?? Buffer.alloc(0);
    room = undefined;
    used = 0;
    return taken;
  };
  return {
    add(piece) {
      if (piece.length >= LARGE) return used > 0 ? [take(), piece] : [piece];
      const full = used + piece.length > ROOM ? [take()] : [];
      room ??= Buffer.allocUnsafeSlow(ROOM);
      used += piece.copy(room, used);
      return full;
    },
    rest: take,
  };
}
