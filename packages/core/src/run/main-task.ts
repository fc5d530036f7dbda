/** The name of the task of a run that has but one. */
export const mainTask = "main";
