import type { Wording } from "./wording.ts";

/** The configuration of packs. */
export const packConfigProblems = {
  pack_config_none: { message: "The pack {pack} has nothing to configure.", hint: "Leave config={instance} out.", retry: false },
  pack_config_missing: {
    message: "{who} needs {names} in the configuration of {pack}{instance}.",
    hint: "Whoever looks after the installation sets it with: {command}",
    retry: false,
  },
  pack_config_invalid: {
    message: "{name} in the configuration of {pack}{instance} can't be {found}{where}.",
    hint: "It takes {expected}. {next}",
    retry: false,
  },
  pack_config_template: {
    message: "{name} in the configuration of {pack}{instance} can't be taken from the datastore: {why}.",
    hint: "{next}",
    retry: false,
  },
  pack_config_unknown: {
    message: "The configuration of {pack} has nothing called {name}.",
    hint: "{suggestion}",
    retry: false,
  },
  pack_config_instance_unknown: {
    message: "There is no instance {instance} of the configuration of {pack}.",
    hint: "{suggestion} A new one is made with: {command}",
    retry: false,
  },
  config_key_missing: {
    message: "There is no key file {key}, so no runner could open what is sealed here.",
    hint: "Set secrets of {pack} on a machine where an engine or a runner works, or copy their key file here (mode 0600). A runner's own environment will do as well: BELLHOP_CONFIG_<PACK>_<NAME>.",
    retry: false,
  },
  pack_config_unread: {
    message: "The configuration of {pack} can't be read: {why}.",
    hint: "{next}",
    retry: false,
  },
} as const satisfies Record<string, Wording>;
