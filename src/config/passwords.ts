/** A text without the passwords of the URLs in it. */
export function hidePasswords(text: string, mask: string = "***"): string {
  return text.replace(/(:\/\/[^/\s:@]*:)[^/\s?#]+@/g, `$1${mask}@`);
}
