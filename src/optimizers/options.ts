import { must } from '../core/error.ts';

/** Throws unless `value` is finite and at least 0. */
export function atLeastZero(name: string, value: number): void {
  check(Number.isFinite(value) && value >= 0, name, value, 'a finite number, 0 or more');
}

/** Throws unless `value` is finite and more than 0. */
export function aboveZero(name: string, value: number): void {
  check(Number.isFinite(value) && value > 0, name, value, 'a finite number above 0');
}

/** Throws unless `0 <= value < 1`. */
export function belowOne(name: string, value: number): void {
  check(value >= 0 && value < 1, name, value, 'from 0 up to, but not including, 1');
}

/** Throws unless `value` is a whole number of at least `least`. */
export function wholeNumber(name: string, value: number, least: number): void {
  check(Number.isSafeInteger(value) && value >= least, name, value, `a whole number, ${least} or more`);
}

function check(holds: boolean, name: string, value: number, allowed: string): void {
  must(holds, () => ({ rule: `${name} is ${allowed}`, received: String(value), next: `Change ${name}` }));
}
