import { expect, test } from "vitest";
import type { BoundObject } from "../ifs/binding.ts";
import { objectDefaults } from "../ifs/binding-defaults.ts";
import { fieldUses, type ObjectName } from "./field-types.ts";

test("what can be done without here can be bound to nothing in the binding", () => {
  for (const name of Object.keys(objectDefaults) as ObjectName[]) {
    const { optionalFields }: BoundObject = objectDefaults[name];
    const uses = Object.entries<string>(fieldUses[name]);
    const optional = uses.flatMap(([field, use]) => (use.endsWith("?") ? [field] : []));
    expect({ name, fields: optional.toSorted() }).toEqual({ name, fields: optionalFields.toSorted() });
  }
});
