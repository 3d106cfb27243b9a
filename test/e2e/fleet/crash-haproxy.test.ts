import { describeCrashes } from "./describe-crashes.ts";

describeCrashes("haproxy", { atEvery: ["canary"], aborted: ["rolling", "blue-green", "canary"] });
