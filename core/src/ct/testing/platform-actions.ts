export type Json = { [name: string]: unknown };

const actions: Record<string, (row: Json, action: Json) => Json> = {
  addRoles: (row, { roles }) => ({ ...row, roles: [...(row.roles as string[]), ...(roles as string[])] }),
  addFieldDefinition: (row, { fieldDefinition }) => ({
    ...row,
    fieldDefinitions: [...(row.fieldDefinitions as Json[]), fieldDefinition],
  }),
  changeDestination: (row, { destination }) => ({ ...row, destination }),
  setMessages: (row, { messages }) => ({ ...row, messages }),
  setChanges: (row, { changes }) => ({ ...row, changes }),
  changeTriggers: (row, { triggers }) => ({ ...row, triggers }),
  setTimeoutInMs: (row, { timeoutInMs }) => ({ ...row, timeoutInMs }),
  addQuantity: (row, { quantity }) => ({ ...row, quantityOnStock: Number(row.quantityOnStock) + Number(quantity) }),
  changeOrderState: (row, { orderState }) => ({ ...row, orderState }),
};

/** All actions or none; undefined for one that is not known here. */
export function applyActions(row: Json, list: readonly Json[]): Json | undefined {
  let next = row;
  for (const action of list) {
    const apply = actions[String(action.action)];
    if (!apply) return undefined;
    next = apply(next, action);
  }
  return next;
}
