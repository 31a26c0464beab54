/** Who takes a place. */
export interface Holder {
  /** Aborted when it does not want the place any more. */
  readonly gone: AbortSignal;
  /** Bytes moved so far. */
  moved(): number;
  /** Ends what it does, because it moves next to nothing while others wait. It still gives its place back itself. */
  evict(): void;
}

/** A number of places, taken in the order in which they were asked for. */
export interface Slots {
  /** Resolves to what gives the place back, or to undefined when the holder is gone first. */
  take(holder: Holder): Promise<(() => void) | undefined>;
}

export interface SlotsOptions {
  readonly count: number;
  /** Milliseconds between two looks at who moves, while somebody waits. Default 5000. */
  readonly interval?: number;
  /** Bytes that have to be moved meanwhile. Default 64 KiB. */
  readonly least?: number;
}

export function createSlots({ count, interval = 5000, least = 65_536 }: SlotsOptions): Slots {
  let free = count;
  let timer: NodeJS.Timeout | undefined;
  const waiting = new Set<() => void>();
  /** Bytes that each had moved at the last look. */
  const holders = new Map<Holder, number>();

  /** Makes room for those who wait: slow clients cannot keep the others away. */
  const look = () => {
    let wanted = waiting.size;
    for (const [holder, before] of holders) {
      const now = holder.moved();
      holders.set(holder, now);
      if (wanted === 0 || now - before >= least) continue;
      wanted--;
      holder.evict();
    }
  };
  const watch = () => {
    if (waiting.size > 0 && timer === undefined) {
      for (const holder of holders.keys()) holders.set(holder, holder.moved());
      timer = setInterval(look, interval).unref();
    } else if (waiting.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
  const place = (holder: Holder) => {
    holders.set(holder, holder.moved());
    return () => {
      if (!holders.delete(holder)) return;
      const [next] = waiting;
      if (next === undefined) free++;
      else next();
    };
  };
  return {
    async take(holder) {
      if (holder.gone.aborted) return undefined;
      if (free > 0) {
        free--;
        return place(holder);
      }
      return new Promise((resolve) => {
        const end = (result: (() => void) | undefined) => {
          waiting.delete(enter);
          holder.gone.removeEventListener('abort', leave);
          watch();
          resolve(result);
        };
        const leave = () => end(undefined);
        const enter = () => end(place(holder));
        holder.gone.addEventListener('abort', leave, { once: true });
        waiting.add(enter);
        watch();
      });
    },
  };
}
