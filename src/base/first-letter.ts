/** The first letter of words that are put together: a sentence begins with a capital, what follows a colon does not. */

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const uncapitalised = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
