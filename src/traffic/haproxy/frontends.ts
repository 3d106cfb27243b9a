import { sectionsOf } from "./lines.ts";

const polite = /^\s*option\s+idle-close-on-response(\s|$)/;

/** Frontends whose idle connections a reload closes at once: neither they nor the defaults they follow say otherwise. */
export function hastyFrontends(config: string): readonly string[] {
  let isPoliteByDefault = false;
  return sectionsOf(config).flatMap(({ words: [kind, name = ""], lines }) => {
    const isPolite = lines.some((line) => polite.test(line));
    if (kind === "defaults") isPoliteByDefault = isPolite;
    const isFrontend = kind === "frontend" || kind === "listen";
    return isFrontend && !isPolite && !isPoliteByDefault ? [name] : [];
  });
}
