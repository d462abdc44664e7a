/** What checkout-auth.ts reads with its first question: a module, because a bundle gives a CommonJS package no names. */
export { Errorx, setupPaymentSDK } from "@commercetools/connect-payments-sdk";
