import { getHeapStatistics } from 'node:v8';

/** What an answer is of: a page of records, one record, counts by day, a description of fields, or anything smaller. */
export type AnswerOf = 'page' | 'record' | 'groups' | 'fields' | 'other';

/** What an answer to a call of a method is of. */
export function answerOf(method: string, kwargs: Readonly<Record<string, unknown>>): AnswerOf {
  if (method === 'search_read') return kwargs.limit === 1 ? 'record' : 'page';
  if (method === 'fields_get') return 'fields';
  return method === 'read_group' || method === 'formatted_read_group' ? 'groups' : 'other';
}

export interface AnswerBounds {
  /** As it comes, unpacked: no more than `ODOO_MAX_ANSWER_BYTES`, and than what may be parsed. */
  readonly bytes: Readonly<Record<AnswerOf, number>>;
  /** Once it is parsed. */
  readonly heap: Readonly<Record<AnswerOf, number>>;
  /** The same with its text: of one answer at any moment. */
  readonly heapAtOnce: number;
}

const MIB = 1_048_576;

/** A century by days takes ten; a page of HTML may stand in for what is small. */
const FIXED_BYTES = { groups: 16 * MIB, fields: 4 * MIB, other: 2 * MIB };

/** Each reader has two pages, the one that it works on and the next: together a third of the heap. */
const PAGES_SHARE = 1 / 6;
const AT_ONCE_SHARE = 0.45;
/** The largest record that MongoDB takes has 16 MiB of UTF-8: twice as much where its texts take two bytes a character. */
const RECORD_HEAP = 36 * MIB;

/**
 * Bounds under which no answers end this process for want of memory, however many come at once.
 * @param maxBytes `ODOO_MAX_ANSWER_BYTES`. @param readers how many turns read at once.
 */
export function answerBounds(
  maxBytes: number,
  readers: number,
  heapBytes = getHeapStatistics().heap_size_limit,
): AnswerBounds {
  const atOnce = heapBytes * AT_ONCE_SHARE;
  const page = (heapBytes * PAGES_SHARE) / readers;
  const record = Math.min(atOnce, Math.max(page, RECORD_HEAP));
  // What comes is kept outside of the heap until it is whole: a text that can't be read isn't waited for.
  const most = (bytes: number) => Math.floor(Math.min(maxBytes, bytes));
  return {
    bytes: {
      page: most(page),
      record: most(record),
      groups: most(FIXED_BYTES.groups),
      fields: most(FIXED_BYTES.fields),
      other: most(FIXED_BYTES.other),
    },
    heap: {
      page,
      record,
      groups: atOnce,
      fields: atOnce,
      other: atOnce,
    },
    heapAtOnce: atOnce,
  };
}
