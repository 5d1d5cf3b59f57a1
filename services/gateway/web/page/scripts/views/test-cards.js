/** Stripe's test cards by their names (docs.stripe.com/testing): no card number ever passes through this page. */

/** @type {{id: string, brand: string, ending: string, behaviour: "pays" | "asks" | "declines" | "asks_and_declines"}[]} */
export const TEST_CARDS = [
  { id: "pm_card_visa", brand: "Visa", ending: "4242", behaviour: "pays" },
  { id: "pm_card_authenticationRequired", brand: "Visa", ending: "3184", behaviour: "asks" },
  { id: "pm_card_chargeCustomerFail", brand: "Visa", ending: "0341", behaviour: "declines" },
  { id: "pm_card_threeDSecureRequiredChargeDeclined", brand: "Visa", ending: "1629", behaviour: "asks_and_declines" },
];
