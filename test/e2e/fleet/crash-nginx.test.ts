import { describeCrashes } from "./describe-crashes.ts";

describeCrashes("nginx", { atEvery: ["rolling"], aborted: ["rolling", "blue-green", "canary"] });
