/** The mappings of a configuration, checked before it is used: the same compilation that orders are mapped with. */
import type { ConnectorConfig } from "../../domain/config.ts";
import { compileMapping } from "./map-fields.ts";

/** Paths and sentences of everything that cannot be compiled or gives the wrong type. */
export const mappingFindings = ({ routes }: Pick<ConnectorConfig, "routes">): { path: string; message: string }[] =>
  routes.flatMap(({ mapping }, index) =>
    compileMapping(mapping).findings.map(({ scope, target, source, message }) => ({
      path: `routes[${index}].mapping.${scope}.${target}`,
      message: `${message} (${source})`,
    })),
  );
