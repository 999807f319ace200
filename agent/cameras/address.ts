/**
 * What may be shown of a URL: its scheme and host. User, password, path and query stay out, as cameras take
 * passwords in each of them. A path on this machine is shown as it is.
 */
export function shownAddress(address: string): string {
  const [, scheme = '', rest] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(address) ?? [];
  if (rest === undefined) return address;
  const [authority = ''] = rest.split(/[/?#]/, 1);
  // An @ further on: a password with a slash in it was not percent-encoded, so that nothing here is sure to be the host.
  if (rest.slice(authority.length).includes('@')) return `${scheme}://...`;
  return `${scheme}://${authority.slice(authority.lastIndexOf('@') + 1)}`;
}

/** A text of another program with `address`, and every other URL, cut down to what may be shown. */
export function hideSecrets(text: string, address: string): string {
  return text.replaceAll(address, shownAddress(address)).replace(/[a-z][a-z0-9+.-]*:\/\/[^\s'"]+/gi, shownAddress);
}
