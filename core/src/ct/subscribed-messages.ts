/**
 * The Messages that the connector listens to, each with its reason. A Message is only a hint to read the resource again, so
 * a type is listed when it can change what IFS should know; everything else would be noise. Customer Messages are not listed:
 * an order carries its own addresses, e-mail and group, and their changes on the order are Messages of the order; and the IFS
 * number that the connector writes on a customer must not come back as work.
 */
export const orderMessages = {
  OrderCreated: "a new order",
  OrderCreatedFromRecurringOrder: "sent instead of OrderCreated for orders of a subscription",
  OrderImported: "sent instead of OrderCreated for imported orders",
  OrderDeleted: "an order that is gone can't be exported or kept in step any more",
  OrderStateChanged: "the export rule names order states; Cancelled is taken to IFS",
  OrderStateTransition: "custom workflow states can be part of the export rule",
  OrderPaymentStateChanged: "the export rule names payment states",
  OrderShipmentStateChanged: "a status that IFS owns was changed by somebody else",
  OrderPaymentAdded: "payment by invoice or provider decides about terms and export",
  OrderPaymentRemoved: "as OrderPaymentAdded",
  OrderCustomerSet: "decides which IFS customer the order belongs to",
  OrderCustomerEmailSet: "contact data of the IFS order",
  OrderCustomerGroupSet: "routes can depend on the customer group",
  OrderBusinessUnitSet: "routes can depend on the business unit",
  OrderStoreSet: "routes can depend on the store",
  OrderBillingAddressSet: "invoice address",
  OrderShippingAddressSet: "delivery address",
  OrderShippingInfoSet: "shipping method and charge",
  OrderShippingRateInputSet: "shipping charge",
  OrderPurchaseOrderNumberSet: "becomes IFS CustomerPoNo",
  OrderCustomFieldAdded: "custom fields can be mapped to IFS fields",
  OrderCustomFieldChanged: "as OrderCustomFieldAdded",
  OrderCustomFieldRemoved: "as OrderCustomFieldAdded",
  OrderCustomTypeSet: "as OrderCustomFieldAdded",
  OrderCustomTypeRemoved: "as OrderCustomFieldAdded",
  OrderLineItemAdded: "what is ordered",
  OrderLineItemRemoved: "what is ordered",
  OrderLineItemDiscountSet: "what it costs",
  OrderLineItemDistributionChannelSet: "routes can depend on the channel",
  OrderCustomLineItemAdded: "becomes an IFS charge",
  OrderCustomLineItemRemoved: "as OrderCustomLineItemAdded",
  OrderCustomLineItemQuantityChanged: "as OrderCustomLineItemAdded",
  OrderCustomLineItemDiscountSet: "as OrderCustomLineItemAdded",
  OrderDiscountCodeAdded: "what it costs",
  OrderDiscountCodeRemoved: "what it costs",
  OrderEditApplied: "an edit changes anything of an order and sends no change notification of its own",
  ReturnInfoAdded: "a return announced or received in the shop",
  ReturnInfoSet: "as ReturnInfoAdded",
  OrderReturnShipmentStateChanged: "returned goods were judged",
} as const;

export const paymentMessages = {
  PaymentCreated: "an order may wait for its payment",
  PaymentTransactionAdded: "authorization, charge or refund: the export rule is judged again",
  PaymentTransactionStateChanged: "a pending transaction became final",
  PaymentStatusStateTransition: "payment workflow states can be part of the export rule",
  PaymentStatusInterfaceCodeSet: "the provider's own status changed",
} as const;
