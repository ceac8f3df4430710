/** Numbers as the reader's language writes them. */

import { locale } from "../../../shared/i18n/index.ts";

export function number(value: number, digits: number): string {
  return value.toLocaleString(locale.value, { maximumFractionDigits: digits });
}

/** What is there is never written as nothing: `< 0,1` day. */
export function atLeast(value: number, digits: number): string {
  const least = 10 ** -digits;
  return value > 0 && shown(value, digits) === 0 ? `< ${number(least, digits)}` : number(value, digits);
}

/** The value that `number` writes: the word beside it goes with what is read. */
export function shown(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

export function percent(share: number | null): string {
  if (share === null) return "";
  return share.toLocaleString(locale.value, { style: "percent", maximumFractionDigits: 0 });
}
