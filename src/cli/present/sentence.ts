import { noRelease, type Effect } from "../../plan/effect.ts";

/** What an effect does, in the words a person would use. */
export function sentence(effect: Effect): string {
  switch (effect.layer) {
    case "release":
      return releaseSentence(effect);
    case "process":
      return processSentence(effect);
    case "database":
      return "Run the migration";
    case "hook":
      return `Run the ${effect.point} hooks`;
  }
}

function releaseSentence(effect: Extract<Effect, { layer: "release" }>): string {
  switch (effect.verb) {
    case "stage":
      return `Stage release ${effect.release}`;
    case "check":
      return `Check release ${effect.release}`;
    case "switch":
      return effect.release === noRelease ? "Take current away" : `Switch current to ${effect.release}`;
    case "drain":
      return `Mark ${effect.of} ${effect.mark}, prune old releases`;
  }
}

function processSentence(effect: Extract<Effect, { layer: "process" }>): string {
  switch (effect.verb) {
    case "stage":
      return `Start ${effect.count} of ${effect.service} beside the old`;
    case "check":
      return `Check ${effect.service} before it takes traffic`;
    case "switch":
      return `Open ${effect.service}${effect.keep > 0 ? `, ${effect.keep} of the old stay` : ""}`;
    case "drain":
      return `Drain the old ${effect.service}`;
  }
}
