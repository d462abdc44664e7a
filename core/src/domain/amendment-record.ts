/**
 * What an amendment of an exported order was planned against, kept while it is under way: who goes on with it after a death tells by
 * it what a person has changed in IFS meanwhile.
 */
import { z } from "zod";

export const amendmentRecordSchema = z.object({
  orderNo: z.string(),
  /** Field of the IFS order -> digests of what it was, and of what the amendment makes of it. No values: an address is personal. */
  known: z.record(z.string(), z.array(z.string())),
});
export type AmendmentRecord = z.infer<typeof amendmentRecordSchema>;
