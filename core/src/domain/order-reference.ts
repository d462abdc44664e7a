/** `ExternalRef` of an IFS order: this connector writes the id of the commercetools order, other integrations write other things. */

const COMMERCETOOLS_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Has the form of an id of commercetools; whether such an order exists, in this project or in another, is not known by that. */
export const isOrderReference = (reference: string | null): reference is string =>
  reference !== null && COMMERCETOOLS_ID.test(reference);
