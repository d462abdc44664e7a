import { customActions, readCustom } from "./custom-fields.ts";
import type { Action, Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { invalidInput } from "./errors.ts";
import { dateTime, doc, docs, key, localized, oneOf, requireDoc, requireOneOf, requireText, text } from "./input.ts";
import { compact, type Doc, type Reference, type Resource, setOrRemove } from "./json.ts";
import { type CentMoney, readCents } from "./money.ts";
import { requireReference, resolveReference } from "./references.ts";

const TRANSACTION_TYPES = ["Authorization", "CancelAuthorization", "Charge", "Refund", "Chargeback"] as const;
const TRANSACTION_STATES = ["Initial", "Pending", "Success", "Failure"] as const;

type Transaction = Doc & { id: string; type: string; amount: CentMoney; state: string; interactionId?: string };

export type Payment = Resource & {
  key?: string;
  interfaceId?: string;
  amountPlanned: CentMoney;
  paymentMethodInfo: Doc & { paymentInterface?: string; method?: string };
  paymentStatus: Doc & { state?: Reference<"state"> };
  transactions: Transaction[];
  interfaceInteractions: Doc[];
};

function readTransaction(world: World, draft: Doc): Transaction {
  return compact({
    id: world.newId(),
    timestamp: dateTime(draft, "timestamp"),
    type: requireOneOf(draft, "type", TRANSACTION_TYPES),
    amount: readCents(draft, "amount"),
    interactionId: text(draft, "interactionId"),
    interfaceId: text(draft, "interfaceId"),
    state: oneOf(draft, "state", TRANSACTION_STATES) ?? "Initial",
    custom: readCustom(world, draft, "transaction"),
  });
}

function transactionOf(payment: Payment, action: Doc): Transaction {
  const id = requireText(action, "transactionId");
  const found = payment.transactions.find((one) => one.id === id);
  if (!found) throw invalidInput(`The payment has no transaction '${id}'.`);
  return found;
}

function readMethodInfo(draft: Doc): Payment["paymentMethodInfo"] {
  return compact({
    paymentInterface: text(draft, "paymentInterface"),
    method: text(draft, "method"),
    name: localized(draft, "name"),
    interfaceAccount: text(draft, "interfaceAccount"),
  });
}

const addTransaction: Action<Payment> = ({ resource, world, emit }, action) => {
  const transaction = readTransaction(world, requireDoc(action, "transaction"));
  resource.transactions.push(transaction);
  emit("PaymentTransactionAdded", { transaction });
};

const changeTransactionState: Action<Payment> = ({ resource, emit }, action) => {
  const transaction = transactionOf(resource, action);
  transaction.state = requireOneOf(action, "state", TRANSACTION_STATES);
  emit("PaymentTransactionStateChanged", { transactionId: transaction.id, state: transaction.state });
};

const setInterfaceId: Action<Payment> = ({ resource, emit }, action) => {
  const oldInterfaceId = resource.interfaceId;
  resource.interfaceId = requireText(action, "interfaceId");
  emit("PaymentInterfaceIdSet", compact({ interfaceId: resource.interfaceId, oldInterfaceId }));
};

const transitionState: Action<Payment> = ({ resource, world, emit }, action) => {
  const state = requireReference(world, "state", action, "state");
  resource.paymentStatus.state = state;
  emit("PaymentStatusStateTransition", { state, force: action.force === true });
};

const setTransactionInterfaceId: Action<Payment> = ({ resource, emit }, action) => {
  const transaction = transactionOf(resource, action);
  const oldInterfaceId = transaction.interfaceId;
  setOrRemove(transaction, "interfaceId", text(action, "interfaceId"));
  const fields = { transactionId: transaction.id, newInterfaceId: transaction.interfaceId, oldInterfaceId };
  emit("PaymentTransactionInterfaceIdSet", compact(fields));
};

export const paymentDefinition: Definition<Payment> = {
  typeId: "payment",
  path: "payments",
  scopes: scopes("payments"),
  extensible: true,
  fields: [
    ...BASE_FIELDS,
    ...["key", "customer", "anonymousId", "interfaceId", "amountPlanned", "paymentMethodInfo", "paymentStatus"],
    ...["transactions", "interfaceInteractions", "custom"],
  ],
  indexes: [
    { path: "interfaceId", values: (payment) => (payment.interfaceId ? [payment.interfaceId] : []) },
    { path: "key", values: (payment) => (payment.key ? [payment.key] : []) },
  ],
  uniques: [KEY_UNIQUE],
  create({ world }, draft) {
    const status = doc(draft, "paymentStatus") ?? {};
    return {
      key: key(draft),
      customer: resolveReference(world, "customer", draft, "customer"),
      anonymousId: text(draft, "anonymousId"),
      interfaceId: text(draft, "interfaceId"),
      amountPlanned: readCents(draft, "amountPlanned"),
      paymentMethodInfo: readMethodInfo(doc(draft, "paymentMethodInfo") ?? {}),
      paymentStatus: compact({
        interfaceCode: text(status, "interfaceCode"),
        interfaceText: text(status, "interfaceText"),
        state: resolveReference(world, "state", status, "state"),
      }),
      transactions: (docs(draft, "transactions") ?? []).map((one) => readTransaction(world, one)),
      interfaceInteractions: docs(draft, "interfaceInteractions") ?? [],
      custom: readCustom(world, draft, "payment"),
    };
  },
  created: ({ resource, emit }) => emit("PaymentCreated", { payment: { ...resource } }),
  actions: {
    addTransaction,
    changeTransactionState,
    changeTransactionTimestamp: ({ resource }, action) =>
      setOrRemove(transactionOf(resource, action), "timestamp", dateTime(action, "timestamp")),
    changeTransactionInteractionId: ({ resource }, action) => {
      transactionOf(resource, action).interactionId = requireText(action, "interactionId");
    },
    setTransactionInterfaceId,
    setInterfaceId,
    transitionState,
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    changeAmountPlanned: ({ resource }, action) => {
      resource.amountPlanned = readCents(action, "amount");
    },
    setCustomer: ({ resource, world }, action) =>
      setOrRemove(resource, "customer", resolveReference(world, "customer", action, "customer")),
    setStatusInterfaceCode: ({ resource, emit }, action) => {
      setOrRemove(resource.paymentStatus, "interfaceCode", text(action, "interfaceCode"));
      emit("PaymentStatusInterfaceCodeSet", compact({ interfaceCode: resource.paymentStatus.interfaceCode }));
    },
    setStatusInterfaceText: ({ resource }, action) => {
      resource.paymentStatus.interfaceText = requireText(action, "interfaceText");
    },
    setMethodInfoInterface: ({ resource }, action) => {
      resource.paymentMethodInfo.paymentInterface = requireText(action, "interface");
    },
    setMethodInfoMethod: ({ resource }, action) =>
      setOrRemove(resource.paymentMethodInfo, "method", text(action, "method")),
    addInterfaceInteraction: ({ resource, world, emit }, action) => {
      const interaction = readCustom(world, { custom: action }, "payment-interface-interaction");
      if (!interaction) return;
      resource.interfaceInteractions.push(interaction);
      emit("PaymentInteractionAdded", { interaction });
    },
    ...customActions<Payment>("payment"),
  },
};
