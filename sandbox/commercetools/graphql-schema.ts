/**
 * The part of the GraphQL API that back-office pages and bulk writers need. Update actions are input objects with one field,
 * `{changeQuantity: {quantity: 3}}`, and are accepted as they come.
 */
export const SDL = `
  scalar Json
  scalar DateTime
  scalar Long
  scalar Currency
  scalar Country
  scalar InventoryEntryUpdateAction
  scalar StandalonePriceUpdateAction
  scalar OrderUpdateAction
  scalar CreateInventoryEntryDraft
  scalar InventoryEntryDraft
  scalar CreateStandalonePriceDraft

  type Reference { typeId: String! id: String! }
  type KeyReference { typeId: String! key: String! }
  type Money { type: String centAmount: Long! currencyCode: Currency! fractionDigits: Int! }
  type TaxPortion { rate: Float! name: String amount: Money! }
  type TaxedPrice { totalNet: Money! totalGross: Money! totalTax: Money taxPortions: [TaxPortion!]! }
  type Channel { id: String! version: Long! key: String! roles: [String!]! }
  type State { id: String! key: String! type: String! }
  type ItemState { quantity: Long! stateRef: Reference state: State }
  type SyncInfo { channelRef: Reference! channel: Channel externalId: String syncedAt: DateTime! }
  type Address {
    country: Country! key: String firstName: String lastName: String company: String streetName: String
    streetNumber: String postalCode: String city: String region: String state: String email: String phone: String
  }
  type RawCustomField { name: String! value: Json }
  type CustomFieldsType { typeRef: Reference! customFieldsRaw: [RawCustomField!]! }
  type ProductVariant { id: Int! sku: String key: String }
  type LineItem {
    id: String! key: String productId: String name(locale: String, acceptLanguage: [String!]): String quantity: Long!
    variant: ProductVariant totalPrice: Money taxedPrice: TaxedPrice state: [ItemState!]! supplyChannelRef: Reference
    supplyChannel: Channel lineItemMode: String custom: CustomFieldsType
  }
  type CustomLineItem { id: String! slug: String! quantity: Long! totalPrice: Money! taxedPrice: TaxedPrice }
  type TrackingData { trackingId: String carrier: String provider: String }
  type Parcel { id: String! key: String createdAt: DateTime! trackingData: TrackingData }
  type DeliveryItem { id: String! quantity: Long! }
  type Delivery { id: String! key: String createdAt: DateTime! items: [DeliveryItem!]! parcels: [Parcel!]! }
  type ShippingInfo { shippingMethodName: String! price: Money! taxedPrice: TaxedPrice deliveries: [Delivery!]! }
  type ReturnItem {
    id: String! key: String quantity: Long! shipmentState: String! paymentState: String! lineItemId: String
  }
  type ReturnInfo { items: [ReturnItem!]! returnTrackingId: String returnDate: DateTime }
  type Order {
    id: String! version: Long! createdAt: DateTime! lastModifiedAt: DateTime! orderNumber: String
    purchaseOrderNumber: String customerId: String customerEmail: String country: Country origin: String
    orderState: String! shipmentState: String paymentState: String stateRef: Reference state: State
    totalPrice: Money! taxedPrice: TaxedPrice lineItems: [LineItem!]! customLineItems: [CustomLineItem!]!
    shippingInfo: ShippingInfo syncInfo: [SyncInfo!]! returnInfo: [ReturnInfo!]! storeRef: KeyReference
    inventoryMode: String billingAddress: Address shippingAddress: Address custom: CustomFieldsType
  }
  type OrderQueryResult { offset: Int! count: Int! total: Long results: [Order!]! }
  type CustomObject {
    id: String! version: Long! createdAt: DateTime! lastModifiedAt: DateTime! container: String! key: String! value: Json!
  }
  type CustomObjectQueryResult { offset: Int! count: Int! total: Long results: [CustomObject!]! }
  type InventoryEntry {
    id: String! version: Long! createdAt: DateTime! lastModifiedAt: DateTime! key: String sku: String!
    supplyChannelRef: Reference supplyChannel: Channel quantityOnStock: Long! availableQuantity: Long!
    restockableInDays: Int expectedDelivery: DateTime
  }
  type InventoryEntryQueryResult { offset: Int! count: Int! total: Long results: [InventoryEntry!]! }
  type StandalonePrice {
    id: String! version: Long! key: String sku: String! value: Money! country: Country channelRef: Reference
    customerGroupRef: Reference validFrom: DateTime validUntil: DateTime active: Boolean!
  }
  type StandalonePriceQueryResult { offset: Int! count: Int! total: Long results: [StandalonePrice!]! }
  type ChannelQueryResult { offset: Int! count: Int! total: Long results: [Channel!]! }
  type HttpDestination { type: String! url: String }
  type Extension { id: String! version: Long! key: String destination: HttpDestination! timeoutInMs: Int }
  type Limit { current: Long! limit: Long }
  type ProjectQueryLimits { extensions: Limit! subscriptions: Limit! customObjects: Limit! products: Limit! }
  type ProjectLimits { query: ProjectQueryLimits! }
  type MessagesConfiguration { enabled: Boolean! deleteDaysAfterCreation: Int! }
  type Project {
    key: String! name: String! version: Long! countries: [Country!]! currencies: [Currency!]! languages: [String!]!
    messages: MessagesConfiguration!
  }

  type Query {
    project: Project!
    limits: ProjectLimits!
    customObject(id: String, container: String, key: String): CustomObject
    customObjects(container: String, where: String, sort: [String!], limit: Int, offset: Int): CustomObjectQueryResult!
    order(id: String, orderNumber: String): Order
    orders(where: String, sort: [String!], limit: Int, offset: Int): OrderQueryResult!
    inventoryEntry(id: String, key: String): InventoryEntry
    inventoryEntries(where: String, sort: [String!], limit: Int, offset: Int): InventoryEntryQueryResult!
    standalonePrice(id: String, key: String): StandalonePrice
    standalonePrices(where: String, sort: [String!], limit: Int, offset: Int): StandalonePriceQueryResult!
    channel(id: String, key: String): Channel
    channels(where: String, sort: [String!], limit: Int, offset: Int): ChannelQueryResult!
    extension(id: String, key: String): Extension
  }

  input CustomObjectDraft { container: String! key: String! value: String! version: Long }

  type Mutation {
    createOrUpdateCustomObject(draft: CustomObjectDraft!): CustomObject!
    deleteCustomObject(id: String, container: String, key: String, version: Long): CustomObject!
    createInventoryEntry(draft: CreateInventoryEntryDraft!): InventoryEntry!
    updateInventoryEntry(id: String, key: String, version: Long!, actions: [InventoryEntryUpdateAction!]!): InventoryEntry!
    createStandalonePrice(draft: CreateStandalonePriceDraft!): StandalonePrice!
    updateStandalonePrice(id: String, key: String, version: Long!, actions: [StandalonePriceUpdateAction!]!): StandalonePrice!
    updateOrder(id: String, orderNumber: String, version: Long!, actions: [OrderUpdateAction!]!): Order!
  }
`;
