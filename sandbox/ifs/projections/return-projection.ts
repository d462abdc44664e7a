import { createReturn, createReturnLine, releaseReturn, updateReturn } from "../business/return-material.ts";
import type { ProjectionDef } from "./definition.ts";
import { requireSiteGrant } from "./grants.ts";

/** Columns of the model's own book-keeping. */
const kept = ["QtyCredited"];

/** Returns (RMA): header, lines, release. What follows is work of the warehouse and of the approver. */
export const returnMaterialHandling: ProjectionDef = {
  name: "ReturnMaterialHandling",
  description: "Return Material Authorization",
  sets: [
    {
      name: "ReturnMaterialSet",
      table: "ReturnMaterial",
      entity: "ReturnMaterial",
      countable: true,
      insert(context, values) {
        requireSiteGrant(context, "ReturnMaterial", values);
        return createReturn(context.world, values);
      },
      update: (context, row, changes) => updateReturn(context.world, row, changes),
      arrays: [
        {
          name: "ReturnMaterialLineArray",
          table: "ReturnMaterialLine",
          entity: "ReturnMaterialLine",
          without: kept,
          on: { RmaNo: "RmaNo" },
          insert: (context, values) => createReturnLine(context.world, values),
        },
      ],
      actions: [
        {
          name: "ReturnMaterial_Release",
          parameters: {},
          run(context, row) {
            releaseReturn(context.world, row);
            return undefined;
          },
        },
      ],
    },
    { name: "ReturnMaterialLineSet", table: "ReturnMaterialLine", entity: "ReturnMaterialLine", without: kept },
    { name: "Reference_ReturnMaterialReason", table: "ReturnMaterialReason", entity: "ReturnMaterialReason" },
  ],
};
