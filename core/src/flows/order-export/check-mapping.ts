/** The mappings of a configuration, checked before it is used: the same compilation that orders are mapped with. */
import type { ConnectorConfig } from "../../domain/config.ts";
import { compileMapping, type MappableFields, targetFinding } from "./map-fields.ts";

type Finding = { readonly path: string; readonly message: string };

/** Paths and sentences of everything that cannot be compiled, gives the wrong type, or goes to no field of the tenant. */
export const mappingFindings = ({ routes }: Pick<ConnectorConfig, "routes">, fields: MappableFields): Finding[] =>
  routes.flatMap(({ mapping }, index) => {
    const at = (scope: string, target: string): string => `routes[${index}].mapping.${scope}.${target}`;
    const compiled = compileMapping(mapping).findings;
    const broken = compiled.map(({ scope, target, source, message }) => ({
      path: at(scope, target),
      message: `${message} (${source})`,
    }));
    const astray = (["header", "line", "charge"] as const).flatMap((scope) =>
      Object.keys(mapping[scope]).flatMap((target): Finding[] => {
        const known = compiled.some((one) => one.scope === scope && one.target === target);
        const message = known ? undefined : targetFinding(scope, target, fields);
        return message === undefined ? [] : [{ path: at(scope, target), message }];
      }),
    );
    return [...broken, ...astray];
  });
