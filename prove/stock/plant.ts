/** Loaded before everything else (`--import`): applies the mutation that the first argument names to the modules it is in. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { type Edit, mutationNamed } from "./mutations.ts";

const mutation = mutationNamed(process.argv[2]);
const edits = Map.groupBy(mutation.edits, ({ file }) => new URL(`../../${file}`, import.meta.url).href);

function edited(source: string, { file, find, replace }: Edit): string {
  if (source.split(find).length !== 2) {
    throw new Error(`a text of mutation "${mutation.name}" does not occur exactly once in ${file}: ${find}`);
  }
  return source.replace(find, () => replace);
}

// At once, so that a text that is not there is no run without a defect.
for (const [url, all] of edits) all.reduce(edited, readFileSync(new URL(url), "utf8"));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const wanted = edits.get(url);
    if (!wanted) return loaded;
    const source =
      typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString("utf8");
    return { ...loaded, source: wanted.reduce(edited, source) };
  },
});
