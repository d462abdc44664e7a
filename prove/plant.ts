/** Plants a mutation: changes the texts of modules while they are loaded, so that the product knows nothing of it. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

export type Edit = {
  /** Below the repository's root. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly find: string;
  readonly replace: string;
};

export type Mutation = { readonly name: string; readonly edits: readonly Edit[] };

/** To be called by a module that is loaded before everything else (`--import`). Throws where a text is not there, or is there twice. */
export function plant(mutation: Mutation): void {
  const edits = Map.groupBy(mutation.edits, ({ file }) => new URL(`../${file}`, import.meta.url).href);
  const edited = (source: string, { file, find, replace }: Edit): string => {
    if (source.split(find).length !== 2) {
      throw new Error(`a text of mutation "${mutation.name}" does not occur exactly once in ${file}: ${find}`);
    }
    return source.replace(find, () => replace);
  };
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
}

/** Throws for a name that there is not. */
export function mutationNamed<M extends { readonly name: string }>(all: readonly M[], name: string | undefined): M {
  const mutation = all.find((one) => one.name === name);
  if (!mutation) throw new Error(`there is no mutation "${name}"; there are: ${all.map((one) => one.name).join(", ")}`);
  return mutation;
}
