/**
 * Memory that connections read into, used again once nobody reads it any more: new memory for each read costs as much as the
 * reading, and has the garbage collector run some hundred times a gigabyte.
 */
export interface ReadMemory {
  /** For one connection. */
  open(): ReadRoom;
  /** A view of what was read is kept; its memory stays as it is until it is released as often. */
  hold(piece: Uint8Array): void;
  /** What never is released is left to the garbage collector. Memory of others is none of its business. */
  release(piece: Uint8Array): void;
}

export interface ReadRoom {
  /** Where the next read goes. What was read before stays only where it is held. */
  next(): Buffer;
  /** The bytes that a read has put there. */
  filled(length: number): Buffer;
}

/** Bytes: as much as a fast connection has waiting. */
const BLOCK = 1 << 18;
/** The least worth reading into. */
const LEAST = 1 << 16;
/** Blocks that are kept for later. */
const SPARE = 16;

export function createReadMemory(): ReadMemory {
  const spare: Buffer[] = [];
  const holders = new WeakMap<ArrayBufferLike, number>();
  const change = (piece: Uint8Array, by: 1 | -1): void => {
    const count = holders.get(piece.buffer);
    if (count === undefined || count === 0) return;
    holders.set(piece.buffer, count + by);
    if (count + by === 0 && spare.length < SPARE) spare.push(Buffer.from(piece.buffer));
  };
  const take = (): Buffer => {
    const block = spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK);
    holders.set(block.buffer, 1);
    return block;
  };

  return {
    hold: (piece) => change(piece, 1),
    release: (piece) => change(piece, -1),
    open() {
      let block: Buffer | undefined;
      let at = 0;
      return {
        next() {
          if (block !== undefined && holders.get(block.buffer) === 1) at = 0;
          else if (block !== undefined && BLOCK - at < LEAST) {
            change(block, -1);
            block = undefined;
          }
          if (block === undefined) {
            block = take();
            at = 0;
          }
          return block.subarray(at);
        },
        filled(length) {
          const piece = (block as Buffer).subarray(at, at + length);
          at += length;
          return piece;
        },
      };
    },
  };
}
