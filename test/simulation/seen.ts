const firstRows = 1024;

/** Rows of whole numbers, each kept once, outside of the heap that is swept for garbage. */
export interface Seen {
  readonly size: number;
  /** Numbers of the row that was added `index`th; valid until the next `add`. */
  at(index: number): Int32Array;
  /** False: there is an equal one already. */
  add(row: Int32Array): boolean;
}

export function createSeen(width: number): Seen {
  let rows = new Int32Array(firstRows * width);
  /** Where a row may be: 1 + its index; 0: free. Twice as many as rows. */
  let slots = new Int32Array(2 * firstRows);
  let size = 0;
  const isAt = (index: number, row: Int32Array): boolean => {
    for (let i = 0, at = index * width; i < width; i += 1) if (rows[at + i] !== row[i]) return false;
    return true;
  };
  const grow = (): void => {
    const old = rows;
    rows = new Int32Array(2 * old.length);
    rows.set(old);
    slots = new Int32Array(2 * slots.length);
    for (let index = 0; index < size; index += 1) {
      let slot = hash(rows.subarray(index * width, (index + 1) * width)) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = index + 1;
    }
  };
  return {
    get size() {
      return size;
    },
    at: (index) => rows.subarray(index * width, (index + 1) * width),
    add(row) {
      let slot = hash(row) & (slots.length - 1);
      for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
        if (isAt(found - 1, row)) return false;
        slot = (slot + 1) & (slots.length - 1);
      }
      rows.set(row, size * width);
      slots[slot] = size + 1;
      size += 1;
      if (2 * size === slots.length) grow();
      return true;
    },
  };
}

function hash(row: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < row.length; i += 1) {
    sum = Math.imul(sum ^ row[i]!, 0x9e3779b1);
    sum ^= sum >>> 15;
  }
  return sum;
}
