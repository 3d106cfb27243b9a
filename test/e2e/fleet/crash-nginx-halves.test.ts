import { describeCrashes } from "./describe-crashes.ts";

/** Beside the other strategies, in half the time. */
describeCrashes("nginx", { atEvery: ["blue-green"], aborted: [] });
