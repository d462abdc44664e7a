/**
 * How a line of an IFS order carries the commercetools line id, so that reading the order back tells which line is which.
 *
 * `CustomerPoLineNo` is made for it, but a line id has 36 characters and the field's length is nowhere published. So: a
 * reference that fits the configured length is written there as it is. A longer one is replaced by the line's position
 * ("1", "2", …, which is also what a buyer wants to see on a confirmation), and the full id stands in the note as
 * `[ref <id>]`, which is what reading trusts first. Where somebody cleared the note, the position still tells the line.
 */
const MARK = /\[ref ([^\]\s]{1,200})\]/;
const NOTE_LENGTH = 2000;

export type LineReference = {
  readonly field: "customerPoLineNo" | "noteText";
  readonly maxLength: number;
};

export type WrittenReference = { readonly customerPoLineNo?: string; readonly noteText?: string };

/** `position` counts from 1 in the order of the draft. */
export function writeLineReference(
  reference: LineReference,
  line: { readonly lineRef: string; readonly noteText?: string },
  position: number,
): WrittenReference {
  const note = line.noteText ? { noteText: line.noteText.slice(0, NOTE_LENGTH) } : {};
  if (reference.field === "customerPoLineNo" && line.lineRef.length <= reference.maxLength) {
    return { ...note, customerPoLineNo: line.lineRef };
  }
  const mark = `[ref ${line.lineRef}]`;
  const room = NOTE_LENGTH - mark.length - 1;
  const noteText = line.noteText ? `${line.noteText.slice(0, room)}\n${mark}` : mark;
  return { customerPoLineNo: String(position), noteText };
}

/** The reference a line was created with; the bare position where its note was cleared; null for lines without either. */
export const readLineReference = (row: {
  readonly customerPoLineNo: string | null;
  readonly noteText: string | null;
}): string | null => MARK.exec(row.noteText ?? "")?.[1] ?? row.customerPoLineNo;

/** True when an existing line is the one of the draft at this position. */
export const isSameLine = (existing: string | null, lineRef: string, position: number): boolean =>
  existing === lineRef || existing === String(position);
