import type { Wording } from "./wording.ts";

/** An installation: its processes, its configuration, its backups. */
export const installationProblems = {
  config_invalid: { message: "Faults in the configuration: {count}\n{faults}", hint: "Mend them and start again.", retry: false },
  not_running: { message: "Nothing is running here ({folder}).", hint: "Start it with `npm start` in this folder.", retry: false },
  stopped_meanwhile: {
    message: "Bellhop has stopped here ({folder}).",
    hint: "Replies that are still to come are shown at the next prompt: `npm start`.",
    retry: false,
  },
  part_ended: { message: "The {part} ended ({how}).", hint: "Its log says more: {log}", retry: true },
  part_gave_up: {
    message: "The {part} failed {count} times within a minute and is not started again; the last time: {why}",
    hint: "Its log says more: {log}",
    retry: false,
  },
  backup_unreadable: {
    message: "{file} can't be restored: {why}.",
    hint: "{next}",
    retry: false,
  },
  backup_exists: {
    message: "{file} is there already.",
    hint: "Name another file: a backup never takes the place of another.",
    retry: false,
  },
  backup_live: {
    message: "This backup was made while Bellhop ran, so what was under way then was done since.",
    hint: "Leave --resume out: runs that may have been done end abandoned, and their people are told.",
    retry: false,
  },
  key_differs: {
    message: "{file} is another key than the one in the backup.",
    hint: "Restore into another folder (BELLHOP_FOLDER), or move that file away if nothing needs it.",
    retry: false,
  },
  installation_used: {
    message: "This installation is in use: {what}.",
    hint: "Restore into a new one: another folder (BELLHOP_FOLDER), or a NATS account with nothing of Bellhop's in it. Nothing was changed.",
    retry: false,
  },
  restore_unfinished: {
    message: "A restore was begun here and not finished: {what}.",
    hint: "Do it again: `bellhop restore FILE` with the same file begins anew.",
    retry: false,
  },
  still_running: {
    message: "Bellhop runs in {folder} (process {pid}).",
    hint: "Stop it first; a restore needs an installation in which nothing runs.",
    retry: false,
  },
} as const satisfies Record<string, Wording>;
