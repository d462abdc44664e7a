/** Loaded before everything else (`--import`): applies the mutation that the first argument names to the module it is in. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { mutations } from "./mutations.ts";

const [, , wanted] = process.argv;
const mutation = mutations.find(({ name }) => name === wanted);
if (!mutation) throw new Error(`there is no mutation "${wanted}"`);
const { file, find, replace } = mutation;
const target = new URL(`../../${file}`, import.meta.url);
if (readFileSync(target, "utf8").split(find).length !== 2) {
  throw new Error(`the text of mutation "${mutation.name}" does not occur exactly once in ${file}`);
}

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (url !== target.href) return loaded;
    const source =
      typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString("utf8");
    return { ...loaded, source: source.replace(find, () => replace) };
  },
});
