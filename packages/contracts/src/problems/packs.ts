import type { Wording } from "./wording.ts";

/** Packs: where they come from, which version answers, and whether one can be loaded. */
export const packProblems = {
  pack_invalid: { message: "{file}:{line}:{column}: {what}", hint: "{suggestion}", retry: false },
  packs_missing: {
    message: "No pack could be loaded, so no command is known.",
    hint: "Mend what is named above; `bellhop pack check DIR` says it again.",
    retry: false,
  },
  pack_unavailable: {
    message: "Version {digest} of {pack} can't be fetched.",
    hint: "Install it again, or activate another version (`bellhop pack list`). One that lies in a watched folder comes back when one of its files is saved.",
    retry: true,
  },
  pack_foreign: {
    message: "{pack} {version} has dependencies that are made for {platform}, and this runner is on {own}.",
    hint: "Install it on a machine like this one (`bellhop pack install`), or let runners on {platform} have its pool.",
    retry: true,
  },
  pack_spec_unclear: {
    message: "{spec} names no pack that could be had: {why}.",
    hint: "Give a package (@acme/pack-deploy, npm:deploy@^2), a tarball, a git address (github:acme/deploy#v1), a folder (./packs/deploy) or exchange:NAME.",
    retry: false,
  },
  pack_source_refused: {
    message: "{source} is no source that packs may come from here: {why}.",
    hint: "{suggestion}",
    retry: false,
  },
  pack_not_found: { message: "{spec} can't be found: {why}.", hint: "{suggestion}", retry: false },
  pack_unreachable: { message: "{spec} can't be fetched: {why}.", hint: "{suggestion}", retry: true },
  pack_archive_refused: {
    message: "The archive of {spec} is refused: {why}.",
    hint: "Nothing of it was unpacked into the installation. Whoever made it has to pack it anew, as `npm pack` does.",
    retry: false,
  },
  pack_signature_invalid: {
    message: "The signature of {spec} is refused: {why}.",
    hint: "What the registry gave is not what was published, or its keys are not its own. Nothing was installed; ask whoever looks after the registry.",
    retry: false,
  },
  pack_unknown: { message: "There is no pack {pack}.", hint: "{suggestion}", retry: false },
  pack_version_unknown: { message: "{pack} has no version {version} here.", hint: "{suggestion}", retry: false },
  pack_version_ambiguous: {
    message: "{pack} has {count} versions that {version} fits: {candidates}.",
    hint: "Give the first characters of a digest in the place of the version, e.g. {example}.",
    retry: false,
  },
  pack_active: {
    message: "{pack} {version} answers now.",
    hint: "Activate another version first, or say --yes: then {pack} answers no more.",
    retry: false,
  },
  pack_other_source: {
    message: "{pack} answers from {old} now; {spec} is somebody else's pack of the same name.",
    hint: "If that is meant, say so with --replace.",
    retry: false,
  },
  template_refused: { message: "{place}: {expression} can't stand {where}.", hint: "{suggestion}", retry: false },
} as const satisfies Record<string, Wording>;
