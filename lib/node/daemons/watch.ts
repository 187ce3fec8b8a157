import { WATCH } from "../../model/daemon-name.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import type { Daemon } from "./daemon.js";

/** The agent's own service on every node, which runs the periodic health checks of the manifest. */
export const watch: Daemon<{ readonly profile: PlatformProfile }> = ({ profile }) => ({
  service: {
    name: WATCH,
    command: [`${profile.paths.agent}/dns-lb-agent`, "--state", "{state}", "--run", "{run}", "watch"],
    user: profile.watchUser,
    check: [],
    reload: [],
    settings: {},
    restartOn: [],
    keepsData: false,
    listeners: [],
  },
});
