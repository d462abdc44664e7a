/**
 * The Messages that the connector listens to, each with its reason. A Message is only a hint to read the resource again, so
 * a type is listed when it can change what IFS should know; everything else would be noise. What has no Message of its own
 * (a VAT id, a locale) is found by the sweep of customers, which needs none.
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

/**
 * Only looked at where customers are the routes' own and their changes flow. CustomerExternalIdSet is not listed: the IFS number
 * that the connector writes on a customer must not come back as work.
 */
export const customerMessages = {
  CustomerCreated: "a route may make the IFS customer at sign-up",
  CustomerFirstNameSet: "name of the IFS customer",
  CustomerLastNameSet: "as CustomerFirstNameSet",
  CustomerCompanyNameSet: "as CustomerFirstNameSet",
  CustomerEmailChanged: "e-mail address of the IFS customer",
  CustomerGroupSet: "routes and fields of the IFS customer can depend on the group",
  CustomerGroupAssignmentAdded: "as CustomerGroupSet",
  CustomerGroupAssignmentRemoved: "as CustomerGroupSet",
  CustomerGroupAssignmentsSet: "as CustomerGroupSet",
  CustomerStoresSet: "routes can depend on the store",
  CustomerAddressAdded: "an address of the IFS customer",
  CustomerAddressChanged: "as CustomerAddressAdded",
  CustomerAddressRemoved: "as CustomerAddressAdded",
  CustomerDefaultShippingAddressSet: "default of its address types",
  CustomerDefaultBillingAddressSet: "default of its address types; its country and telephone",
  CustomerCustomFieldAdded: "custom fields can be fields of the IFS customer",
  CustomerCustomFieldChanged: "as CustomerCustomFieldAdded",
  CustomerCustomFieldRemoved: "as CustomerCustomFieldAdded",
  CustomerCustomTypeSet: "as CustomerCustomFieldAdded",
  CustomerCustomTypeRemoved: "as CustomerCustomFieldAdded",
} as const;

export const businessUnitMessages = {
  BusinessUnitCreated: "as CustomerCreated",
  BusinessUnitNameChanged: "name of the IFS customer",
  BusinessUnitContactEmailSet: "its e-mail address",
  BusinessUnitStoresSet: "routes can depend on the store",
  BusinessUnitStoreAdded: "as BusinessUnitStoresSet",
  BusinessUnitStoreRemoved: "as BusinessUnitStoresSet",
  BusinessUnitAddressAdded: "an address of the IFS customer",
  BusinessUnitAddressChanged: "as BusinessUnitAddressAdded",
  BusinessUnitAddressRemoved: "as BusinessUnitAddressAdded",
  BusinessUnitDefaultShippingAddressSet: "default of its address types",
  BusinessUnitDefaultBillingAddressSet: "default of its address types; its country and telephone",
  BusinessUnitCustomFieldAdded: "custom fields can be fields of the IFS customer",
  BusinessUnitCustomFieldChanged: "as BusinessUnitCustomFieldAdded",
  BusinessUnitCustomFieldRemoved: "as BusinessUnitCustomFieldAdded",
  BusinessUnitCustomTypeSet: "as BusinessUnitCustomFieldAdded",
  BusinessUnitCustomTypeRemoved: "as BusinessUnitCustomFieldAdded",
} as const;
