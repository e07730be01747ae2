const LEAST_ROOM = 65_536;
const GROWTH = 1.5;
const TWO_TO_32 = 2 ** 32;

export const DOUBLE = 0x01;
export const STRING = 0x02;
export const DOCUMENT = 0x03;
export const ARRAY = 0x04;
export const BOOLEAN = 0x08;
export const DATE = 0x09;
export const NULL = 0x0a;
export const INT32 = 0x10;
export const INT64 = 0x12;

const INT32_MOST = 2 ** 31 - 1;
const INT32_LEAST = -(2 ** 31);
export const isInt32 = (value: number): boolean => value <= INT32_MOST && value >= INT32_LEAST;

/** Keys of a list's elements, as BSON has them: texts of numbers, each with a zero behind it. */
const INDEXES: Uint8Array[] = [];
export function indexKey(index: number): Uint8Array {
  for (let n = INDEXES.length; n <= Math.min(index, 9_999); n++) INDEXES.push(Buffer.from(`${n}\0`));
  return INDEXES[index] ?? Buffer.from(`${index}\0`);
}

/**
 * Bytes of BSON, written one behind the other into a buffer that grows. Nothing checks for room but {@link room}: whoever writes
 * asks for enough of it first.
 */
export class DocumentWriter {
  out: Buffer;
  /** Where the next byte goes. */
  to = 0;
  #view: DataView;

  constructor(bytes: number) {
    this.out = Buffer.allocUnsafeSlow(Math.ceil(bytes * GROWTH) + LEAST_ROOM);
    this.#view = viewOf(this.out);
  }

  /** Makes sure that so many bytes can be written. */
  room(bytes: number): void {
    if (this.out.length - this.to >= bytes) return;
    const larger = Buffer.allocUnsafeSlow(Math.ceil((this.to + bytes) * GROWTH) + LEAST_ROOM);
    this.out.copy(larger, 0, 0, this.to);
    this.out = larger;
    this.#view = viewOf(larger);
  }

  bytes(bytes: Uint8Array): void {
    const { out } = this;
    let { to } = this;
    for (let n = 0; n < bytes.length; n++) out[to++] = bytes[n] as number;
    this.to = to;
  }

  /** @param key with a zero at its end. */
  element(type: number, key: Uint8Array): void {
    this.out[this.to++] = type;
    this.bytes(key);
  }

  byte(byte: number): void {
    this.out[this.to++] = byte;
  }

  int32(value: number): void {
    this.#view.setInt32(this.to, value, true);
    this.to += 4;
  }

  int64(value: number): void {
    const high = Math.floor(value / TWO_TO_32);
    this.#view.setUint32(this.to, value - high * TWO_TO_32, true);
    this.#view.setInt32(this.to + 4, high, true);
    this.to += 8;
  }

  double(value: number): void {
    this.#view.setFloat64(this.to, value, true);
    this.to += 8;
  }

  /** Leaves room for a length, which {@link end} writes. @returns where. */
  begin(): number {
    this.to += 4;
    return this.to - 4;
  }

  /** Ends a document or list that began there. */
  end(start: number): void {
    this.out[this.to++] = 0;
    this.#view.setInt32(start, this.to - start, true);
  }

  /** Ends a string that began there. Its length counts the zero, and not itself. */
  endString(start: number): void {
    this.out[this.to++] = 0;
    this.#view.setInt32(start, this.to - start - 4, true);
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);
