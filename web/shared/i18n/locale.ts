/** The language of the page, and dictionaries that must be complete to compile. */

import { signal } from "@preact/signals";
import type { Locale } from "../types.ts";

const KEPT_AS = "ilotier.locale";

export const locale = signal<Locale>(kept());

export function setLocale(next: Locale): void {
  locale.value = next;
  try {
    localStorage.setItem(KEPT_AS, next);
  } catch {
    // A browser without storage forgets the choice; the account still has it.
  }
  if (typeof document !== "undefined") document.documentElement.lang = next;
}

/** What a `{name}` in a sentence is replaced by. */
export type Values = Readonly<Record<string, string | number>>;
export type Say<Key extends string> = (key: Key, values?: Values) => string;

/** A function that says a sentence of the dictionary in the page's language. */
export function dictionary<const Fr extends Record<string, string>>(
  fr: Fr,
  en: { readonly [Key in keyof Fr]: string },
): Say<keyof Fr & string> {
  return (key, values = {}) => fill((locale.value === "fr" ? fr : en)[key] ?? key, values);
}

const BLANK = /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g;

/** `{count}` is the value; `{count|image|images}` the word that goes with it, by the language. */
export function fill(sentence: string, values: Values): string {
  return sentence.replace(BLANK, (whole, name: string, one?: string, other?: string) => {
    const value = values[name];
    if (one === undefined || other === undefined) return String(value ?? whole);
    return new Intl.PluralRules(locale.value).select(Number(value)) === "one" ? one : other;
  });
}

/** A number as it is written in the page's language, with so many decimals. */
export function sayNumber(value: number, decimals = 0): string {
  return new Intl.NumberFormat(locale.value, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value);
}

function kept(): Locale {
  try {
    return localStorage.getItem(KEPT_AS) === "en" ? "en" : "fr";
  } catch {
    return "fr"; // French first
  }
}
