/** What is wrong with the customers of a configuration and no single field can show. */
import type { CustomersConfig } from "./customer-config.ts";
import type { Route } from "./route-config.ts";

type Finding = { path: string; message: string };
type Given = { readonly routes: readonly Pick<Route, "customers">[]; readonly customers: CustomersConfig };

export const customerFindings = (config: Given): Finding[] => [
  ...config.routes.flatMap(({ customers }, index) => [
    ...templateMissing(customers, index, config.customers),
    ...signUpWithoutEffect(customers, index, config.customers),
  ]),
  ...changesOfNobody(config),
];

function templateMissing(
  { policy, template }: Route["customers"],
  index: number,
  { create }: CustomersConfig,
): Finding[] {
  if (policy !== "own" || create !== "chosenNumber" || template !== undefined) return [];
  return [
    {
      path: `routes[${index}].customers.template`,
      message: "new customers are copied from a template: name it, or set `customers.create` to `never`",
    },
  ];
}

function signUpWithoutEffect(
  { policy, createAt }: Route["customers"],
  index: number,
  { create }: CustomersConfig,
): Finding[] {
  if (createAt !== "signUp") return [];
  const path = `routes[${index}].customers.createAt`;
  if (policy !== "own")
    return [{ path, message: "only a route whose customers are its own (`policy: own`) makes any" }];
  return create === "never" ? [{ path, message: "`customers.create` is `never`: nobody makes customers" }] : [];
}

function changesOfNobody({ routes, customers }: Given): Finding[] {
  if (customers.changes.flow === "off" || routes.some(({ customers: { policy } }) => policy === "own")) return [];
  const message = "no route has customers of its own (`routes[].customers.policy: own`)";
  return [{ path: "customers.changes.flow", message }];
}
