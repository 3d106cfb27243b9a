import { describeCrashes } from "./describe-crashes.ts";

describeCrashes("nginx", ["rolling", "blue-green"]);
